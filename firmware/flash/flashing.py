"""Flashing a station's board, in four steps."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from firmware.flash import board, console, filesystem, flash_chip, ports
from firmware.flash.console import Console, Masked
from firmware.flash.errors import (
    AnotherBoardError,
    BoardGoneError,
    FlashError,
    FlashModeError,
    MadeUpMacError,
    NoMicroPythonError,
    NoReadingError,
    NoSuchPortError,
    NotStartedError,
    OldMicroPythonError,
    SimulatedStationError,
)
from firmware.flash.progress import Progress, Step
from firmware.sources import Bundle, NoAnswerError, OtherBoardError, Source
from stations.mac import is_made_up

BAUD = 460_800
WAIT_S = 180  # WiFi takes up to 20 s for each network, and the first reading follows once the board is connected.
MPY_VERSION = 6
PROMPT_S = 10.0  # A first start makes the file system, which takes seconds.
BUTTON_S = 30.0  # Time for a person to find the board's button and press it.
POLL_S = 1.0
SILENT_POLLS = 15  # A board that starts prints within two seconds.


@dataclass(frozen=True)
class Options:
    """The options that the user has chosen."""

    port: str
    baud: int = BAUD
    image: Path | None = None
    files_only: bool = False
    flash_size: str | None = None  # As esptool calls it, like 4MB; None: as the board says.
    flash_mode: str = flash_chip.MODE
    server_url: str | None = None
    replace_mac: bool = False
    wait_s: int | None = WAIT_S  # None: start and leave.


class Image(NamedTuple):
    """A checked image, and the size of flash for its header."""

    path: Path
    flash_size: str


class Flashing:
    """One flash of a station's board. FlashError and SourceError name the obstacle; it can always be run again."""

    def __init__(self, source: Source, options: Options, progress: Progress) -> None:
        self.source = source
        self.options = options
        self.progress = progress
        self.station_id = 0  # Known once the board has been looked at.

    def run(self) -> None:
        found = self._look()
        bundle, image = self._build(found.flash_size, found.mac)
        masked = Masked(bundle.files["config.json"])
        try:
            self._write(bundle, image)
            self._take(found.mac)
            self._start(bundle, masked)
        except FlashError as error:
            error.args = (masked(str(error)),)  # Programs may repeat a board's output.
            raise

    def _look(self) -> board.Found:
        station = self.source.station()
        self.station_id = station.id
        if station.simulated:
            raise SimulatedStationError(station=station.name, id=station.id)
        with self.progress.step("look") as step:
            found = board.look(self.options.port, step.percent)
            try:
                self.source.check_mac(found.mac, replace=self.options.replace_mac)
            except OtherBoardError as error:
                kind = MadeUpMacError if station.mac and is_made_up(station.mac) else AnotherBoardError
                raise kind(
                    port=self.options.port, found=found.mac, station=station.name, expected=station.mac
                ) from error
            step.result = f"{board.CHIP}, {found.mac}, {flash_chip.described(found.flash_size)}"
        return found

    def _take(self, mac: str) -> None:
        """Make the board the station's, now that everything is on it: until here the one before goes on reporting."""
        self.source.take_mac(mac, replace=self.options.replace_mac)

    def _build(self, flash_size: str | None, mac: str | None = None) -> tuple[Bundle, Image | None]:
        """Return the station's files, and the image to write before them. A missing part is noticed here, before
        anything is erased."""
        with self.progress.step("build") as step:
            image = None
            if not self.options.files_only:
                image = self._image(flash_size)
            step.percent(30)
            bundle = self.source.bundle(self.options.server_url, mac=mac)
            step.result = f"{len(bundle.files)} files, {_size(bundle.files)} bytes"
        return bundle, image

    def _image(self, detected: str | None) -> Image:
        path, options = self.source.image(self.options.image), self.options
        board.check_image(path)
        return Image(path, flash_chip.size_for(path, port=options.port, detected=detected, named=options.flash_size))

    def _write(self, bundle: Bundle, image: Image | None) -> None:
        with self.progress.step("write") as step, _watched("write"):
            if image is None:
                ports.reset(self.options.port)  # main.py can be stopped within 5 s of it, before it starts anything.
                contents = self._contents(console.INTERRUPT)
                copied = self._copy(bundle, contents, step.part(10, 90))
            else:
                self._write_image(image, step.part(0, 65))
                contents = self._contents(console.ENTER)
                copied = self._copy(bundle, contents, step.part(70, 98))
            step.result = f"MicroPython {contents.version}, {copied} bytes copied"

    def _write_image(self, image: Image, on_percent: Callable[[float], None]) -> None:
        options = self.options
        board.write(
            options.port,
            image.path,
            options.baud,
            on_percent,
            flash_size=image.flash_size,
            flash_mode=options.flash_mode,
        )

    def _contents(self, nudge: bytes) -> filesystem.Contents:
        """Return the board's contents once MicroPython answers. A person presses RST if RTS does not reach it."""
        port = self.options.port
        if not console.answers(port, nudge, PROMPT_S):
            self.progress.say("MicroPython does not answer yet: press the board's RST button now.")
            if not console.answers(port, nudge, BUTTON_S):
                raise self._no_answer()
        return filesystem.look(port)

    def _no_answer(self) -> FlashError:
        """Return the next thing to try for a board that does not start: another each time."""
        port, mode = self.options.port, self.options.flash_mode
        if self.options.files_only:
            return NoMicroPythonError(port=port)
        return NotStartedError(port=port) if mode == flash_chip.MODE else FlashModeError(port=port, mode=mode)

    def _copy(self, bundle: Bundle, contents: filesystem.Contents, on_percent: Callable[[float], None]) -> int:
        if contents.mpy != MPY_VERSION:
            raise OldMicroPythonError(version=contents.version, found=contents.mpy)
        whole = _size(bundle.files)
        return filesystem.copy(
            self.options.port, bundle.files, contents, lambda arrived: on_percent(100 * arrived / whole)
        )

    def _start(self, bundle: Bundle, masked: Masked) -> None:
        with (
            self.progress.step("start") as step,
            _watched("start"),
            console.started(self.options.port, masked) as output,
        ):
            if self.options.wait_s is None:
                step.result = "started, not waited for"
                return
            self._wait(bundle, output, self.options.wait_s, step)
            step.result = "its first reading is stored"

    def _wait(self, bundle: Bundle, output: Console, wait_s: int, step: Step) -> None:
        """Wait until the new key has been used."""
        began_s = time.monotonic()
        for polled in itertools.count():
            elapsed_s = time.monotonic() - began_s
            if self._has_reported(bundle, is_last=elapsed_s >= wait_s):
                return
            if elapsed_s >= wait_s:
                server = json.loads(bundle.files["config.json"])["server"]
                raise NoReadingError(seconds=wait_s, server=server, printed=_printed(output))
            if polled == SILENT_POLLS and not output.lines:
                self.progress.say("The board has printed nothing so far: press its RST button now.")
            step.percent(100 * elapsed_s / wait_s)
            output.read_for(POLL_S)

    def _has_reported(self, bundle: Bundle, *, is_last: bool) -> bool:
        """Ask whether the new key has been used. A server that is briefly away is asked again later."""
        try:
            return self.source.has_reported(bundle)
        except NoAnswerError:
            if is_last:
                raise
            return False


@contextmanager
def _watched(step: str) -> Iterator[None]:
    """Raise BoardGoneError if the port vanishes while this program has it open or reopens it."""
    try:
        yield
    except (NoSuchPortError, ports.LineError) as error:
        raise BoardGoneError(step=step) from error


def _size(files: dict[str, bytes]) -> int:
    return sum(map(len, files.values()))


def _printed(output: Console) -> str:
    if not output.lines:
        return "The board printed nothing."
    return "\n  ".join(["The board's last lines:", *output.lines])
