"""What a board prints over a serial line, here a pseudo-terminal: asked for its prompt, and the last lines masked."""

import json
import os
import threading
import tty

import pytest

from firmware.flash import console, ports
from firmware.flash.console import ENTER, INTERRUPT, LINES_KEPT, Console, Masked

pytestmark = pytest.mark.sqlite_only

KEY, PASSWORD = "0123456789abcdef0123456789abcdef", "correct horse"
NOTHING = Masked(json.dumps({"key": KEY, "networks": [["Garden", PASSWORD]]}).encode())


class Line:
    """A serial line: `port` is the program's end, and the board's end types and hears."""

    def __init__(self):
        self._board, self._program = os.openpty()
        tty.setraw(self._program)
        os.set_blocking(self._board, False)
        self.port = os.ttyname(self._program)

    def type(self, data):
        os.write(self._board, data)

    def heard(self):
        try:
            return os.read(self._board, 65536)
        except BlockingIOError:
            return b""

    def close(self):
        os.close(self._board)
        os.close(self._program)


@pytest.fixture
def line():
    line = Line()
    yield line
    line.close()


@pytest.fixture
def reading(line):
    """Return a function that types something and returns the console's lines behind it."""
    with ports.opened(line.port) as opened:
        output = Console(opened, NOTHING)

        def reading(*pieces):
            for piece in pieces:
                line.type(piece)
                output.read_for(0.05)
            return list(output.lines)

        yield reading


def test_lines_are_whole_however_they_come_and_are_told_without_noise(reading):
    assert reading(b"fi", b"rst\r\nsec\x80ond\r\n\r\n \r\nthi") == ["first", "second"]
    assert reading("rd, 21 °C\n".encode()) == ["first", "second", "third, 21 °C"]


def test_a_secret_that_comes_in_two_pieces_is_masked_too(reading):
    assert reading(f"using {KEY[:10]}".encode(), f"{KEY[10:]} and {PASSWORD}\n".encode()) == ["using *** and ***"]


def test_the_last_lines_are_kept_and_of_a_line_without_an_end_its_last_500_bytes(reading):
    numbered = [f"line {number}" for number in range(40)]
    assert reading("\n".join([*numbered, ""]).encode()) == numbered[-LINES_KEPT:]
    assert LINES_KEPT == 12
    *_, last = reading(b"x" * 3000, b"y" * 100, b"\n")
    assert last == "x" * 400 + "y" * 100


def test_a_prompt_that_comes_in_pieces_is_an_answer(line):
    typing = [threading.Timer(*each) for each in ((0.3, line.type, [b"v1.28.0\r\n>>"]), (0.6, line.type, [b"> "]))]
    for each in typing:
        each.start()
    assert console.answers(line.port, ENTER, 20)
    for each in typing:
        each.join()


def test_a_board_is_nudged_each_second_until_it_answers(line, monkeypatch):
    monkeypatch.setattr(console, "NUDGE_S", 0.25)
    typing = threading.Timer(0.9, line.type, [b"\r\n>>> "])
    typing.start()
    assert console.answers(line.port, INTERRUPT, 20)
    typing.join()
    heard = line.heard()
    assert heard == INTERRUPT * (len(heard) // len(INTERRUPT))
    assert len(heard) > len(INTERRUPT)


def test_a_board_that_prints_and_shows_no_prompt_does_not_answer(line):
    typing = threading.Timer(0.2, line.type, [b"freetemp starts in 5 s >> > ready\r\n"])
    typing.start()
    assert not console.answers(line.port, ENTER, 0.5)
    typing.join()


def test_a_board_without_modem_lines_is_started_anew_by_a_command(line):
    with console.started(line.port, NOTHING) as output:
        assert line.heard() == INTERRUPT + b"import machine; machine.reset()\r"
        line.type(b"freetemp starts\n")
        output.read_for(0.05)
        assert list(output.lines) == ["freetemp starts"]


def test_the_longer_of_two_secrets_is_masked_whole_and_an_empty_one_is_none():
    networks = [["A", "pass"], ["B", "password"], ["C", ""]]
    masked = Masked(json.dumps({"key": "pass-key", "networks": networks}).encode())
    assert masked("password, pass-key, pass, A") == "***, ***, ***, A"


@pytest.mark.parametrize("password", ['quo"te', "back\\slash", "it's", "both'\"", "ümlaut"])
def test_a_secret_is_masked_as_it_is_as_json_and_as_python_writes_it(password):
    masked = Masked(json.dumps({"key": KEY, "networks": [["Garden", password]]}).encode())
    assert masked(f"<{password}>") == "<***>"
    assert masked(json.dumps([password])) == '["***"]'
    assert masked(repr([password]))[1:-1] in ("'***'", '"***"')
