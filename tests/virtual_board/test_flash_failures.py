"""flash_station against the virtual board: each failure has its sentence, and the old key keeps working."""

import os
import signal
from contextlib import contextmanager
from pathlib import Path

import pytest

from firmware.flash import filesystem, flashing, ports
from firmware.flash.errors import NoPermissionError
from firmware.flash.programs import ignore
from firmware.models import StationNetwork
from stations.models import Key
from tests.firmware.flash.flashing import PASSWORD, Printing, esp8266_image, flash
from tests.virtual_board import MAC, VirtualBoard

pytestmark = pytest.mark.sqlite_only

NOBODY = 65534


@contextmanager
def somebody():
    """Become a user that file modes apply to: not root."""
    if os.getuid() != 0:
        yield
        return
    os.setresgid(NOBODY, NOBODY, 0)
    os.setresuid(NOBODY, NOBODY, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)
        os.setresgid(0, 0, 0)


@pytest.fixture
def board():
    with VirtualBoard() as board:
        yield board


@pytest.fixture(autouse=True)
def _the_old_key_still_works(ready, key):
    yield
    assert Key.objects.authenticate(MAC, key)


def test_a_port_that_is_not_there(ready, image, tmp_path):
    said = flash(ready, str(tmp_path / "ttyUSB7"), image)
    assert said.startswith(f"There is no port {tmp_path}/ttyUSB7: this computer has ")


def test_a_port_that_another_program_has_open(ready, image, board):
    with board.busy():
        said = flash(ready, board.port, image)
    assert said == (
        f"{board.port} is in use: close the program that has it open, such as a serial monitor or another flash, "
        "then run this again."
    )


def test_a_port_that_only_a_group_may_open_names_the_group(ready, board):
    device = Path(board.port).resolve()
    group = device.group()
    device.chmod(0)
    for folder in (board.home, board.home.parent):
        folder.chmod(folder.stat().st_mode | 0o011)
    with somebody(), pytest.raises(NoPermissionError) as refused:
        ports.check(str(device))
    assert str(refused.value) == (
        f"You may not open {device}, which belongs to the group {group}: run `sudo usermod -aG {group} "
        "$USER`, log out and in again, then run this again."
    )


def test_a_cable_that_only_charges(ready, image, board):
    board.silent = True
    assert flash(ready, board.port, image) == (
        f"Nothing answers on {board.port}: try another USB cable, since many only charge, then hold the board's FLASH "
        "button while you press RST, and run this again."
    )


def test_another_chip_is_named(ready, image, board):
    board.chip = "ESP32"
    said = flash(ready, board.port, image)
    assert said.startswith(
        f"The board on {board.port} has the chip ESP32, not an ESP8266: plug in the station's own board"
    )


def test_another_board_names_both_and_the_option(ready, image, board):
    board.mac = "a8:48:fa:00:00:01"
    assert flash(ready, board.port, image) == (
        f"The board on {board.port} has the MAC a8:48:fa:00:00:01, and Garden has {MAC}: plug in the station's own "
        "board, or run this again with --replace-mac if this board takes its place."
    )


def test_a_simulated_station_is_no_board(ready, image, board):
    type(ready).objects.update(simulated=True)
    said = flash(ready, board.port, image)
    assert said.startswith("Garden is marked as simulated, and no board may take its place: run `python manage.py sim")


def test_no_image_names_the_command_that_fetches_one(ready, board):
    said = flash(ready, board.port)
    assert "fetch_micropython" in said
    assert "--micropython" in said


@pytest.mark.parametrize("damage", ["cut", "a bit flipped", "another chip's", "no image at all"])
def test_a_damaged_image_is_found_before_anything_is_erased(ready, board, tmp_path, damage):
    board.install_micropython()
    good = esp8266_image()
    content = {
        "cut": good[:2000],
        "a bit flipped": good[:100] + bytes([good[100] ^ 1]) + good[101:],
        "another chip's": good[:4] + bytes.fromhex("00000840") + good[8:],  # An ESP32 begins at 0x40080000.
        "no image at all": b"<html>moved</html>" * 100,
    }[damage]
    (tmp_path / "bad.bin").write_bytes(content)
    said = flash(ready, board.port, tmp_path / "bad.bin")
    assert said.startswith(f"{tmp_path}/bad.bin is not MicroPython for the ESP8266 (")
    assert board.has_micropython


def test_no_wifi_says_where_to_choose_one(ready, board, image):
    StationNetwork.objects.all().delete()
    assert flash(ready, board.port, image) == "Garden has no WiFi network: choose one on its page in the admin."


def test_flash_that_does_not_keep_what_is_written(ready, board, image):
    board.md5_mismatch = True
    assert flash(ready, board.port, image) == (
        "The flash does not hold what was written to it: run this again with --baud 115200; if that says the same, "
        "the board's flash is worn out and another board is needed."
    )


def test_a_file_system_that_is_full(ready, board, image):
    board.full = True
    assert flash(ready, board.port, image) == (
        "The board's file system is full: run this again without --files-only, which erases it together with the "
        "readings that wait there, or take a board with 4 MB of flash."
    )


