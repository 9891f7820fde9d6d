"""What esptool and mpremote say, followed line by line, by programs that say what those said once."""

import json
import sys
from pathlib import Path

import pytest

from firmware.flash import board, filesystem, ports
from firmware.flash.errors import (
    BoardGoneError,
    FileMismatchError,
    NotAnESP8266Error,
    ProgramError,
    WrongImageError,
)
from firmware.flash.filesystem import Contents
from firmware.flash.programs import ProgramFailed, run
from tests.firmware.flash.flashing import esp8266_image

pytestmark = pytest.mark.sqlite_only

LOOK = """esptool v5.1.0
Connecting...
Connected to ESP8266 on COM4:
Chip type:          ESP8266EX
MAC:                6c:ef:7f:3b:9d:e8

Flash Memory Information:
=========================
Manufacturer: ef
Device: 4016
Detected flash size: 4MB

Hard resetting via RTS pin..."""


@pytest.fixture
def says(tmp_path, monkeypatch):
    """Return a function that has a program say a text and end; its arguments are in the file `asked`."""
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(ports, "check", lambda port: None)

    def says(program, text, code=0, then=""):
        lines = [
            "import json, sys, time",
            "open('asked', 'w').write(json.dumps(sys.argv[1:]))",
            f"print({text!r}, flush=True)",
        ]
        (tmp_path / f"{program}.py").write_text("\n".join([*lines, then, f"sys.exit({code})"]))

    monkeypatch.chdir(tmp_path)
    return says


def asked():
    """Return the arguments that the last program was given."""
    return json.loads(Path("asked").read_text())


def test_a_look_tells_the_mac_and_the_flash_and_how_far_it_is_and_writes_nothing(says):
    says("esptool", LOOK)
    percents = []
    assert board.look("COM4", percents.append) == ("6c:ef:7f:3b:9d:e8", "4MB")
    assert percents == [30, 60, 80, 90]
    assert asked() == ["--port", "COM4", "--no-stub", "flash-id"]


@pytest.mark.parametrize(("said", "size"), [("16MB", "16MB"), ("512KB", "512KB"), ("Unknown", None)])
def test_a_flash_is_as_esptool_calls_it_or_unknown(says, said, size):
    says("esptool", LOOK.replace("4MB", said))
    assert board.look("COM4", lambda percent: None).flash_size == size


def test_another_chip_is_refused_where_its_flash_cannot_be_asked_too(says, monkeypatch):
    monkeypatch.setattr(ports, "is_there", lambda port: True)
    says("esptool", "Connected to ESP32 on COM4:\nA fatal error occurred: Failed to configure SPI flash pins", code=2)
    with pytest.raises(NotAnESP8266Error, match="has the chip ESP32, not an ESP8266"):
        board.look("COM4", lambda percent: None)


@pytest.mark.parametrize(
    ("text", "chip"),
    [
        (LOOK.replace("ESP8266 on", "ESP32-C3 on"), "has the chip ESP32-C3, not an ESP8266"),
        (LOOK.replace("MAC:  ", "BASE:"), "has the chip ESP8266, not an ESP8266"),
        ("", "has the chip unknown chip, not"),
    ],
)
def test_what_is_no_esp8266_or_has_no_mac_is_refused(says, text, chip):
    says("esptool", text)
    with pytest.raises(NotAnESP8266Error, match=chip):
        board.look("COM4", lambda percent: None)


WRITE = """Connected to ESP8266 on COM4:
Erasing flash memory (this may take a while)...
Flash memory erased successfully in 8.2 seconds.
Writing at 0x00000000 [                              ]   0.0% 0/434048 bytes...
Writing at 0x00029310 [===============>              ]  50.0% 217024/434048 bytes...
Writing at 0x0009ffff [==============================] 100.0% 434048/434048 bytes...
Wrote 634880 bytes (434048 compressed) at 0x00000000 in 10.1 seconds (501.1 kbit/s).
Hash of data verified."""


