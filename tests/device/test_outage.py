"""Every reading of an outage arrives later, in order, once, with its own time."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest

from tests.device.machine_board import Board
from tests.device.machine_server import BEGAN_S, SILENT, Request, Server, answer

pytestmark = pytest.mark.sqlite_only

MakeBoard = Callable[..., Board]
FAST = 10_000
HOUR_S = 3600


def pass_hours(board: Board, server: Server, hours: float) -> None:
    end = server.now() + hours * HOUR_S
    board.until(lambda: server.now() >= end)


def assert_whole(server: Server, at_least: int, interval_s: int = 60) -> None:
    """Assert that every reading is there, in order, once, and at its own time."""
    assert len(server.readings) >= at_least
    assert [each.seq for each in server.readings] == list(range(1, len(server.readings) + 1))
    assert len({each.boot for each in server.readings}) == 1
    gaps = [later.at - earlier.at for earlier, later in pairwise(server.readings)]
    late = [gap for gap in gaps if abs(gap - interval_s) > 10]
    assert not late, late


def all_delivered(server: Server) -> Callable[[], bool]:
    """Return a function that tells whether the newest reading on the server is recent."""
    return lambda: bool(server.readings) and server.now() - server.readings[-1].at < 120


def test_a_night_without_wifi_arrives_in_the_morning(make_board: MakeBoard, server: Server) -> None:
    board = make_board(FAST)
    board.until(lambda: len(server.readings) >= 2)
    board.vm.set(wifi_down=True)
    pass_hours(board, server, 8)
    assert len(server.readings) < 10
    board.vm.set(wifi_down=None)
    board.until(all_delivered(server))
    assert_whole(server, at_least=8 * 60)
    assert max(len(each.report["readings"]) for each in server.requests) == 25


GARBAGE = [
    answer(200, "<html>Log in to the hotel</html>"),
    answer(200, '{"stored": 1}'),
    answer(302, Location="http://hotel.example"),
    answer(503),
    b"\x00\x01garbage" * 500,
    b"",
]


@pytest.mark.parametrize(
    "answers",
    [[answer(500, "oops")], [answer(429, "too often: wait 600 s", Retry_After="600")], GARBAGE],
    ids=["500", "429 with Retry-After", "garbage"],
)
def test_hours_of_answers_that_store_nothing_lose_nothing(
    make_board: MakeBoard, server: Server, answers: list[bytes]
) -> None:
    server.behave = lambda request: answers[len(server.requests) % len(answers)]
    board = make_board(FAST)
    pass_hours(board, server, 3)
    assert len(answers) <= len(server.requests) < 40  # It waits longer each time.
    server.behave = None
    board.until(all_delivered(server))
    assert_whole(server, at_least=150)


def test_a_server_that_says_nothing_for_hours_loses_nothing(make_board: MakeBoard, server: Server) -> None:
    server.behave = lambda request: SILENT
    board = make_board(FAST)
    pass_hours(board, server, 1)
    server.behave = None
    board.until(all_delivered(server))
    assert_whole(server, at_least=50)


def test_answers_lost_after_storing_repeat_nothing(make_board: MakeBoard, server: Server) -> None:
    """The server stores, and the answer is lost: it recognizes the repeat by boot and seq."""

    def lose_two_of_three(request: Request) -> bytes:
        whole = server.store(request)
        return whole if len(server.requests) % 3 == 0 else whole[:40]

    server.behave = lose_two_of_three
    board = make_board(1000)
    board.until(lambda: len(server.readings) >= 40)
    assert_whole(server, at_least=40)


def test_a_server_that_moves_is_found_by_its_name(make_board: MakeBoard, server: Server) -> None:
    board = make_board(FAST, server_url=f"http://freetemp.example:{server.port}")
    board.vm.set(hosts={"freetemp.example": "127.0.0.9"})
    board.until(lambda: server.now() > BEGAN_S + HOUR_S)
    assert not server.readings
    board.vm.set(hosts={"freetemp.example": "127.0.0.1"})
    board.until(all_delivered(server))
    assert_whole(server, at_least=60)


def test_a_refused_key_is_not_hammered_and_nothing_is_lost(make_board: MakeBoard, server: Server) -> None:
    server.behave = lambda request: answer(403, "unknown station or key")
    board = make_board(FAST)
    pass_hours(board, server, 4)
    assert len(server.requests) < 16
    server.behave = None
    board.until(all_delivered(server))
    assert_whole(server, at_least=4 * 60)


def test_power_that_goes_at_night_keeps_what_was_dated(make_board: MakeBoard, server: Server) -> None:
    board = make_board(FAST)
    board.until(lambda: len(server.readings) >= 2)
    board.vm.set(wifi_down=True)
    pass_hours(board, server, 2)
    board.vm.power_cut()
    before = server.now()
    board.vm.set(wifi_down=None)
    board.until(lambda: len({each.boot for each in server.readings}) == 2)
    assert len([each for each in server.readings if each.at < before]) >= 115
