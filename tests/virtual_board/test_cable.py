"""The cable can be busy, pulled, or unread, and the board comes and goes with it."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import serial

from tests.crash.processes import children, wait_for_end
from tests.programs import PATIENCE_S
from tests.virtual_board import VirtualBoard, slip
from tests.virtual_board import loader as protocol
from tests.virtual_board.terminal import Terminal, packet

pytestmark = pytest.mark.sqlite_only

remote = pytest.mark.filterwarnings("ignore:set(Daemon|Name):DeprecationWarning")  # pyserial's own
SYNC = slip.encode(packet(protocol.SYNC, protocol.SYNC_DATA))
SYNCED = slip.encode(b"\x01\x08\x02\x00\x07\x07\x12\x20\0\0") * 8


def vms() -> list[int]:
    """Return only this process's VMs: another test's browser and servers may run beside them."""
    commands = {pid: Path(f"/proc/{pid}/cmdline").read_bytes() for pid in children(os.getpid())}
    return [pid for pid, command in commands.items() if b"micropython" in command]


def read_on(terminal: Terminal) -> None:
    """Read the bytes that had arrived before, and then find that no more come."""
    for _ in range(20):
        terminal.line.read(1000)


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def settle(board: VirtualBoard) -> None:
    """Wait until the board has printed its banner at the start."""
    until(lambda: bool(board.printed))
    said = 0
    while said != len(board.printed):
        said = len(board.printed)
        time.sleep(0.3)


def test_a_board_without_micropython_prints_noise_and_answers_nobody() -> None:
    with VirtualBoard() as board, Terminal(board.port) as terminal:
        board.press_reset()
        noise = terminal.line.read(40)
        assert not noise.isascii()
        terminal.type(b"\r\x03\r\x01")
        assert b"REPL" not in terminal.hear_for(0.3)
        assert board.printed == ""


def test_what_a_board_says_at_boot_is_read_at_74880_baud() -> None:
    with VirtualBoard() as board, Terminal(board.port, 74_880) as terminal:
        board.press_reset()
        terminal.hear(b"ets_main.c \r\n")


def test_the_repl_is_noise_at_another_rate(board: VirtualBoard) -> None:
    with Terminal(board.port, 9600) as terminal:
        terminal.type(b"\r\x03\r\x01")
        assert terminal.hear_for(0.3).translate(None, bytes(range(0x80, 0x100))) == b""


def test_the_first_byte_decides_between_loader_and_micropython(board: VirtualBoard) -> None:
    with Terminal(board.port) as terminal:
        terminal.type(SYNC)
        terminal.hear(SYNCED)
        terminal.enter_raw()
        terminal.type(SYNC)
        terminal.hear(SYNCED)


def test_a_silent_board_answers_neither(board: VirtualBoard) -> None:
    board.silent = True
    with Terminal(board.port) as terminal:
        terminal.type(SYNC + b"\r\x03\r\x01")
        assert terminal.hear_for(0.3) == b""


def test_a_busy_port_is_locked_as_pyserial_locks_it(board: VirtualBoard) -> None:
    with board.busy(), pytest.raises(serial.SerialException, match="exclusively lock"):
        serial.Serial(board.port, exclusive=True)
    serial.Serial(board.port, exclusive=True).close()


def test_a_pulled_cable_ends_a_read_and_takes_the_port_away(board: VirtualBoard) -> None:
    port = board.port
    with Terminal(port) as terminal:
        board.unplug()
        with pytest.raises((serial.SerialException, OSError)):
            terminal.line.read(1000)
    assert not Path(port).exists()
    board.plug()
    assert board.port == port
    with Terminal(port) as terminal:
        terminal.enter_raw()


@pytest.mark.parametrize("count", [1, 3, 30])
def test_a_cable_is_pulled_after_so_many_bytes_in_both_directions(board: VirtualBoard, count: int) -> None:
    settle(board)
    before = board.cable.carried
    board.pull_after(count)
    with Terminal(board.port) as terminal:
        terminal.type(b"\r\x03\r\x01")
        until(lambda: not board.cable.plugged)
    assert board.cable.carried == before + count


def test_a_pulled_cable_takes_the_power_away(board: VirtualBoard) -> None:
    (board.files / "main.py").write_text("while True: pass")
    board.press_reset()
    (vm,) = vms()
    board.unplug()
    wait_for_end([vm], time.monotonic() + PATIENCE_S)


def test_what_nobody_reads_is_lost_and_stops_nothing(board: VirtualBoard) -> None:
    (board.files / "main.py").write_text("for n in range(20000): print('line', n)\nprint('all said')")
    board.press_reset()
    until(lambda: "all said" in board.printed)
    with Terminal(board.port) as terminal:
        terminal.enter_raw()
        assert terminal.run("print(5)") == ("5\r\n", "")


def test_erasing_the_flash_takes_files_and_micropython_along(board: VirtualBoard) -> None:
    (board.files / "main.py").write_text("print('old')")
    board.memory.erase()
    board.press_reset()
    assert not board.has_micropython
    board.install_micropython()
    assert [path.name for path in board.files.iterdir()] == ["boot.py"]


def fail_with(board: VirtualBoard, started: list[int]) -> None:
    with board:
        board.install_micropython()
        (board.files / "main.py").write_text("while True: pass")
        board.press_reset()
        started += vms()
        raise ZeroDivisionError


def test_no_vm_and_no_file_is_left_when_a_test_fails() -> None:
    board, started = VirtualBoard(), []
    with pytest.raises(ZeroDivisionError):
        fail_with(board, started)
    assert len(started) == 1
    assert not vms()
    assert not board.home.exists()


@remote
def test_rts_resets_the_board_and_dtr_holds_it_in_its_loader() -> None:
    with VirtualBoard(modem_lines=True) as board:
        board.install_micropython()
        (board.files / "main.py").write_text("print('main')")
        with Terminal(board.port) as terminal:
            terminal.line.dtr = False
            terminal.line.rts = True
            terminal.line.rts = False
            terminal.hear(b"main\r\n")
            terminal.line.rts = True
            terminal.line.dtr = True
            terminal.line.rts = False
            terminal.type(SYNC)
            terminal.hear(SYNCED)


@remote
def test_a_remote_port_can_be_pulled_and_plugged_too() -> None:
    with VirtualBoard(modem_lines=True) as board:
        board.install_micropython()
        port = board.port
        with Terminal(port) as terminal:
            board.unplug()
            with pytest.raises(serial.SerialException):
                read_on(terminal)
        with pytest.raises(serial.SerialException):
            Terminal(port)
        board.plug()
        with board.busy(), pytest.raises(serial.SerialException):
            Terminal(port)
        with Terminal(port) as terminal:
            terminal.enter_raw()
