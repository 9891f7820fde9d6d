"""Simulate a station's board on this computer, with made-up weather."""

from __future__ import annotations

import itertools
import secrets
import signal
import tempfile
import time
from argparse import ArgumentTypeError
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, CommandParser

from firmware.build import output_folder
from firmware.management.commands.build_station import find_station
from firmware.simulator.vm import NoMicroPythonError, VirtualMachine, micropython
from firmware.simulator.weather import Place, sensor_values
from firmware.sources import Bundle, LocalSource, SourceError
from stations.models import Station

POLL_S = 0.2
POLLS_A_WEATHER, POLLS_A_QUESTION = 25, 5
LONGEST_S = 86_400  # The longest interval of a station.


def seconds(text: str) -> int:
    if not (text.isdecimal() and 1 <= int(text) <= LONGEST_S):
        raise ArgumentTypeError(f"{text!r} is not a number of seconds from 1 to {LONGEST_S}")
    return int(text)


class Command(BaseCommand):
    help = (
        "Run the very files of a board in a MicroPython on this computer, with sensor values that look like weather, "
        "until Ctrl-C. For stations marked simulated only."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("station", help="The station's number or name.")
        parser.add_argument("--url", help="The server's address; SERVER_URL unless given.")
        parser.add_argument(
            "--interval", type=seconds, metavar="S", help="Seconds between two readings; the station's unless given."
        )

    def handle(self, *args: Any, station: str, url: str | None, interval: int | None, **options: Any) -> None:
        found = find_station(station)
        if not found.simulated:
            raise CommandError(
                f"{found} is a real station, and nobody's real station gets made-up weather: add another in the admin "
                "and mark it simulated."
            )
        place = Path(settings.VAR_DIR, "simulated", str(found.pk))
        try:
            micropython()  # Checked before a key is issued: without MicroPython nothing would use one.
            with ended_like_ctrl_c(), held(place), tempfile.TemporaryDirectory() as world:
                bundle = prepare(found, place / "board", url, interval)
                self.play(found, bundle, VirtualMachine(place / "board", Path(world)))
        except (NoMicroPythonError, SourceError) as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{place} cannot be written: {error.strerror}. Make room, or set VAR_DIR.") from error
        except KeyboardInterrupt:
            self.stdout.write("Stopped: it goes on from here next time.")

    def play(self, station: Station, bundle: Bundle, board: VirtualMachine) -> None:
        """Run the board until it is stopped, and print its output."""
        self.stdout.write(f"{station} is simulated, its files in {board.folder}. Ctrl-C stops it.")
        try:
            board.set(**sensor_values(place_of(station), time.time()))
            board.start()
            self.watch(station, bundle, board)
        finally:
            board.stop()

    def watch(self, station: Station, bundle: Bundle, board: VirtualMachine) -> None:
        has_reported = False
        for poll in itertools.count(1):
            self.print(board)
            if not board.running:
                raise CommandError("The board's program has ended: its output above says why.")
            if poll % POLLS_A_WEATHER == 0:
                board.set(**sensor_values(place_of(station), time.time()))
            if not has_reported and poll % POLLS_A_QUESTION == 0 and LocalSource(station).has_reported(bundle):
                has_reported = True
                self.stdout.write(f"Its first reading is stored: it is on the page {station.get_absolute_url()}")
            time.sleep(POLL_S)

    def print(self, board: VirtualMachine) -> None:
        while board.lines:
            self.stdout.write(board.lines.pop(0))
        self.stdout.flush()


def prepare(station: Station, board: Path, url: str | None, interval_s: int | None) -> Bundle:
    """Put the station's files into its board's folder, with a new key. Its outbox stays, as on a board."""
    source = LocalSource(station)
    if not station.mac:
        source.take_mac(f"02{secrets.token_hex(5)}")  # 02: locally administered, so no board has it (IEEE 802).
    # Loopback is fine here. With TLS, only the address for boards works.
    address = url or (None if settings.TLS else settings.SERVER_URL)
    bundle = source.bundle(address, interval_s)
    output_folder.fill(bundle.files, board)
    return bundle


def place_of(station: Station) -> Place:
    """Return a station's place, or a plausible one."""
    names = ("latitude", "longitude", "elevation_m")
    return Place(station.name, **{name: value for name in names if (value := getattr(station, name)) is not None})


@contextmanager
def held(place: Path) -> Iterator[None]:
    """Prevent a second simulation of the station: they would end each other's keys."""
    import fcntl  # Not on Windows, where there is no MicroPython either.

    output_folder.make_private(place)
    with (place / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CommandError("This station is being simulated already: stop that one first.") from error
        yield


@contextmanager
def ended_like_ctrl_c() -> Iterator[None]:
    """Stop the board too when this program is terminated: it would go on by itself."""
    # SIGINT too: a shell that starts a program in the background makes it ignore SIGINT.
    before = {number: signal.signal(number, signal.default_int_handler) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
