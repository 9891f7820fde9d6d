"""What the station does day by day, with its real files in the VM and a real server."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest

from tests.device.machine_board import KEY, Board
from tests.device.machine_server import Server

pytestmark = pytest.mark.sqlite_only

MakeBoard = Callable[..., Board]


def test_a_reading_arrives_every_interval(make_board: MakeBoard, server: Server) -> None:
    board = make_board()
    board.vm.set(temperature=-12.25)
    board.until(lambda: len(server.readings) >= 5)
    assert {(each.field, each.value) for each in server.readings} == {(1, -12.25)}
    assert [each.seq for each in server.readings[:5]] == [1, 2, 3, 4, 5]
    moments = [each.at for each in server.readings]
    assert all(58 <= later - earlier <= 62 for earlier, later in pairwise(moments)), moments
    assert server.requests[0].user == f"6cef7f3b9de8:{KEY}"
