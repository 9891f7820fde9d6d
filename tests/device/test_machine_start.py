"""main.py: the window for mpremote, and a station that does not start."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from firmware.simulator.vm import RESET_EXIT
from tests.device.machine_board import Board
from tests.device.machine_server import Server

pytestmark = pytest.mark.sqlite_only

MakeBoard = Callable[..., Board]
BROKEN = "raise ValueError('broken on purpose')\n"


def break_module(board: Board, name: str) -> None:
    """Put a broken module onto the board: lib/name.py is found before lib/name.mpy."""
    (board.folder / "lib" / f"{name}.py").write_text(BROKEN)


def mend_module(board: Board, name: str) -> None:
    (board.folder / "lib" / f"{name}.py").unlink()


def until_it_ends(board: Board) -> None:
    board.until(lambda: not board.vm.running)


def test_three_crashes_at_the_start_leave_the_repl(make_board: MakeBoard) -> None:
    board = make_board()
    break_module(board, "outbox")
    until_it_ends(board)
    assert board.vm.exits == [RESET_EXIT] * 3 + [0]
    assert board.vm.lines[-1].startswith("freetemp did not start 3 times in a row: see faults.txt")


def test_the_exception_is_in_the_file_once(make_board: MakeBoard) -> None:
    board = make_board()
    break_module(board, "outbox")
    until_it_ends(board)
    assert (board.folder / "faults.txt").read_text().count("ValueError: broken on purpose") == 1


def test_it_is_so_even_if_the_recorder_of_faults_is_broken(make_board: MakeBoard) -> None:
    board = make_board()
    break_module(board, "faults")
    until_it_ends(board)
    assert board.vm.lines.count("ValueError: broken on purpose") == 3
    assert board.vm.exits == [RESET_EXIT] * 3 + [0]


@pytest.mark.parametrize("content", [None, "", '{"server": "http://x"}', "{"])
def test_a_configuration_that_is_missing_or_damaged_is_such_a_crash(make_board: MakeBoard, content: str | None) -> None:
    board = make_board()
    (board.folder / "config.json").unlink()
    if content is not None:
        (board.folder / "config.json").write_text(content)
    until_it_ends(board)
    assert board.vm.exits == [RESET_EXIT] * 3 + [0]


def test_a_module_for_another_micropython_is_such_a_crash(make_board: MakeBoard) -> None:
    board = make_board()
    (board.folder / "lib" / "outbox.mpy").write_bytes(b"M\x05\x00\x1f")
    until_it_ends(board)
    assert board.vm.exits == [RESET_EXIT] * 3 + [0]
    assert "incompatible .mpy file" in (board.folder / "faults.txt").read_text()


def test_the_reset_button_tries_again(make_board: MakeBoard, server: Server) -> None:
    board = make_board()
    break_module(board, "outbox")
    until_it_ends(board)
    mend_module(board, "outbox")
    board.vm.press_reset()
    board.until(lambda: server.readings)


def test_two_crashes_are_forgiven_once_it_starts(make_board: MakeBoard, server: Server) -> None:
    board = make_board()
    break_module(board, "outbox")
    board.until(lambda: len(board.vm.exits) == 2)
    mend_module(board, "outbox")
    board.until(lambda: server.readings)
    assert (board.world / "rtc.bin").read_bytes()[64] == 0


def test_after_power_on_and_the_reset_button_there_are_5_seconds(make_board: MakeBoard, server: Server) -> None:
    board = make_board()
    board.until(lambda: server.readings)
    board.vm.press_reset()
    board.until(lambda: len(server.readings) >= 3)
    assert board.vm.lines.count("freetemp starts in 5 s; Ctrl-C stops it") == 2


def test_ctrl_c_in_those_seconds_leaves_the_repl(make_board: MakeBoard, server: Server) -> None:
    board = make_board(speed=1)
    board.until(lambda: board.vm.lines)
    board.vm.interrupt()
    until_it_ends(board)
    assert board.vm.lines[-1].startswith("KeyboardInterrupt")
    assert not server.requests


def test_ctrl_c_later_leaves_the_repl_too(make_board: MakeBoard, server: Server) -> None:
    board = make_board()
    board.until(lambda: server.readings)
    board.vm.interrupt()
    until_it_ends(board)
    # MicroPython on a computer takes Ctrl-C even while it collects garbage, and cannot allocate from then on.
    amid_collection = "MemoryError: memory allocation failed, heap is locked"
    assert board.vm.lines[-1].startswith(("KeyboardInterrupt", amid_collection))
