"""Days of 23 and 25 hours on a chart, for a viewer in a zone that sets its clocks on other days."""

import json
import re
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from readings.calendar.clocks import clocks_for_scripts
from tests.pages.conftest import LOAD
from tests.pages.viewer import drawn

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]

MINUTE, HOUR, DAY, MONTH = 60, 3600, 86_400, 30 * 86_400
AXIS = """async ([clocks, start, end, step]) => {
    const { TimeAxis } = await import("/static/js/chart/time_axis.js");
    const [{ Moments }, { Zone }] = [await import("/static/js/lib/times.js"), await import("/static/js/lib/zone.js")];
    const axis = new TimeAxis(new Moments(new Zone(clocks)));
    const marks = axis.marks(start, end, step);
    return [marks, axis.labels(marks, step)];
}"""


@pytest.fixture
def axis(page):
    """Ask a page's own axis for its marks and labels, in a browser in Auckland's zone."""
    page.goto("/stations/1/")
    return lambda zone, *asked: page.evaluate(AXIS, [clocks(zone), *asked])


def clocks(zone: str) -> dict[str, Any]:
    return clocks_for_scripts(ZoneInfo(zone), datetime.now(UTC))


def day(zone: str, *parts: int) -> tuple[float, float]:
    """Return a day's first moment and the next day's."""
    first = date(*parts)
    return midnight(zone, first), midnight(zone, first + timedelta(days=1))


def midnight(zone: str, day: date) -> float:
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).timestamp()


def clock(zone: str, at: float) -> str:
    return f"{datetime.fromtimestamp(at, ZoneInfo(zone)):%H:%M}"


