"""Runs the tests that depend on a calendar, on other days: `python -m tests.dates [pytest arguments]`.

libfaketime sets the clock for the tests and for all programs that they start, Chromium too.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from typing import Any

from freetemp.installation import foreground
from tests.programs import environment_of_tests

# Moments at which a page, a test or a calendar may be wrong: an hour before an end, or in the middle of an odd day.
DATES = {
    "2026-11-30 23:10 UTC": "the end of a month of 30 days",
    "2026-12-31 23:10 UTC": "the end of a month of 31 days, and of a year",
    "2027-01-01 00:10 UTC": "the first minutes of a year",
    "2027-02-28 23:10 UTC": "the end of a month of 28 days",
    "2027-03-14 12:00 UTC": "New York's day of 23 hours",
    "2027-03-28 12:00 UTC": "Berlin's day of 23 hours",
    "2027-05-31 12:00 UTC": "a Monday that is the last day of its month",
    "2027-10-31 12:00 UTC": "Berlin's day of 25 hours, the last of its month",
    "2027-11-07 12:00 UTC": "New York's day of 25 hours",
    "2028-02-29 12:00 UTC": "29 February",
    "2028-03-01 00:10 UTC": "the day after 29 February",
    "2028-12-31 23:10 UTC": "the 366th day of a year",
}
IN_CI = ["2027-02-28 23:10 UTC", "2028-02-29 12:00 UTC"]
# Tests of code that asks for the present day: pages, files and answers to programs.
ASKS_FOR_THE_DAY = [
    *(f"tests/readings/{name}" for name in ("api", "charts", "compare", "display", "files", "pages")),
    "tests/freetemp/overview",
    "tests/stations/admin",
]
LOOKS_AT_A_CALENDAR = [
    *ASKS_FOR_THE_DAY,
    *(f"tests/readings/{name}" for name in ("almanac", "calendar", "history", "models", "rollups", "treatment")),
    *("tests/outages", "tests/stations", "tests/pages"),
]
NOTHING_COLLECTED = 5


def faketime() -> str | None:
    return shutil.which("faketime")


def run(dates: list[str], arguments: list[str], folders: list[str], **options: Any) -> int:
    """Run all dates. Return 0, or the exit code of the first date on which a test failed."""
    pytest = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments, *folders]
    codes = [run_on(date, pytest, **options) for date in dates]
    return next((code for code in codes if code not in (0, NOTHING_COLLECTED)), 0)


def run_on(date: str, command: list[str], today: Sequence[str] = (), **options: Any) -> int:
    """Run a command on another day. Another one may start it, which has today."""
    print(f"\n== {date}: {DATES[date]}", file=options.get("stdout"), flush=True)
    return foreground(*today, "faketime", date, *command, env=of_today(), **options)


def of_today() -> dict[str, str]:
    """Return the tests' environment without another faked day. If this already runs on one, the two would add up."""
    return {name: value for name, value in environment_of_tests().items() if name not in ("LD_PRELOAD", "FAKETIME")}


def main() -> int:
    if faketime() is None:
        sys.exit("There is no faketime here: on Debian and Ubuntu, sudo apt install faketime")
    return run(list(DATES), sys.argv[1:], LOOKS_AT_A_CALENDAR)


if __name__ == "__main__":
    sys.exit(main())
