"""Running esptool and mpremote, and turning their output into sentences."""

import inspect
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from firmware.flash import board, errors, filesystem
from firmware.flash.console import Masked
from firmware.flash.errors import BoardGoneError, FlashError, NoProgramError, ProgramError
from firmware.flash.filesystem import Contents
from firmware.flash.programs import ProgramFailed, printable, run

pytestmark = pytest.mark.sqlite_only

ROOT = Path(__file__).parents[3]
SENTENCES = [each for _, each in inspect.getmembers(errors, inspect.isclass) if "sentence" in vars(each)]


@pytest.fixture
def program(tmp_path, monkeypatch):
    """Return a function that makes a program of this name from lines of Python."""

    def make(*lines):
        (tmp_path / "chatter.py").write_text("\n".join(["import sys, time", *lines]))
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))
        return "chatter"

    return make


def test_lines_are_handed_on_as_they_come_with_errors_in_their_place(program):
    name, seen = program("print('one'); print('two', file=sys.stderr); print('three')"), []
    assert run(name, [], 10, seen.append) == seen == ["one", "two", "three"]


def test_a_program_that_says_nothing_for_long_is_ended(program):
    name = program("print('begun')", "time.sleep(60)")
    with pytest.raises(ProgramFailed) as failed:
        run(name, [], 4)  # A busy computer takes its time to start Python.
    assert failed.value.lines == ["begun", "no answer for 4 s"]


def test_leaving_while_a_program_runs_ends_it(program, tmp_path):
    name = program("print('begun')", "time.sleep(1)", f"open({str(tmp_path / 'survived')!r}, 'w')")

    def leave(line):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(name, [], 10, leave)
    subprocess.run([sys.executable, "-c", "import time; time.sleep(1.2)"], check=True)
    assert not (tmp_path / "survived").exists()


def test_the_users_own_settings_of_esptool_do_not_reach_it(program, monkeypatch):
    monkeypatch.setenv("ESPTOOL_PORT", "/dev/another")
    monkeypatch.setenv("FORCE_COLOR", "1")
    name = program("import os", "print([each for each in os.environ if each.startswith(('ESPTOOL', 'FORCE'))])")
    assert run(name, [], 10) == ["[]"]


def test_a_program_that_is_not_installed_says_how_to_install_it():
    with pytest.raises(NoProgramError, match=r"^no_such_tool is not installed: run `pip install -r requirements"):
        run("no_such_tool", [], 10)


def test_colours_and_boot_noise_are_taken_out_of_a_line():
    assert printable("\x1b[31mred\x1b[0m\r\n") == "red"
    assert printable("rl\x80l\x9c\x08Weiß, 21 °C\r") == "rllWeiß, 21 °C"


@pytest.mark.parametrize(
    ("says", "error"),
    [
        ("A fatal error occurred: MD5 of file does not match data in flash!", errors.FlashMismatchError),
        ("A fatal error occurred: Write failed, the written flash region is empty.", errors.FlashMismatchError),
        ("A fatal error occurred: Failed to connect to ESP8266: No serial data received.", errors.NothingAnswersError),
        ("Failed to connect to ESP8266: Invalid head of packet (0x08)", errors.NothingAnswersError),
        (
            "File 'image.bin' (length 900000) at offset 0x00000000 will not fit in 524288 bytes",
            errors.ImageTooLargeError,
        ),
        ("Failed to set baud rate 921600. The driver may not support this rate.", errors.SpeedError),
        ("A fatal error occurred: The chip stopped responding.", BoardGoneError),
        ("A serial exception error occurred: ClearCommError failed (PermissionError(13))", BoardGoneError),
        ("A fatal error occurred: something new", ProgramError),
    ],
)
def test_what_esptool_says_becomes_a_sentence(says, error, monkeypatch):
    monkeypatch.setattr("firmware.flash.ports.is_there", lambda port: True)
    facts = {"port": "COM4", "baud": 921600, "path": "image.bin"}
    assert type(board._sentence("write", facts, ProgramFailed("esptool", ["Connecting...", says]))) is error


