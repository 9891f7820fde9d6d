"""No acknowledged reading is lost, and none is stored twice, whatever is killed: `python -m tests.crash`."""

import subprocess
import sys

import pytest
from django.db import connection

from tests.migrated import migrated_file
from tests.server import ROOT

SECONDS = 12


@pytest.mark.every_database
def test_what_was_acknowledged_is_there_once_after_kills_at_random_moments(tmp_path_factory):
    command = [sys.executable, "-m", "tests.crash", "--seconds", str(SECONDS), "--seed", "8"]
    is_on_sqlite = connection.vendor == "sqlite"
    on = ["--migrated", migrated_file(tmp_path_factory)] if is_on_sqlite else ["--postgresql"]
    done = subprocess.run([*command, *on], cwd=ROOT, capture_output=True, text=True, timeout=1200, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    print(done.stdout)  # noqa: T201
