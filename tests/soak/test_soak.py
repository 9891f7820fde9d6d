"""Everything at once on the real server, which is killed, filled and put to other times: `python -m tests.soak`."""

import subprocess
import sys

import pytest

from tests.migrated import migrated_file
from tests.server import ROOT

EVENTS = ("all killed", "clock behind", "disk full", "worker killed")


@pytest.mark.any_day
@pytest.mark.sqlite_only
@pytest.mark.skipif(sys.platform != "linux", reason="it looks at the server's processes in /proc")
def test_what_was_answered_is_stored_and_shown_after_all_that_can_happen_to_a_server(tmp_path, tmp_path_factory):
    options = ["--seed", 1, "--events", len(EVENTS), "--pause", 2, "--rate", 0.7, "--folder", tmp_path / "soak"]
    options += ["--migrated", migrated_file(tmp_path_factory)]
    only = [f"--only={name}" for name in EVENTS]
    command = [sys.executable, "-m", "tests.soak", *map(str, options), *only]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=1200, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    print(done.stdout)  # noqa: T201