def test_writing_erases_first_and_leaves_the_rest_of_the_bar_to_the_comparison(says, tmp_path):
    says("esptool", WRITE)
    percents = []
    board.write("COM4", tmp_path / "image.bin", 115200, percents.append, flash_size="2MB")
    assert percents == [20, 20, 57.5, 95]
    header = ["--flash-size", "2MB", "--flash-mode", "dout"]
    whole = ["write-flash", "--erase-all", *header, "0", str(tmp_path / "image.bin")]
    assert asked() == ["--port", "COM4", "--baud", "115200", *whole]


def test_an_image_whose_header_esptool_leaves_alone_is_refused(says, tmp_path):
    """It succeeds then, and the board would start with the wrong size."""
    says("esptool", "Warning: Image file at 0x0 is not a valid esp8266 image, so not changing any flash settings.")
    with pytest.raises(WrongImageError, match="esptool cannot read its header"):
        board.write("COM4", tmp_path / "image.bin", 115200, lambda percent: None, flash_size="4MB")


def test_a_connection_that_esptool_waits_for_is_not_waited_for(says, tmp_path):
    says("esptool", "Connecting...\nLost connection, retrying...", then="time.sleep(60)")
    with pytest.raises(BoardGoneError, match="during “write”"):
        board.write("COM4", tmp_path / "image.bin", 460800, lambda percent: None, flash_size="4MB")


def test_a_program_that_fails_on_a_port_that_is_gone_lost_the_board_whatever_it_says(says, monkeypatch):
    says("esptool", "Failed to connect to ESP8266: No serial data received.", code=2)
    monkeypatch.setattr(ports, "is_there", lambda port: False)
    with pytest.raises(BoardGoneError, match="during “look”"):
        board.look("COM4", lambda percent: None)


def test_what_has_no_sentence_is_told_with_the_program_its_step_and_its_last_words(says, monkeypatch):
    monkeypatch.setattr(ports, "is_there", lambda port: True)
    says("esptool", "Connecting...\nA fatal error occurred: something new\n.....\n---", code=2)
    with pytest.raises(ProgramError, match=r"^esptool stopped during “look” \(A fatal error occurred: something new\)"):
        board.look("COM4", lambda percent: None)
    says("mpremote", "MemoryError: no room\n>", code=1)
    with pytest.raises(ProgramError, match=r"^mpremote stopped during “copy” \(MemoryError: no room\)"):
        filesystem.look("COM4")


@pytest.mark.parametrize(("said", "is_right"), [("0xa2 (valid)", True), ("0xa2 (invalid - calculated 0x0c)", False)])
def test_an_image_without_an_md5_of_its_own_is_right_where_esptool_says_so(says, tmp_path, said, is_right):
    (tmp_path / "image.bin").write_bytes(esp8266_image())
    says("esptool", f"Image version: 1\nValidation Hash: none (valid)\nChecksum: {said}")
    if is_right:
        board.check_image(tmp_path / "image.bin")
    else:
        with pytest.raises(WrongImageError, match="its checksum is wrong"):
            board.check_image(tmp_path / "image.bin")
    assert asked() == ["--chip", "esp8266", "image-info", str(tmp_path / "image.bin")]


def test_an_image_that_esptool_cannot_read_or_that_is_not_there_is_told(says, tmp_path):
    (tmp_path / "image.bin").write_bytes(esp8266_image())
    says("esptool", "A fatal error occurred: this is no image", code=2)
    with pytest.raises(WrongImageError, match=r"image\.bin is not MicroPython .* \(A fatal error occurred: this is no"):
        board.check_image(tmp_path / "image.bin")
    with pytest.raises(WrongImageError, match=r"none\.bin is not MicroPython .* \(No such file or directory\)"):
        board.check_image(tmp_path / "none.bin")


FILES = {"config.json": b"12", "lib/station.mpy": b"345", "lib/sensors/dht22.mpy": b"6789", "main.py": b"0"}


