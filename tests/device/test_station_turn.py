"""A turn of the station's loop: what each of its steps may take, what is due when, and what ends it."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest

from firmware.simulator.vm import RESET_EXIT, VirtualMachine
from tests.device.machine_board import Board
from tests.device.machine_server import Server, answer

pytestmark = pytest.mark.sqlite_only

Run = Callable[..., VirtualMachine]
SOFT_RESET, SOFT_WDT_RESET = 4, 3

WORDS = """
import json, machine, os, sys, time

sys.path.append(sys.path.pop(0))  # As main.py does.
import station, watchdog
from identity import Identity

if machine.reset_cause():
    print("restarted by", machine.reset_cause(), "announced" if Identity().woke else "", os.listdir("outbox"))
    raise SystemExit

networks, sensor = [["garden", "secret"]], {"driver": "mcp9808", "scl": 5, "sda": 4, "address": 24}
config = {"server": "http://127.0.0.1:9", "mac": "6cef7f3b9de8", "key": "k", "networks": networks, "battery": False}
config.update({"interval_s": 10, "sensors": [sensor | {"fields": {"temperature": 1}}]})

class Station(station.Station):
    def _read(self, place):
        return [("humidity", 50000), ("temperature", 21000)]

    def send(self, body):
        raise OSError("nobody")

def slow(name, seconds):
    as_it_is = getattr(Station, name)

    def slowly(self, *rest):
        time.sleep(seconds)
        print("done")
        return as_it_is(self, *rest)

    setattr(Station, name, slowly)

def live():
    watchdog.start()
    Station(config).run()
"""


@pytest.mark.parametrize(
    ("name", "allowed_s"), [("_read", 10), ("join", 180), ("_turn", 180), ("send", 100), ("measure", 180)]
)
def test_each_step_may_take_its_time_and_no_longer(run: Run, name: str, allowed_s: int) -> None:
    def life(seconds: int) -> VirtualMachine:
        vm = run(WORDS + f"slow({name!r}, {seconds})\nlive()", ends=False)
        assert vm.run(lambda: "done" in vm.lines or vm.exits), vm.lines
        vm.power_cut()
        return vm

    assert life(allowed_s - 4).exits == []
    bitten = life(allowed_s + 4)
    assert bitten.exits[0] == RESET_EXIT
    assert "done" not in bitten.lines


def test_a_report_that_hangs_is_saved_with_the_time_before_the_board_is_reset(run: Run) -> None:
    vm = run(WORDS + "slow('send', 110)\nlive()")
    assert vm.lines[-1] == f"restarted by {SOFT_RESET} announced ['00000001.seg']"


def test_what_hangs_around_a_report_is_bitten_after_2_minutes(run: Run) -> None:
    program = """
board = Station(config)
board.reporter.deliver = lambda: time.sleep(%d) or print("done") or time.sleep(1000)
watchdog.start()
board.run()
"""
    assert "done" in run(WORDS + program % 115).lines
    lines = run(WORDS + program % 125).lines
    assert "done" not in lines
    assert lines[-1].startswith(f"restarted by {SOFT_WDT_RESET} ")


def test_a_reading_that_was_missed_is_not_made_up_for_and_the_next_ones_keep_their_moments(run: Run) -> None:
    program = """
read, deliver, slept = Station._read, Station.deliver, []

def timed(self, place):
    print(time.ticks_ms())
    return read(self, place)

def slow_once(self):
    slept or time.sleep(35)
    slept.append(35)
    return deliver(self)

Station._read, Station.deliver = timed, slow_once
live()
"""
    vm = run(WORDS + program, ends=False)
    moments: list[int] = []

    def measured() -> list[int]:
        moments[:] = [int(line) for line in list(vm.lines) if line.isdigit()]
        return moments[5:]

    assert vm.run(measured), vm.lines
    since_s = [(moment - moments[0]) / 1000 for moment in moments]
    assert 33 <= since_s[1] < 37 <= since_s[2] <= 42, since_s
    assert all(7 <= later - earlier <= 13 for earlier, later in pairwise(since_s[2:])), since_s


def test_what_has_been_delivered_is_not_asked_after_until_the_next_reading(run: Run) -> None:
    program = """
asked = []

def deliver(self):
    asked.append(time.ticks_ms())
    if len(asked) > 3:
        print("asked in", asked[-1] - asked[0], "ms")
        raise SystemExit

Station.deliver = deliver
live()
"""
    taken_ms = int(run(WORDS + program).lines[-1].split()[2])
    assert 27_000 <= taken_ms <= 33_000


def test_a_reading_without_wifi_is_on_flash_at_the_end_of_its_turn(run: Run) -> None:
    program = """
watchdog.start()
with watchdog.step(180):
    Station(config)._turn()
machine.reset()
"""
    (restarted,) = [line for line in run(WORDS + program, wifi_down=True).lines if line.startswith("restarted")]
    assert "[]" not in restarted, "the folder of waiting readings is empty"


def test_an_exception_in_every_turn_leaves_a_second_between_them(run: Run) -> None:
    program = """
def fail(self):
    print("turn", time.ticks_ms() // 1000)
    if time.ticks_ms() > 20_000:
        raise SystemExit
    raise ValueError("every time")

Station._turn = fail
live()
"""
    turns = [line for line in run(WORDS + program).lines if line.startswith("turn ")]
    assert 15 <= len(turns) <= 22


def test_ctrl_c_leaves_the_board_at_its_repl_for_as_long_as_somebody_is_there(run: Run) -> None:
    program = """
with open("config.json", "w") as file:
    json.dump(config, file)
try:
    station.start(lambda: print("ready"))
except KeyboardInterrupt:
    time.sleep(300)
    print("still there")
"""
    vm = run(WORDS + program, ends=False)
    assert vm.run(lambda: any(line.startswith("no answer") for line in list(vm.lines))), vm.lines
    vm.interrupt()
    assert vm.run(lambda: not vm.running), vm.lines
    assert vm.lines[-1] == "still there"
    assert vm.lines.count("ready") == 1


def test_a_server_that_asks_for_some_seconds_gets_the_reading_then_and_not_with_the_next_one(
    make_board: Callable[..., Board], server: Server
) -> None:
    busy = [answer(503, "", Retry_After="7")] * 3
    server.behave = lambda request: busy.pop() if busy else None
    board = make_board(interval_s=3600)
    board.until(lambda: server.readings)
    assert [reading.seq for reading in server.readings] == [1]
    gaps = [later.at - earlier.at for earlier, later in pairwise(server.requests)]
    assert len(gaps) == 3
    assert all(6 <= gap <= 60 for gap in gaps), gaps
