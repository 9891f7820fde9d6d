"""Readings that a board loses, changes or never has, in the MicroPython VM: docs/nothing-lost.md."""

from pathlib import Path
from unittest import mock

from django.core.management import load_command_class

from firmware.flash import board
from firmware.flash.filesystem import OUTBOX
from tests.device.in_vm import play
from tests.device.test_full_flash import WORDS


def _told(walk, said):
    """Send a board's words to the server, and return what the board had told."""
    assert walk.post(trouble=said).startswith("200 ")
    return {"trouble": said}


def whole_seconds(walk):
    scene = "measure([21437]); say(type(server.stored[0][2]) is int, server.stored[0][3])"
    assert play(walk.tmp_path, scene) == [True, 21.437]
    yield {}
    yield False


def board_date_corrected(walk):
    scene = """
        measure([1])
        board.clock.set(server.now() + 86400)
        server.fail = None
        measure([2])
        board.clock.set(server.now())
        server.fail = 200
        say(deliver_all(), values(), moments())
    """
    assert play(walk.tmp_path, scene) == [True, [1, 2], [60, 120]]
    yield {}
    yield False


def flash_station(walk):
    """Erasing is what esptool is asked for. With --files-only, mpremote leaves the outbox's folder alone."""
    assert OUTBOX == "outbox"
    parser = load_command_class("firmware", "flash_station").create_parser("manage.py", "flash_station")
    with mock.patch.object(board, "_esptool", return_value=[]) as esptool:
        board.write("COM3", Path("image.bin"), 115_200, print, flash_size="4MB")
    assert "--erase-all" in str(esptool.call_args)
    yield {"command": " ".join(parser.format_help().split())}
    yield False


def outbox_full(walk):
    scene = """
        start(segments=1)
        fill(board.outbox, 0, SEGMENT + 25)
        board.reporter._collect()
        say(board.reporter._news())
    """
    yield _told(walk, play(walk.tmp_path, WORDS, scene))
    yield False


def flash_refuses(walk):
    scene = """
        server.fail = None
        def refuse(records):
            raise OSError(5)
        board.outbox.append = refuse
        measure(range(11))
        say(board.reporter._news())
    """
    yield _told(walk, play(walk.tmp_path, scene))
    yield False


def damaged(walk):
    scene = """
        server.fail = None
        measure(range(5))
        with open("outbox/00000001.seg", "rb") as file:
            data = bytearray(file.read())
        data[3] ^= 1
        with open("outbox/00000001.seg", "wb") as file:
            file.write(data)
        server.fail = 200
        say(deliver_all(), values(), board.reporter._news())
    """
    is_done, values, said = play(walk.tmp_path, scene)
    assert (is_done, values) == (True, [1, 2, 3, 4])
    yield _told(walk, said)
    yield False


def without_a_date(walk):
    scene = """
        server.fail = None
        measure([1])
        start()
        server.fail = 200
        measure([2])
        say(deliver_all(), values(), board.reporter._news())
    """
    is_done, values, said = play(walk.tmp_path, scene)
    assert (is_done, values) == (True, [2])
    yield _told(walk, said)
    yield False


def dropped_by_rejection(walk):
    scene = """
        server.rejects = lambda reading, now: "field" if reading["seq"] == 1 else None
        measure([1, 2])
        say(values(), board.reporter._news())
    """
    values, said = play(walk.tmp_path, scene)
    assert values == [2]
    yield _told(walk, said)
    yield False


def dropped_by_400(walk):
    scene = """
        server.fail = 400
        board.reporter.add(1, 1)
        board.reporter.deliver()
        board.reporter.deliver()
        server.fail = 200
        measure([2])
        say(values(), board.reporter._news())
    """
    values, said = play(walk.tmp_path, scene)
    assert values == [2]
    assert walk.post(body=b"{}").startswith("400 ")
    yield _told(walk, said)
    yield False


def power_cut(walk):
    scene = """
        board.reporter.add(1, 1)
        start()
        measure([2])
        say(deliver_all(), values(), board.reporter._news())
    """
    assert play(walk.tmp_path, scene) == [True, [2], ""]
    yield {}
    yield False


def _measured(walk, read, fields):
    """Let a station measure by a sensor of this test. Return what it adds to its reports, and its trouble."""
    scene = f"""
        import station
        class Reporter:
            trouble, added = "", []
            def add(self, *reading):
                self.added.append(reading)
        class Sensor:
            def read(self):
                {read}
        class Here(station.Station):
            def __init__(self):
                self.reporter = Reporter()
                self._sensors = [[{{"driver": "ds18b20", "fields": {fields}}}, Sensor()]]
        here = Here()
        here.measure()
        say(here.reporter.added, here.reporter.trouble)
    """
    return play(walk.tmp_path, scene)


def sensor(walk):
    added, said = _measured(walk, 'raise ValueError("wrong checksum")', {"temperature": 1})
    assert added == []
    yield _told(walk, said)
    yield False


def no_field(walk):
    read = 'return [("temperature", 21400), ("humidity", 60000)]'
    assert _measured(walk, read, {"temperature": 1}) == [[[1, 21400]], ""]
    yield {}
    added, _ = _measured(walk, read, {"temperature": 1, "humidity": 2})
    yield added == [[1, 21400], [2, 60000]]
