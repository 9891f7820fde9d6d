"""How long a board on battery is awake and how long it sleeps, by a clock that stands still unless it is moved."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from firmware.simulator.vm import DEEPSLEEP_EXIT, RESET_EXIT, VirtualMachine

pytestmark = pytest.mark.sqlite_only

Run = Callable[..., VirtualMachine]

AWAKE = """
import machine, time
if machine.reset_cause():
    time.sleep(100_000)
awake_ms = 1234
time.ticks_ms = lambda: awake_ms

import faults, watchdog
from battery import Battery

class Awake(Battery):
    def measure(self):
        print("measured")

    def deliver(self):
        return None

%s
watchdog.start()
networks, sensor = [["garden", "secret"]], {"driver": "mcp9808", "fields": {}}
config = {"interval_s": %d, "server": "http://192.168.1.5", "mac": "6cef7f3b9de8", "key": "k", "networks": networks}
Awake(config | {"sensors": [sensor]}).run()
"""


@pytest.fixture
def live(run: Run) -> Callable[..., VirtualMachine]:
    """Return a function that lets the board wake once, as far as its next start."""

    def live(interval_s: int, changes: str = "") -> VirtualMachine:
        vm = run(AWAKE % (changes, interval_s), ends=False)
        assert vm.run(lambda: vm.exits), vm.lines
        return vm

    return live


@pytest.mark.parametrize(
    ("interval_s", "sleep_ms"),
    [(60, 58_766), (2, 1000), (1, 1000), (4201, 4_199_766), (4202, 4_200_000), (86_400, 4_200_000)],
)
def test_it_sleeps_for_what_is_left_of_the_interval_and_its_clock_counts_the_sleep(
    live: Callable[..., VirtualMachine], tmp_path: Path, interval_s: int, sleep_ms: int
) -> None:
    """A second at least, for 0 is for ever; 70 minutes at most, for the port counts microseconds in 32 bits."""
    vm = live(interval_s)
    assert vm.exits[0] == DEEPSLEEP_EXIT
    assert int((tmp_path / "world" / "sleep_ms").read_text()) == sleep_ms
    up_s, start, ms = struct.unpack_from("<IIH", (tmp_path / "world" / "rtc.bin").read_bytes(), 16)
    assert (up_s * 1000 + ms, start) == (sleep_ms, 0)


SENDING = """
    def deliver(self):
        global awake_ms
        awake_ms += 60_000
        print("sent")
        return 0
"""


def test_one_report_after_another_goes_out_for_3_minutes_and_no_longer(live: Callable[..., VirtualMachine]) -> None:
    vm = live(300, SENDING)
    assert vm.lines.count("sent") == 3
    assert vm.exits[0] == DEEPSLEEP_EXIT


def test_something_unforeseen_is_recorded_and_it_sleeps_all_the_same(
    live: Callable[..., VirtualMachine], tmp_path: Path
) -> None:
    vm = live(60, "    def deliver(self):\n        raise TypeError('unforeseen')")
    assert vm.exits[0] == DEEPSLEEP_EXIT
    assert "TypeError: unforeseen" in (tmp_path / "flash" / "faults.txt").read_text()


@pytest.mark.parametrize(("awake_s", "end"), [(300, DEEPSLEEP_EXIT), (340, RESET_EXIT)])
def test_a_waking_that_does_not_end_is_bitten_and_the_longest_is_not(run: Run, awake_s: int, end: int) -> None:
    """3 minutes for reports, and two more for the last of them."""
    program = AWAKE.replace("awake_ms = 1234\n", "").replace("time.ticks_ms = lambda: awake_ms\n", "")
    vm = run(program % (f"    def deliver(self):\n        time.sleep({awake_s})", 60), ends=False)
    assert vm.run(lambda: vm.exits), vm.lines
    assert vm.exits[0] == end
