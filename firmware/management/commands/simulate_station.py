"""Simulate a station's board on this computer, with made-up weather."""

from __future__ import annotations

import itertools
import json
import tempfile
import time
from argparse import ArgumentTypeError
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from django.core.management import CommandError, CommandParser

from firmware.management.signals import heard_as_ctrl_c
from firmware.simulator import played_board
from firmware.simulator.played_board import PlayedAlreadyError, place_of, surroundings
from firmware.simulator.sentences import sentence
from firmware.simulator.vm import NoMicroPythonError, VirtualMachine, micropython
from firmware.sources import Bundle, LocalSource, SourceError
from freetemp.command import BaseCommand
from freetemp.conf.environment import origin_and_path
from stations.management.lookup import find_station
from stations.models import Station

POLL_S = 0.2
POLLS_A_WEATHER, POLLS_A_QUESTION = 25, 5
LONGEST_S = 86_400  # The longest interval of a station.

NOBODY = (
    "No server runs at {server}, and the readings wait until one does: start the one of this folder in another "
    "terminal with `python3 bootstrap.py serve`, or name another with --url."
)


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
        parser.add_argument("--url", help="Where it reports, instead of SERVER_URL.")
        parser.add_argument(
            "--interval", type=seconds, metavar="S", help="Seconds between two readings; the station's unless given."
        )

    server = ""  # The address that the board reports to.

    def handle(self, *args: Any, station: str, url: str | None, interval: int | None, **options: Any) -> None:
        found = find_station(station)
        if not found.simulated:
            raise CommandError(
                f"{found} is a real station, and nobody's real station gets made-up weather: add another in the admin "
                "and mark it simulated."
            )
        folder = played_board.folder_of(found)
        try:
            micropython()  # Checked before a key is issued: without MicroPython, nothing would use the key.
            # SIGINT too: a shell that starts a program in the background makes it ignore SIGINT.
            with (
                heard_as_ctrl_c("SIGINT", "SIGTERM"),
                played_board.held(folder),
                tempfile.TemporaryDirectory() as world,
            ):
                server = played_board.server_of(url)
                if played_board.is_nobody_at(server):
                    self.stderr.write(NOBODY.format(server=server))
                bundle = played_board.fill(found, folder / "board", server, interval)
                self.play(found, bundle, VirtualMachine(folder / "board", Path(world)))
        except (NoMicroPythonError, PlayedAlreadyError, SourceError) as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{folder} cannot be written: {error.strerror}. Make room, or set VAR_DIR.") from error
        except KeyboardInterrupt:
            self.stdout.write("Stopped: it goes on from here next time.")

    def play(self, station: Station, bundle: Bundle, board: VirtualMachine) -> None:
        """Run the board until it is stopped, and print its output."""
        config = json.loads(bundle.files["config.json"])
        self.server = config["server"]
        self.stdout.write(
            f"{station} is simulated and reports to {self.server} every {config['interval_s']} s. Ctrl-C stops it. "
            f"Its files are in {board.folder}."
        )
        try:
            weather = partial(surroundings, place_of(station), config["sensors"])
            board.set(**weather(time.time()))
            board.start()
            self.watch(station, bundle, board, weather)
        finally:
            board.stop()

    def watch(
        self, station: Station, bundle: Bundle, board: VirtualMachine, weather: Callable[[float], dict[str, Any]]
    ) -> None:
        has_reported = False
        for poll in itertools.count(1):
            self.print(board)
            if not board.running:
                raise CommandError("The board's program has ended: its output above says why. Run this again.")
            if poll % POLLS_A_WEATHER == 0:
                board.set(**weather(time.time()))
            if not has_reported and poll % POLLS_A_QUESTION == 0 and LocalSource(station).has_reported(bundle):
                has_reported = True
                page = origin_and_path(self.server)[0] + station.get_absolute_url()
                self.stdout.write(f"Its first reading is stored: it is on {page}")
            time.sleep(POLL_S)

    def print(self, board: VirtualMachine) -> None:
        while board.lines:
            if said := sentence(board.lines.pop(0), self.server):
                self.stdout.write(said)
        self.stdout.flush()
