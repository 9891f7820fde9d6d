"""A station on battery: it wakes, measures, reports and sleeps, and each wake is a start of the board."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import pairwise

import pytest

from firmware.simulator.vm import DEEPSLEEP_EXIT, RESET_EXIT
from tests.device.machine_board import Board
from tests.device.machine_server import Server, answer

pytestmark = pytest.mark.sqlite_only

MakeBoard = Callable[..., Board]


@pytest.fixture
def board(make_board: MakeBoard) -> Board:
    return make_board(2000, battery=True, interval_s=300)


def test_it_sleeps_between_readings_and_keeps_counting(board: Board, server: Server) -> None:
    board.vm.set(supply_v=3.3)
    board.until(lambda: len(server.readings) >= 6)
    told = [request.report["board"] for request in server.requests]
    assert {(each["start"], each["rssi"], each["voltage"]) for each in told} == {(1, -67, 3.299)}
    assert ["reset" in each for each in told] == [True] + [False] * (len(told) - 1)
    assert told[-1]["up"] >= 5 * 290, "sleep is part of it"
    assert set(board.vm.exits) == {DEEPSLEEP_EXIT}
    assert [each.seq for each in server.readings] == list(range(1, len(server.readings) + 1))
    assert len({each.boot for each in server.readings}) == 1


def test_the_network_is_written_to_flash_once(board: Board, server: Server) -> None:
    board.until(lambda: len(server.readings) >= 6)
    assert (board.world / "sta_writes").read_text() == "1"
    assert "voltage" not in server.requests[-1].report["board"], "its ADC does not measure that as a rule"


def test_readings_keep_their_interval_over_deep_sleep(board: Board, server: Server) -> None:
    board.until(lambda: len(server.readings) >= 6)
    gaps = [later.at - earlier.at for earlier, later in pairwise(server.readings)]
    assert all(290 <= gap <= 310 for gap in gaps), gaps


def test_only_a_start_by_hand_waits_for_mpremote(board: Board, server: Server) -> None:
    board.until(lambda: len(server.readings) >= 4)
    assert board.vm.lines.count("freetemp starts in 5 s; Ctrl-C stops it") == 1


def test_hours_without_wifi_arrive_later_in_order_once(board: Board, server: Server) -> None:
    board.until(lambda: len(server.readings) >= 2)
    board.vm.set(wifi_down=True)
    board.until(lambda: len(board.vm.exits) >= 12)
    board.vm.set(wifi_down=None)
    board.until(lambda: len(server.readings) >= 14)
    assert [each.seq for each in server.readings] == list(range(1, len(server.readings) + 1))
    gaps = [later.at - earlier.at for earlier, later in pairwise(server.readings)]
    assert all(280 <= gap <= 345 for gap in gaps), gaps


def test_without_wifi_it_does_not_look_for_it_at_each_wake(board: Board, server: Server) -> None:
    """Forty seconds of radio at each wake would empty the battery."""
    board.vm.set(wifi_down=True)
    board.until(lambda: len(board.vm.exits) >= 15)
    tries = Counter(board.vm.lines)["no WiFi"]
    assert 3 <= tries <= 12, "a slow machine has fewer wakes between two tries"


def test_a_refused_key_is_not_tried_at_each_wake(board: Board, server: Server) -> None:
    server.behave = lambda request: answer(403, "unknown station or key")
    board.until(lambda: len(board.vm.exits) >= 15)
    assert len(server.requests) <= 8
    server.behave = None
    board.until(lambda: len(server.readings) >= 16)
    assert [each.seq for each in server.readings] == list(range(1, len(server.readings) + 1))


def test_dns_that_hangs_is_bitten_and_it_sleeps_again(make_board: MakeBoard, server: Server) -> None:
    board = make_board(1000, battery=True, server_url=f"http://freetemp.example:{server.port}")
    board.vm.set(hosts={"freetemp.example": "127.0.0.1"}, dns="hang")
    board.until(lambda: board.vm.exits.count(RESET_EXIT) >= 4)
    board.vm.set(dns=None)
    board.until(lambda: len(server.readings) >= 4)
    assert board.vm.exits[-1] == DEEPSLEEP_EXIT


def test_a_sensor_that_blocks_does_not_end_it(board: Board, server: Server) -> None:
    board.vm.set(sensor_fault="block")
    board.until(lambda: board.vm.exits.count(RESET_EXIT) >= 4)
    board.vm.set(sensor_fault=None)
    board.until(lambda: len(server.readings) >= 2)


def test_a_power_cut_in_its_sleep_draws_a_new_boot(board: Board, server: Server) -> None:
    board.until(lambda: len(server.readings) >= 2)
    board.vm.power_cut()
    board.until(lambda: len({each.boot for each in server.readings}) == 2)
