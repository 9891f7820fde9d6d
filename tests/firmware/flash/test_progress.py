"""The bars and lines that a person sees while flashing a board."""

import fcntl
import io
import os
import struct
import termios
from contextlib import suppress

import pytest

from firmware.flash.progress import Progress

pytestmark = pytest.mark.sqlite_only


class Terminal:
    """A pseudo-terminal of 100 columns, and the text written to it."""

    def __init__(self):
        self._master, slave = os.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("4H", 25, 100, 0, 0))
        os.set_blocking(self._master, False)
        self.file = os.fdopen(slave, "w")

    @property
    def text(self):
        self.file.flush()
        parts = []
        with suppress(BlockingIOError):  # Everything has been read.
            while True:
                parts.append(os.read(self._master, 4096))
        return b"".join(parts).decode()

    def close(self):
        self.file.close()
        os.close(self._master)


@pytest.fixture
def terminal():
    terminal = Terminal()
    yield terminal
    terminal.close()


def test_a_terminal_sees_a_bar_that_follows_and_ends_with_the_result(terminal, monkeypatch):
    monkeypatch.setattr("sys.stderr", terminal.file)  # Not in the fixture: pytest sets its own after that.
    lines = []
    with Progress(lines.append).step("look") as step:
        step.percent(50)
        step.result = "ESP8266"
    assert lines == []
    shown = terminal.text
    assert "1/4 look     0% |" in shown
    assert "100% |" in shown
    assert shown.rstrip().endswith("ESP8266")


def test_a_bar_does_not_go_back_nor_over_its_end(terminal, monkeypatch):
    monkeypatch.setattr("sys.stderr", terminal.file)
    with Progress(lambda line: None).step("write") as step:
        part = step.part(20, 60)
        part(100)
        part(10)
        assert step._bar.n == 60
        step.percent(170)
        assert step._bar.n == 100


def test_where_nobody_watches_each_step_is_a_line(monkeypatch):
    monkeypatch.setattr("sys.stderr", io.StringIO())
    lines = []
    progress = Progress(lines.append)
    for title in ("look", "build"):
        with progress.step(title) as step:
            step.result = "fine"
    assert [line.partition(" (")[0] for line in lines] == ["1/4 look   fine", "2/4 build  fine"]


def test_a_step_that_fails_says_no_result(monkeypatch):
    monkeypatch.setattr("sys.stderr", io.StringIO())
    lines = []
    with pytest.raises(OSError, match="pulled"), Progress(lines.append).step("look"):
        raise OSError("pulled")
    assert lines == []
