"""The station's daily work, with its real files in the VM and a real server."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest

from firmware.simulator.vm import RESET_EXIT
from freetemp import __version__
from tests.device.machine_board import KEY, Board
from tests.device.machine_server import Server

pytestmark = pytest.mark.sqlite_only

MakeBoard = Callable[..., Board]


def test_a_reading_arrives_every_interval(make_board: MakeBoard, server: Server) -> None:
    board = make_board(500)
    board.vm.set(temperature=-12.25)
    board.until(lambda: len(server.readings) >= 5)
    assert {(each.field, each.value) for each in server.readings} == {(1, -12.25)}
    assert [each.seq for each in server.readings[:5]] == [1, 2, 3, 4, 5]
    moments = [each.at for each in server.readings]
    assert all(57 <= later - earlier <= 63 for earlier, later in pairwise(moments)), moments
    assert server.requests[0].user == f"6cef7f3b9de8:{KEY}"


def values(server: Server) -> list[float]:
    return [each.value for each in server.readings]


@pytest.mark.parametrize(
    ("sensor", "wiring", "fault"),
    [
        ("mcp9808", {"scl": 5, "sda": 4, "address": 24}, "absent"),
        ("ds18b20", {"data": 14}, "nonsense"),
        ("dht22", {"data": 14}, "hang"),
        ("bme280", {"scl": 5, "sda": 4, "address": 118}, "bus_lost"),
    ],
)
def test_a_bad_sensor_sends_no_false_reading_and_is_told(
    make_board: MakeBoard, server: Server, sensor: str, wiring: dict[str, int], fault: str
) -> None:
    board = make_board(1000, sensor=sensor, wiring=wiring)
    board.vm.set(temperature=12.5)
    board.until(lambda: len(server.readings) >= 2)
    board.vm.set(sensor_fault=fault)
    board.until(lambda: server.troubles)
    assert server.troubles[-1].startswith(f"{sensor}: ")
    before = len(server.readings)
    end = server.now() + 600
    board.until(lambda: server.now() >= end)
    assert len(server.readings) - before <= 1  # One was in progress when the fault began.
    board.vm.set(sensor_fault=None)
    board.until(lambda: len(server.readings) >= before + 3)
    assert all(abs(value - 12.5) <= 0.1 for value in values(server)), values(server)
    assert "trouble" not in server.requests[-1].report


def test_a_report_tells_the_version_that_the_board_was_built_from(make_board: MakeBoard, server: Server) -> None:
    board = make_board(1000)
    board.until(lambda: len(server.requests) >= 2)
    assert [request.report["firmware"] for request in server.requests[:2]] == [__version__] * 2


def test_trouble_alone_is_told_every_ten_minutes_at_most(make_board: MakeBoard, server: Server) -> None:
    board = make_board(5000)
    board.vm.set(sensor_fault="absent")
    end = server.now() + 7200
    board.until(lambda: server.now() >= end)
    assert 5 <= len(server.requests) <= 14
    assert all(request.report["readings"] == [] for request in server.requests)
    assert set(server.troubles) == {server.troubles[0]}
    assert server.troubles[0].startswith("mcp9808: ")


def test_a_sensor_without_a_driver_is_told(make_board: MakeBoard, server: Server) -> None:
    board = make_board()
    board.configure(sensors=[{"driver": "mcp0000", "fields": {}}])
    board.until(lambda: server.troubles)
    assert server.troubles[0] == "mcp0000: no module named 'sensors.mcp0000'"


def test_a_call_to_the_sensor_that_never_returns_is_bitten_and_the_station_goes_on(
    make_board: MakeBoard, server: Server
) -> None:
    board = make_board()
    board.until(lambda: len(server.readings) >= 2)
    board.vm.set(sensor_fault="block")
    board.until(lambda: len(board.vm.exits) >= 4)  # More often than a start may crash: it is no start-up crash.
    board.vm.set(sensor_fault=None)
    before = len(server.readings)
    board.until(lambda: len(server.readings) >= before + 3)
    assert set(board.vm.exits) == {RESET_EXIT}
    assert [each.seq for each in server.readings] == list(range(1, len(server.readings) + 1))
    assert len({each.boot for each in server.readings}) == 1


def test_dns_that_hangs_is_bitten_and_every_reading_arrives(make_board: MakeBoard, server: Server) -> None:
    board = make_board(1000, server_url=f"http://freetemp.example:{server.port}")
    board.vm.set(hosts={"freetemp.example": "127.0.0.1"})
    board.until(lambda: len(server.readings) >= 3)
    board.vm.set(dns="hang")
    board.until(lambda: len(board.vm.exits) >= 6)
    board.vm.set(dns=None)
    before = len(server.readings)
    board.until(lambda: len(server.readings) >= before + 10)
    assert len({each.boot for each in server.readings}) == 1
    assert [each.seq for each in server.readings] == list(range(1, len(server.readings) + 1))


UNEXPECTED = """
from wifi_as_built import WiFi as AsBuilt

class WiFi(AsBuilt):
    turns = 0

    def tend(self):
        self.turns += 1
        if self.joined() and self.turns % 3 == 0:
            raise TypeError("nobody expected this")
        super().tend()
"""


def test_an_exception_in_the_loop_is_recorded_once_and_the_loop_goes_on(make_board: MakeBoard, server: Server) -> None:
    board = make_board()
    (board.folder / "lib" / "wifi.mpy").rename(board.folder / "lib" / "wifi_as_built.mpy")
    (board.folder / "lib" / "wifi.py").write_text(UNEXPECTED)
    board.until(lambda: len(server.readings) >= 3)
    assert (board.folder / "faults.txt").read_text().count("TypeError: nobody expected this") == 1
    assert board.vm.exits == []


def test_faults_are_printed_at_the_start(make_board: MakeBoard, server: Server) -> None:
    board = make_board()
    (board.folder / "faults.txt").write_text("ValueError: what was wrong last year\n")
    board.until(lambda: server.readings)
    assert "ValueError: what was wrong last year" in board.vm.lines


def test_the_clock_holds_where_ticks_wrap(make_board: MakeBoard, server: Server) -> None:
    board = make_board()
    board.vm.set(ticks_start=2**30 - 150_000)
    board.until(lambda: len(server.readings) >= 6)
    gaps = [later.at - earlier.at for earlier, later in pairwise(server.readings)]
    assert all(57 <= gap <= 63 for gap in gaps), gaps