def test_the_files_alone_want_a_board_with_micropython(ready, board, monkeypatch):
    monkeypatch.setattr(flashing, "PROMPT_S", 1.0)
    monkeypatch.setattr(flashing, "BUTTON_S", 1.0)
    assert flash(ready, board.port, None, "--files-only") == (
        f"MicroPython does not answer on {board.port}: press the board's RST button and run this again at once; if "
        "that says the same, run it without --files-only."
    )


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(flashing, "PROMPT_S", 1.0)
    monkeypatch.setattr(flashing, "BUTTON_S", 1.0)


@pytest.mark.usefixtures("impatient")
def test_a_board_that_does_not_start_in_a_quick_mode_is_told_the_slow_one(ready, image, board):
    board.flash_modes = ["dout"]
    assert flash(ready, board.port, image, "--flash-mode", "qio") == (
        f"MicroPython does not answer on {board.port}, as where a flash chip cannot be read in the mode qio: run this "
        "again with --flash-mode dout, which every chip can do."
    )


@pytest.mark.usefixtures("impatient")
def test_a_board_that_does_not_start_in_any_mode_is_not_told_a_mode_again(ready, image, board):
    board.flash_modes = []
    said = flash(ready, board.port, image)
    assert said.startswith(f"MicroPython is on the board on {board.port}, and does not start: unplug the sensor")
    assert "--flash-mode" not in said


UNKNOWN, SMALL, HALF = 0x9940EF, 0x1440EF, 0x1540EF


def test_a_flash_chip_that_esptool_does_not_know_is_told_before_anything_is_erased(ready, image, board):
    board.install_micropython()
    board.flash_id = UNKNOWN
    assert flash(ready, board.port, image) == (
        f"esptool does not know the flash chip of the board on {board.port}: run this again with --flash-size 1MB, 2MB "
        "or 4MB, as the board's seller says. A chip with 80 at the end of its name has 1MB, with 16 it has 2MB, with "
        "32 4MB."
    )
    assert board.has_micropython


def test_a_board_with_1_mb_is_told_the_image_that_keeps_files_there(ready, image, board):
    board.install_micropython()
    board.flash_id = SMALL
    assert flash(ready, board.port, image) == (
        f"{image} keeps no room for a station's files on a board with 1MB of flash: run `python manage.py "
        "fetch_micropython --board ESP8266_GENERIC-FLASH_1M`, then name the file that it prints with --micropython."
    )
    assert board.has_micropython


def test_a_size_that_is_not_there_is_refused(ready, image, board):
    board.flash_id = HALF
    said = flash(ready, board.port, image, "--flash-size", "4MB")
    assert said == "The board has 2MB of flash, and not 4MB: run this again without --flash-size."


@pytest.mark.parametrize("option", [("--flash-size", "4MB"), ("--flash-mode", "qio")])
def test_the_files_alone_have_no_header(ready, board, option):
    said = flash(ready, board.port, None, "--files-only", *option)
    assert said == "--flash-size and --flash-mode are for writing MicroPython: leave out --files-only."


def test_a_micropython_that_cannot_load_the_modules(ready, board):
    board.micropython = (1, 18, 0)
    board.install_micropython()
    assert flash(ready, board.port, None, "--files-only") == (
        "The board runs MicroPython 1.18.0, which loads .mpy files of version 5, not 6: run this again without "
        "--files-only, or name an image of MicroPython 1.20 or newer with --micropython."
    )
    assert not (board.files / "main.py").exists()


def test_no_reading_shows_what_the_board_printed_without_its_secrets(ready, board, image, monkeypatch):
    printing = Printing(monkeypatch, board)
    monkeypatch.setattr(printing, "use_what_was_printed", lambda mac: None)
    said = flash(ready, board.port, image, "--wait", "2")
    first, *lines = said.splitlines()
    assert first == (
        "No reading arrived within 2 s: check the WiFi's name and password, and that the board can reach "
        "http://127.0.0.1:9 from there, then run this again with --files-only. The board's last lines:"
    )
    assert "  using ***" in lines
    assert not any(secret in said for secret in [*printing.secrets, PASSWORD])


def test_a_key_that_was_replaced_meanwhile_is_not_waited_for(ready, board, image, monkeypatch):
    printing = Printing(monkeypatch, board)
    monkeypatch.setattr(printing, "use_what_was_printed", lambda mac: Key.objects.issue(ready))
    said = flash(ready, board.port, image)
    assert said.startswith("Another key has been issued for the station since")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["CTRL-C", "kill"])
def test_an_interrupted_flash_leaves_no_program_and_no_secret_behind(ready, board, image, monkeypatch, number):
    run, began = filesystem.run, []

    def interrupted(program, arguments, silence_s, on_line=ignore):
        def follow(line):
            if line.endswith(":config.json"):  # mpremote has the port open, and the secrets lie in the folder.
                began.append(Path(line.split()[1]).parent)
                os.kill(os.getpid(), number)
            on_line(line)

        return run(program, arguments, silence_s, follow)

    monkeypatch.setattr(filesystem, "run", interrupted)
    said = flash(ready, board.port, image)
    assert said == "Interrupted: run this again; the key that the station used so far still works."
    assert not began[0].exists()
    ports.check(board.port)  # Nobody has it open.