def listing(files, version="freetemp-mpy 6 1.28.0"):
    return "\n".join([version, *(f"freetemp-file {filesystem._digest(data)} {path}" for path, data in files.items())])


def test_what_a_board_holds_is_listed_whatever_else_it_prints(says):
    says("mpremote", f"main.py says hello\n{listing(FILES)}\nfreetemp-file 12 torn")
    contents = filesystem.look("COM4")
    assert (contents.mpy, contents.version) == (6, "1.28.0")
    assert contents.lacks(FILES) == []
    assert set(contents.files) == set(FILES)
    assert asked() == ["connect", "COM4", "resume", "exec", filesystem.FACTS]


def test_a_board_that_lists_nothing_is_told(says):
    says("mpremote", "freetemp-mpy six 1.28.0")
    with pytest.raises(ProgramError, match=r"mpremote stopped during “copy” \(it lists no files\)"):
        filesystem.look("COM4")


def test_files_are_copied_in_order_and_each_says_how_many_bytes_have_arrived(says):
    order = ["config.json", "lib/sensors/dht22.mpy", "main.py"]
    said = "\n".join([f"cp /tmp/{number} :{path}" for number, path in enumerate(order)] + ["cp x :theirs"])
    says("mpremote", f"{said}\n{listing(FILES)}")
    before = Contents(6, "1.28.0", {"lib/station.mpy": filesystem._digest(b"345"), "lib/gone.py": "0"})
    arrived = []
    assert filesystem.copy("COM4", FILES, before, arrived.append) == 7
    assert arrived == [0, 2, 6]
    arguments = asked()
    assert arguments[:4] == ["connect", "COM4", "resume", "exec"]
    assert arguments[4].startswith("folders = ['lib', 'lib/sensors']\nstale = ['lib/gone.py']\n")
    assert [each for each in arguments if each.startswith(":")] == [f":{path}" for path in order]
    assert arguments[-3:] == ["+", "exec", filesystem.FACTS]


def test_a_file_that_is_not_there_as_it_was_sent_is_named(says):
    says("mpremote", listing(FILES | {"lib/station.mpy": b"34?", "main.py": b"?"}))
    with pytest.raises(FileMismatchError, match=r"^lib/station\.mpy is not on the board as it was sent"):
        filesystem.copy("COM4", FILES, Contents(6, "1.28.0"), lambda arrived: None)


def test_a_program_has_nobody_to_ask_and_may_say_what_is_no_text(says):
    says("chatter", "begun", then="sys.stdout.buffer.write(sys.stdin.buffer.read() + b'\\xff\\xfe21 \\xc2\\xb0C\\n')")
    assert run("chatter", [], 20) == ["begun", "21 °C"]


def test_a_program_that_hangs_after_its_last_words_is_ended_too(says):
    says("chatter", "begun", then="import os; os.close(1); os.close(2); time.sleep(60)")
    with pytest.raises(ProgramFailed) as failed:
        run("chatter", [], 0.5)
    assert failed.value.lines == ["begun", "no answer for 0 s"]
    assert str(failed.value) == "chatter failed"


@pytest.mark.parametrize(
    ("lines", "reason"),
    [(["one", "two", "-- 3 --", ""], "two"), (["...", "12"], "it gave no answer"), ([], "it gave no")],
)
def test_the_reason_of_a_failure_is_the_last_line_with_words(lines, reason):
    assert ProgramFailed("esptool", lines).reason.startswith(reason)


def test_programs_run_plain_and_wide_with_this_python(says, monkeypatch):
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("CLICOLOR", "1")
    then = (
        "import os; print(*(os.environ.get(name) for name in ('TERM', 'NO_COLOR', 'COLUMNS', 'CLICOLOR')), sys.prefix)"
    )
    says("chatter", "begun", then=then)
    assert run("chatter", [], 20)[1] == f"dumb 1 1000 None {sys.prefix}"
