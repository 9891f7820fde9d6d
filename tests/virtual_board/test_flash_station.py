"""flash_station against the virtual board, through the real esptool and mpremote: the successes."""

import json
import os
import threading
import time
from pathlib import Path

import pytest

from firmware.flash import flashing
from firmware.flash.board import _check_sum, check_image, ignore_percent, write
from firmware.micropython.image_file import inspect
from firmware.sources import LocalSource
from stations.models import Key
from tests.firmware.flash.flashing import SMALL, Printing, esp8266_image, flash, give_network, image_file
from tests.firmware.micropython.image import micropython_image
from tests.virtual_board import MAC, VirtualBoard

pytestmark = pytest.mark.sqlite_only

DEAF_AFTER_S = 4
DEAF = f"""
import micropython, time
time.sleep({DEAF_AFTER_S})
micropython.kbd_intr(-1)
while True:
    time.sleep(1)
"""


@pytest.fixture
def board():
    with VirtualBoard() as board:
        yield board


@pytest.fixture
def ready(station):
    give_network(station)
    return station


@pytest.fixture
def image(tmp_path):
    return image_file(tmp_path)


@pytest.fixture
def printing(monkeypatch, board):
    return Printing(monkeypatch, board)


def contents(board):
    return {str(path.relative_to(board.files)): path.read_bytes() for path in board.files.rglob("*") if path.is_file()}


def test_a_new_board_becomes_the_station_and_the_key_on_it_the_live_one(ready, board, image, printing):
    said = flash(ready, board.port, image)
    assert said.splitlines()[-1] == "Done."
    assert [line[:10].rstrip() for line in said.splitlines()[:4]] == ["1/4 look", "2/4 build", "3/4 write", "4/4 start"]
    assert f"ESP8266, {MAC}" in said
    assert "4/4 start  its first reading is stored (" in said
    assert [key.state for key in Key.objects.filter(station=ready)] == ["live"]
    assert contents(board) == printing.bundles[-1].files | {"boot.py": contents(board)["boot.py"]}
    assert board.flash_bytes[8:3000] == esp8266_image()[8:3000]


@pytest.mark.parametrize(
    ("flash_id", "options", "said", "header"),
    [
        (0x1840EF, (), "16MB of flash, of which 4MB are used", (3, 4)),
        (0x9940EF, ("--flash-size", "2mb"), "flash of unknown size", (3, 3)),
        (0x1640EF, ("--flash-size", "2MB", "--flash-mode", "DIO"), "4MB of flash", (2, 3)),
    ],
)
def test_size_and_mode_are_in_the_header_and_the_rest_is_as_it_was(
    ready, board, image, printing, flash_id, options, said, header
):
    board.flash_id = flash_id
    lines = flash(ready, board.port, image, *options).splitlines()
    assert f"ESP8266, {MAC}, {said} (" in lines[0]
    assert lines[-1] == "Done."
    assert (board.flash_bytes[2], board.flash_bytes[3] >> 4) == header
    whole = image.read_bytes()
    assert board.flash_bytes[4 : len(whole)] == whole[4:]


def test_the_image_for_1_mb_goes_onto_a_board_that_has_no_more(ready, board, tmp_path):
    board.flash_id = 0x1440EF
    path = tmp_path / "1m.bin"
    path.write_bytes(micropython_image(built_for="ESP module (1M)"))
    write(board.port, path, 460_800, ignore_percent)
    assert board.flash_bytes[:4] == path.read_bytes()[:2] + b"\x03\x20"


@pytest.mark.parametrize(
    ("mode", "size", "header"), [("qio", None, (0, 4)), ("dout", "2MB", (3, 3)), ("dio", "4MB", (2, 4))]
)
def test_the_written_image_is_still_whole_by_its_own_sums(board, tmp_path, mode, size, header):
    """By the checksum of the boot ROM, which esptool computes, and by MicroPython's own MD5."""
    path, back = tmp_path / "image.bin", tmp_path / "back.bin"
    path.write_bytes(micropython_image())
    write(board.port, path, 460_800, ignore_percent, flash_size=size, flash_mode=mode)
    assert (board.flash_bytes[2], board.flash_bytes[3] >> 4) == header
    back.write_bytes(board.flash_bytes[: path.stat().st_size])
    check_image(back)
    _check_sum(back)
    assert inspect(back.read_bytes()).has_own_md5


def test_a_station_without_a_board_takes_the_one_that_is_there(ready, board, printing):
    board.install_micropython()
    type(ready).objects.update(mac=None)
    assert flash(ready, board.port, None, "--files-only").endswith("Done.\n")
    ready.refresh_from_db()
    assert ready.mac == MAC


def test_a_board_that_takes_another_ones_place_is_taken_when_that_is_asked_for(ready, board, printing):
    board.install_micropython()
    type(ready).objects.update(mac="a8:48:fa:00:00:01")
    assert flash(ready, board.port, None, "--files-only", "--replace-mac").endswith("Done.\n")
    ready.refresh_from_db()
    assert ready.mac == MAC