@pytest.mark.parametrize(
    ("says", "error"),
    [
        ("mpremote: could not enter raw repl", errors.NoMicroPythonError),
        ("mpremote: failed to access COM4 (it may be in use by another program)", errors.PortBusyError),
        ("mpremote: cp: lib/station.mpy: No space left on device.", errors.BoardFullError),
        ("OSError: 28", errors.BoardFullError),
        ("mpremote: timeout waiting for first EOF reception", BoardGoneError),
        ("serial.serialutil.SerialException: ClearCommError failed", BoardGoneError),
        ("no answer for 30 s", BoardGoneError),
        ("MemoryError: memory allocation failed", ProgramError),
    ],
)
def test_what_mpremote_says_becomes_a_sentence(says, error, monkeypatch):
    monkeypatch.setattr("firmware.flash.ports.is_there", lambda port: True)
    assert type(filesystem._sentence("COM4", ProgramFailed("mpremote", [says]))) is error


def test_a_program_that_fails_on_a_port_that_is_gone_lost_the_board(tmp_path):
    gone = str(tmp_path / "ttyUSB0")
    said = str(filesystem._sentence(gone, ProgramFailed("mpremote", ["no idea"])))
    assert said == (
        "The board went away during “copy”: check its cable, then run this again. The key that the station used so far "
        "still works."
    )


def test_main_py_is_copied_last_and_what_is_there_already_is_not():
    wanted = {"main.py": b"1", "config.json": b"2", "lib/wifi.mpy": b"3", "lib/sensors/dht22.mpy": b"4"}
    there = Contents(6, "1.28.0", {"lib/wifi.mpy": filesystem._digest(b"3"), "config.json": filesystem._digest(b"0")})
    assert there.lacks(wanted) == ["config.json", "lib/sensors/dht22.mpy", "main.py"]


def test_stale_is_what_lib_no_longer_has_and_nothing_else():
    wanted = {"main.py": b"", "config.json": b"", "lib/wifi.mpy": b""}
    older = ["lib/sensors/dht22.mpy", "lib/wifi.py"]
    there = Contents(6, "1.28.0", dict.fromkeys([*older, "lib/wifi.mpy", "boot.py", "faults.txt", "main.py"], ""))
    assert there.stale(wanted) == older


def test_every_secret_is_masked_however_it_is_written():
    key, password = "0123456789abcdef", 'it\'s "mine" \\o/'
    networks = [["Open", ""], ["Home", password], ["Other", "mine-long"]]
    masked = Masked(json.dumps({"key": key, "networks": networks}).encode())
    for written in (password, repr(password), json.dumps(password), "mine-long"):
        assert "mine" not in masked(f"join {written} failed")
    assert masked(f"API_key={key}/") == "API_key=***/"
    assert masked("Open, Home") == "Open, Home"


@pytest.mark.parametrize("error", SENTENCES, ids=lambda error: error.__name__)
def test_every_sentence_is_in_the_documentation(error):
    """Word for word; the variable parts stand there in capitals."""
    documentation = " ".join((ROOT / "docs" / "flashing.md").read_text().split())
    assert re.sub(r"{(\w+)}", lambda fact: fact[1].upper(), error.sentence).strip() in documentation


def test_every_failure_has_a_sentence_of_its_own():
    kinds = [each for _, each in inspect.getmembers(errors, inspect.isclass) if issubclass(each, FlashError)]
    assert {each for each in kinds if not each.__subclasses__()} <= set(SENTENCES)


def test_without_a_terminal_the_token_has_to_be_in_the_environment(monkeypatch):
    def nobody(prompt):
        raise EOFError

    monkeypatch.setattr("firmware.management.commands.flash_station.getpass", nobody)
    monkeypatch.delenv("FREETEMP_TOKEN", raising=False)
    with pytest.raises(CommandError, match=r"^There is no terminal at which to ask for the token: set FREETEMP_TOKEN"):
        call_command("flash_station", "3", "--port", "COM4", "--server", "https://freetemp.example")
