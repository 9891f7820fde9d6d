"""Tests that depend on a calendar can run on any day."""

import subprocess
import sys

import pytest

from tests import dates
from tests.server import ROOT

pytestmark = pytest.mark.sqlite_only

DATE = "import datetime; print(datetime.datetime.now(datetime.UTC).date())"
# It waits like a server, and asks a program that it starts.
PROGRAM = (
    f"import subprocess, sys, time; time.sleep(0.01); subprocess.run([sys.executable, '-c', {DATE!r}], check=True)"
)


@pytest.mark.skipif(dates.faketime() is None, reason="there is no faketime: install Debian's faketime")
@pytest.mark.parametrize("date", dates.IN_CI)
def test_a_program_and_what_it_starts_have_the_date(date):
    command = ["faketime", date, sys.executable, "-c", PROGRAM]
    assert subprocess.check_output(command, env=dates.of_today(), text=True).strip() == date.split()[0]


@pytest.mark.parametrize("path", dates.LOOKS_AT_A_CALENDAR)
def test_what_is_run_on_other_days_is_there(path):
    assert list((ROOT / path).glob("test_*.py"))