def test_the_files_alone_leave_micropython_and_the_outbox_and_take_away_an_older_build(ready, board, printing):
    board.install_micropython()
    old = ["lib/station.py", "lib/gone.mpy", "lib/sensors/dht22.mpy", "faults.txt", "outbox/7"]
    for path in old:
        (board.files / path).parent.mkdir(parents=True, exist_ok=True)
        (board.files / path).write_bytes(b"old")
    before = board.flash_bytes
    assert flash(ready, board.port, None, "--files-only").endswith("Done.\n")
    assert set(contents(board)) == {"boot.py", "config.json", "faults.txt", "outbox/7", *SMALL}
    assert board.flash_bytes == before


def test_a_second_time_only_the_file_with_the_new_key_is_copied(ready, board, printing):
    board.install_micropython()
    flash(ready, board.port, None, "--files-only")
    said = flash(ready, board.port, None, "--files-only")
    config = printing.bundles[-1].files["config.json"]
    assert f"{len(config)} bytes copied" in said
    assert json.loads(contents(board)["config.json"])["key"] == printing.secrets[-1]


def test_a_main_py_that_runs_forever_is_stopped(ready, board, printing):
    board.install_micropython()
    (board.files / "main.py").write_text("import time\nwhile True:\n    print('busy')\n    time.sleep_ms(50)\n")
    board.press_reset()
    assert flash(ready, board.port, None, "--files-only").endswith("Done.\n")


# pyserial makes a thread in an old way; of its users only this one turns warnings into errors.
@pytest.mark.filterwarnings("ignore:set(Daemon|Name):DeprecationWarning")
def test_a_port_with_modem_lines_resets_the_board_by_them(ready, monkeypatch):
    """A main.py that hears CTRL-C only in its first moments can be stopped only right after a reset.

    The reset after the look does not help: building the files, or a server far away, takes longer than those moments.
    """
    bundle = LocalSource.bundle
    monkeypatch.setattr(
        LocalSource, "bundle", lambda *args, **named: time.sleep(DEAF_AFTER_S + 1) or bundle(*args, **named)
    )
    with VirtualBoard(modem_lines=True) as board:
        Printing(monkeypatch, board)
        board.install_micropython()
        (board.files / "main.py").write_text(DEAF)
        board.press_reset()
        assert flash(ready, board.port, None, "--files-only").endswith("Done.\n")


def test_a_board_that_does_not_answer_is_waited_for_until_its_button_is_pressed(ready, board, printing, monkeypatch):
    """The loader of such a board was started by hand: without RTS only its button ends that."""
    monkeypatch.setattr(flashing, "PROMPT_S", 1.0)
    board.install_micropython()
    check_mac, pressing = LocalSource.check_mac, threading.Timer(4, lambda: setattr(board, "silent", False))

    def fall_silent(*args, **options):
        check_mac(*args, **options)
        board.silent = True
        pressing.start()

    monkeypatch.setattr(LocalSource, "check_mac", fall_silent)
    said = flash(ready, board.port, None, "--files-only")
    pressing.join()
    assert "press the board's RST button now" in said
    assert said.endswith("Done.\n")


def test_without_waiting_the_new_key_stays_pending_and_the_old_one_live(ready, board, image, printing, key):
    Key.objects.get().take_over(Key.objects.get().issued_at)
    said = flash(ready, board.port, image, "--no-wait")
    assert said.splitlines()[-1] == "Done; whether its readings arrive is not known yet."
    assert "4/4 start  started, not waited for (" in said
    assert [each.state for each in Key.objects.filter(station=ready)] == ["pending", "live"]
    assert Key.objects.authenticate(MAC, key)


def test_no_secret_is_in_a_process_list_or_in_what_is_printed(ready, board, image, printing):
    """Every user of the computer can read a secret in an argument."""
    seen, stop = set(), threading.Event()

    def watch():
        me = str(os.getpid())
        while not stop.is_set():
            for process in Path("/proc").glob("[0-9]*"):
                try:
                    if process.name != me:
                        seen.add((process / "cmdline").read_bytes())
                except OSError:
                    continue

    watcher = threading.Thread(target=watch)
    watcher.start()
    said = flash(ready, board.port, image)
    stop.set()
    watcher.join()
    everything = b"\n".join(seen)
    assert b"write-flash" in everything
    assert b":config.json" in everything
    for secret in printing.secrets:
        assert secret not in said
        assert secret.encode() not in everything


def test_the_folder_with_the_secrets_is_its_owners_alone_and_goes(ready, board, image, printing, monkeypatch):
    from firmware.flash import filesystem

    modes, run = {}, filesystem.run

    def watched(program, arguments, *rest):
        for argument in arguments:
            if (path := Path(argument)).is_absolute() and path.parent.name.startswith("freetemp-"):
                modes[path.parent] = path.parent.stat().st_mode & 0o777
        return run(program, arguments, *rest)

    monkeypatch.setattr(filesystem, "run", watched)
    flash(ready, board.port, image)
    assert set(modes.values()) == {0o700}
    assert not any(folder.exists() for folder in modes)