@pytest.mark.parametrize(
    ("zone", "parts", "step", "marks"),
    [
        ("Europe/Berlin", (2026, 10, 25), HOUR, 26),
        ("Europe/Berlin", (2026, 3, 29), HOUR, 24),
        ("America/New_York", (2026, 11, 1), HOUR, 26),
        ("Australia/Lord_Howe", (2026, 4, 5), 30 * MINUTE, 50),
        ("Australia/Lord_Howe", (2026, 10, 4), 30 * MINUTE, 48),
        ("Asia/Kathmandu", (2026, 5, 3), HOUR, 25),
        ("Pacific/Auckland", (2026, 4, 5), HOUR, 26),
    ],
)
def test_each_hour_of_a_days_clocks_is_marked_as_often_as_it_is(axis, zone, parts, step, marks):
    start, end = day(zone, *parts)
    found, labels = axis(zone, start, end, step)
    quarters = range(int(start), int(end) + 1, 15 * MINUTE)
    local = {at: datetime.fromtimestamp(at, ZoneInfo(zone)) for at in quarters}
    assert found == [at for at, when in local.items() if when.minute % (step // MINUTE) == 0]
    assert len(found) == marks
    assert [label.partition("\n")[0] for label in labels] == [clock(zone, at) for at in found]


def test_an_hour_that_comes_twice_says_which_it_is(axis):
    _, labels = axis("Europe/Berlin", *day("Europe/Berlin", 2026, 10, 25), HOUR)
    assert labels[:5] == ["00:00\n25 Oct 2026", "01:00", "02:00\nCEST", "02:00\nCET", "03:00"]
    assert labels[-1] == "00:00\n26 Oct"
    _, labels = axis("Europe/Berlin", *day("Europe/Berlin", 2026, 3, 29), HOUR)
    assert labels[:4] == ["00:00\n29 Mar 2026", "01:00", "03:00", "04:00"]


@pytest.mark.parametrize("step", [2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR])
def test_marks_of_several_hours_keep_their_distance_and_the_clocks_round_hours(axis, step):
    start, end = day("Europe/Berlin", 2026, 10, 24)[0], day("Europe/Berlin", 2026, 10, 26)[1]
    found, _ = axis("Europe/Berlin", start, end, step)
    assert {int(clock("Europe/Berlin", at)[:2]) * HOUR % step for at in found} == {0}
    assert min(after - before for before, after in pairwise(found)) >= 0.75 * step


@pytest.mark.parametrize(
    "zone",
    [
        *("Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe"),
        # Clocks set at midnight: a day begins at 01:00, or its first hour comes twice.
        *("Africa/Cairo", "Asia/Beirut", "America/Havana", "Atlantic/Azores"),
    ],
)
def test_days_are_marked_at_the_stations_midnights(axis, zone):
    first, count = date(2026, 1, 1), 365
    start, end = midnight(zone, first), midnight(zone, date(2026, 12, 31))
    days = [first + timedelta(days=n) for n in range(count)]
    expected = [midnight(zone, each) for each in days]
    found, labels = axis(zone, start, end, DAY)
    assert found == expected
    assert labels[:2] == ["1 Jan\n2026", "2 Jan"]
    mondays, _ = axis(zone, start, end, 7 * DAY)
    assert mondays == [at for each, at in zip(days, expected, strict=True) if each.weekday() == 0]
    months, names = axis(zone, start, end, MONTH)
    assert months == [at for each, at in zip(days, expected, strict=True) if each.day == 1]
    assert names[:2] == ["Jan\n2026", "Feb"]


def test_years_are_marked_where_they_begin(axis):
    zone = "Europe/Berlin"
    found, labels = axis(zone, midnight(zone, date(2019, 6, 1)), midnight(zone, date(2026, 6, 1)), 2 * 365 * DAY)
    assert labels == ["2020", "2022", "2024", "2026"]
    assert found[0] == midnight(zone, date(2020, 1, 1))


def test_marks_speak_the_pages_language(page):
    page.goto("/stations/1/?lang=de")
    zone = "Europe/Berlin"
    asked = (clocks(zone), midnight(zone, date(2026, 2, 28)), midnight(zone, date(2026, 3, 2)))
    assert page.evaluate(AXIS, [*asked, DAY])[1] == ["28. Feb.\n2026", "1. März", "2. März"]
    assert page.evaluate(AXIS, [*asked, 12 * HOUR])[1][:2] == ["00:00\n28. Feb. 2026", "12:00"]


def last_change(zone: str) -> datetime:
    """Return the moment at which the clocks were last set back."""
    at = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    hour = timedelta(hours=1)
    while at.astimezone(ZoneInfo(zone)).utcoffset() >= (at - hour).astimezone(ZoneInfo(zone)).utcoffset():
        at -= hour
    return at


def test_the_cursor_says_which_of_two_hours_it_reads(page):
    berlin = json.dumps(clocks("Europe/Berlin"))

    def in_berlin(route):
        answer = route.fetch()
        route.fulfill(response=answer, body=re.sub(r'"zone": {.*?}', f'"zone": {berlin}', answer.text()))

    change = last_change("Europe/Berlin")
    start, end = (f"{change + timedelta(hours=n):%Y-%m-%dT%H:%M:%SZ}" for n in (-1, 1))
    page.route("**/stations/1/?start*", in_berlin)
    page.goto(f"/stations/1/?start={start}&end={end}")
    drawn(page)
    slider = page.locator(".plot").first
    slider.focus()
    page.keyboard.press("Home")
    expect(slider).to_have_attribute("aria-valuetext", re.compile(r"^02:\d\d CEST: "))
    page.keyboard.press("End")
    expect(slider).to_have_attribute("aria-valuetext", re.compile(r"^02:\d\d CET: "))


BEHIND = f"""async () => {{
    {LOAD}
    const [[visit], {{ Clock }}] = [performance.getEntriesByType("navigation"), await load("lib/times")];
    return [visit.transferSize < visit.encodedBodySize, Date.now() / 1000 - new Clock(Date.now() - 30_000).now()];
}}"""


def test_a_page_that_the_browser_had_already_does_not_set_the_clock_back(page):
    """What the page says is the moment at which it was drawn."""
    page.goto("/stations/1/?period=week")
    is_old, behind_s = page.evaluate(BEHIND)
    assert (is_old, round(behind_s)) == (False, 30)
    for _ in range(3):  # A minute may have begun, and with it another page.
        page.goto("/")
        page.goto("/stations/1/?period=week")
        is_old, behind_s = page.evaluate(BEHIND)
        if is_old:
            break
    assert (is_old, round(behind_s)) == (True, 0)
