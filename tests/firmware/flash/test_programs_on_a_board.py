"""esptool and mpremote themselves do their work against the virtual board, and find its faults."""

import hashlib
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.programs import PATIENCE_S
from tests.virtual_board import MAC, VirtualBoard
from tests.virtual_board.flash_memory import SIZE

pytestmark = pytest.mark.sqlite_only

IMAGE = b"\xe9\x00\x02\x40" + random.Random(1).randbytes(60_000)


@pytest.fixture
def board() -> Iterator[VirtualBoard]:
    with VirtualBoard() as board:
        yield board


@pytest.fixture
def image(tmp_path: Path) -> str:
    path = tmp_path / "image.bin"
    path.write_bytes(IMAGE)
    return str(path)


def run(program: str, *arguments: str) -> tuple[int, str]:
    """Return the program's exit code and its output."""
    done = subprocess.run(
        [sys.executable, "-m", program, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=PATIENCE_S,
        check=False,
    )
    return done.returncode, done.stdout.decode(errors="replace").replace("\r\n", "\n")


def esptool(board: VirtualBoard, *command: str) -> tuple[int, str]:
    return run("esptool", "--port", board.port, "--baud", "460800", *command)


def mpremote(board: VirtualBoard, *command: str) -> tuple[int, str]:
    return run("mpremote", "connect", board.port, *command)


def written(board: VirtualBoard) -> bool:
    """Tell whether the image is in flash. esptool changes two bytes of its header, the flash's size and mode."""
    return board.flash_bytes[4 : len(IMAGE)] == IMAGE[4:]


@pytest.mark.parametrize("stub", [[], ["--no-stub"]])
def test_esptool_finds_the_chip_its_mac_and_its_crystal(stub: list[str]) -> None:
    with VirtualBoard(mac="5c:cf:7f:01:02:03", slow_s=0.005) as board:
        code, said = esptool(board, *stub, "read-mac")
    assert code == 0
    assert "ESP8266EX" in said
    assert "26MHz" in said
    assert "5c:cf:7f:01:02:03" in said


def test_esptool_finds_the_flash_and_its_size(board: VirtualBoard) -> None:
    code, said = esptool(board, "flash-id")
    assert code == 0
    assert "Manufacturer: ef" in said
    assert "Detected flash size: 4MB" in said


def test_esptool_erases_writes_and_verifies(board: VirtualBoard, image: str) -> None:
    board.memory.content[SIZE - 1] = 0
    code, said = esptool(board, "write-flash", "--erase-all", "0", image)
    assert (code, "Hash of data verified" in said) == (0, True)
    assert written(board)
    assert board.has_micropython
    assert board.flash_bytes[SIZE - 1] == 0xFF


def test_esptool_writes_uncompressed_and_without_its_stub_too(board: VirtualBoard, image: str) -> None:
    for options in (["write-flash", "--no-compress"], ["--no-stub", "write-flash"]):
        board.memory.erase()
        code, said = esptool(board, *options, "0", image)
        assert code == 0, said
        assert written(board)


def test_erasing_takes_micropython_and_the_files_away(board: VirtualBoard, image: str) -> None:
    board.install_micropython()
    (board.files / "old.txt").write_text("old")
    assert esptool(board, "erase-flash")[0] == 0
    assert not board.has_micropython
    esptool(board, "write-flash", "0", image)
    assert mpremote(board, "fs", "ls") == (0, "ls :\n          75 boot.py\n")


def test_files_that_mpremote_copies_are_those_that_the_board_hashes(board: VirtualBoard, tmp_path: Path) -> None:
    board.install_micropython()
    content = bytes(range(256)) * 10
    (tmp_path / "module.mpy").write_bytes(content)
    assert mpremote(board, "fs", "mkdir", ":lib")[0] == 0
    assert mpremote(board, "fs", "cp", str(tmp_path / "module.mpy"), ":/lib/module.mpy")[0] == 0
    assert (board.files / "lib" / "module.mpy").read_bytes() == content
    code, said = mpremote(board, "fs", "sha256sum", ":lib/module.mpy")
    assert (code, said.splitlines()[-1]) == (0, hashlib.sha256(content).hexdigest())
    assert mpremote(board, "fs", "cp", ":lib/module.mpy", str(tmp_path / "back.mpy"))[0] == 0
    assert (tmp_path / "back.mpy").read_bytes() == content
    assert mpremote(board, "fs", "rm", ":lib/module.mpy")[0] == 0
    assert not (board.files / "lib" / "module.mpy").exists()


def test_mpremote_stops_main_and_runs_code(board: VirtualBoard) -> None:
    board.install_micropython()
    (board.files / "main.py").write_text("while True: pass")
    board.press_reset()
    assert mpremote(board, "resume", "exec", "print(6 * 7)") == (0, "42\n")
    assert mpremote(board, "exec", "raise OSError('no')")[0] == 1


def test_mpremote_resets_the_board_softly_without_main_and_hard_with_it(board: VirtualBoard) -> None:
    board.install_micropython()
    main, ran = board.files / "main.py", board.files / "ran"
    main.write_text("f = open('ran', 'a'); f.write('once '); f.close()")
    board.press_reset()
    wait_for(lambda: ran.exists() and board.printed.endswith(">>> "))
    assert mpremote(board, "soft-reset")[0] == 0
    assert ran.read_text() == "once "
    assert mpremote(board, "reset")[0] == 0
    wait_for(lambda: ran.read_text() == "once once ")


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize(("chip", "says"), [("ESP32", "This chip is ESP32"), ("unknown", "0x12345678")])
def test_esptool_tells_another_chip(chip: str, says: str) -> None:
    with VirtualBoard(chip=chip) as board:
        code, said = esptool(board, "--chip", "auto" if chip == "unknown" else "esp8266", "read-mac")
    assert (code, says in said) == (2, True)


def test_esptool_tells_that_the_flash_does_not_hold_what_was_sent(board: VirtualBoard, image: str) -> None:
    board.md5_mismatch = True
    code, said = esptool(board, "write-flash", "0", image)
    assert (code, "MD5 of file does not match" in said) == (2, True)


def test_both_tell_a_busy_port(board: VirtualBoard) -> None:
    with board.busy():
        assert "exclusively lock" in esptool(board, "read-mac")[1]
        assert "in use by another program" in mpremote(board, "fs", "ls")[1]


def test_mpremote_tells_a_full_file_system(board: VirtualBoard, image: str) -> None:
    board.full = True
    board.install_micropython()
    code, said = mpremote(board, "fs", "cp", image, ":image.bin")
    assert (code, "No space left on device" in said) == (1, True)


def test_a_write_that_was_cut_leaves_no_micropython_and_succeeds_again(board: VirtualBoard, image: str) -> None:
    esptool(board, "write-flash", "0", image)
    whole = board.cable.carried
    board.memory.erase()
    board.pull_after(whole * 2 // 3)
    assert esptool(board, "write-flash", "0", image)[0] != 0
    assert not board.has_micropython
    board.plug()
    assert esptool(board, "write-flash", "0", image)[0] == 0
    assert board.has_micropython


def test_a_copy_that_was_cut_succeeds_when_run_again(board: VirtualBoard, tmp_path: Path) -> None:
    board.install_micropython()
    (tmp_path / "data").write_bytes(IMAGE[:5000])
    board.pull_after(5000)
    assert mpremote(board, "fs", "cp", str(tmp_path / "data"), ":data")[0] != 0
    assert 0 < (board.files / "data").stat().st_size < 5000
    board.plug()
    assert mpremote(board, "fs", "cp", str(tmp_path / "data"), ":data")[0] == 0
    assert (board.files / "data").read_bytes() == IMAGE[:5000]


def test_with_modem_lines_esptool_takes_a_running_board_and_starts_it_again() -> None:
    with VirtualBoard(modem_lines=True) as board:
        board.install_micropython()
        (board.files / "main.py").write_text("print('main ' + 'runs')\nwhile True: pass")
        board.press_reset()
        code, said = esptool(board, "--chip", "esp8266", "--no-stub", "read-mac")
        assert (code, MAC in said) == (0, True)
        assert "NOT reset" not in said
        assert mpremote(board, "resume", "exec", "print('stopped')") == (0, "stopped\n")
        assert board.printed.count("main runs") == 2
