"""What a broker has acknowledged is stored once, whenever listen_mqtt is killed: `python -m tests.crash.mqtt`."""

import os
import subprocess
import sys

import pytest

from tests.mosquitto import mosquitto
from tests.server import ROOT

pytestmark = [pytest.mark.sqlite_only, pytest.mark.any_day]


def test_messages_are_stored_once_though_listen_mqtt_is_killed_at_random_moments():
    if mosquitto() is None:
        report = pytest.fail if "CI" in os.environ else pytest.skip
        report("there is no mosquitto: install it")
    command = [sys.executable, "-m", "tests.crash.mqtt", "--messages", "500", "--seconds", "3", "--seed", "4"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
