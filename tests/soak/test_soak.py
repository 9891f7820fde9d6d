"""Everything at once on the real server, which is killed, filled and put to other times: `python -m tests.soak`."""

import subprocess
import sys

import pytest

from tests.server import ROOT

EVENTS, SEED = 4, 191  # All killed, the disk full, the clock behind, a worker killed.


@pytest.mark.any_day
@pytest.mark.sqlite_only
@pytest.mark.skipif(sys.platform != "linux", reason="it looks at the server's processes in /proc")
def test_what_was_answered_is_stored_and_shown_after_all_that_can_happen_to_a_server(tmp_path):
    options = ["--events", EVENTS, "--seed", SEED, "--pause", 2, "--rate", 0.7, "--folder", tmp_path / "soak"]
    command = [sys.executable, "-m", "tests.soak", *map(str, options)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=1200, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    print(done.stdout)  # noqa: T201
