"""Turn the board on a serial port into a station."""

from __future__ import annotations

import os
from argparse import ArgumentTypeError
from getpass import getpass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import CommandError, CommandParser
from django.urls import reverse

from firmware.flash import flash_chip, ports
from firmware.flash.errors import FlashError
from firmware.flash.flashing import BAUD, WAIT_S, Flashing, Options
from firmware.flash.progress import Progress
from firmware.management.signals import heard_as_ctrl_c
from firmware.sources import LocalSource, RemoteSource, Source, SourceError
from firmware.sources.address import moved_away
from freetemp.command import BaseCommand
from freetemp.command_line import typed
from freetemp.conf.environment import origin_and_path
from stations.management.lookup import find_station

TOKEN = "FREETEMP_TOKEN"  # noqa: S105 - the variable's name


def positive(text: str) -> int:
    """Parse a whole number above 0."""
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


class Command(BaseCommand):
    help = (
        "Write MicroPython and a station's files onto the ESP8266 at a serial port, and wait for its first reading. "
        "Without --port it names this computer's ports. Failed or interrupted, run it again: the station's previous "
        "key works until the new one has been used."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("station", help="The station's number or name.")
        parser.add_argument("--port", help="The board's serial port, like COM4 or /dev/ttyUSB0.")
        parser.add_argument("--baud", type=positive, default=BAUD, help="Bits per second while MicroPython is written.")
        parser.add_argument("--micropython", type=Path, metavar="FILE", help="A MicroPython image of your own.")
        parser.add_argument(
            "--files-only",
            action="store_true",
            help="Keep the board's MicroPython and the readings that wait on it: otherwise they are erased.",
        )
        parser.add_argument(
            "--flash-size", type=str.upper, choices=list(flash_chip.SIZES), help="If the board's own word is wrong."
        )
        parser.add_argument(
            "--flash-mode",
            type=str.lower,
            choices=flash_chip.MODES,
            help=f"How the board reads its flash: {flash_chip.MODE}, which every board can do; the others are quicker.",
        )
        parser.add_argument("--server-url", metavar="URL", help="Where the board reports, instead of SERVER_URL.")
        parser.add_argument("--replace-mac", action="store_true", help="This board takes the place of the station's.")
        parser.add_argument(
            "--server", metavar="URL", help=f"A freetemp elsewhere. Its token is asked for, or taken from {TOKEN}."
        )
        waiting = parser.add_mutually_exclusive_group()
        waiting.add_argument("--wait", type=positive, default=WAIT_S, metavar="S", help="Seconds for a first reading.")
        waiting.add_argument("--no-wait", action="store_true", help="Start the board, and do not wait for its reading.")

    def handle(self, *args: Any, station: str, port: str | None, **options: Any) -> None:
        if port is None:
            raise CommandError(self.ports(station, options["server"]))
        if options["files_only"] and (options["flash_size"] or options["flash_mode"]):
            raise CommandError("--flash-size and --flash-mode are for writing MicroPython: leave out --files-only.")
        wanted = Options(
            port,
            baud=options["baud"],
            image=options["micropython"],
            files_only=options["files_only"],
            flash_size=options["flash_size"],
            flash_mode=options["flash_mode"] or flash_chip.MODE,
            server_url=options["server_url"],
            replace_mac=options["replace_mac"],
            wait_s=None if options["no_wait"] else options["wait"],
        )
        if not (options["server"] or options["server_url"]) and (warning := moved_away()):
            self.stderr.write(warning)
        try:
            with heard_as_ctrl_c("SIGTERM", "SIGHUP"):  # A temporary folder holds secrets.
                flashing = Flashing(source(station, options["server"]), wanted, Progress(self.stdout.write))
                flashing.run()
        except (FlashError, SourceError) as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt as error:
            raise CommandError(
                "Interrupted: run this again; the key that the station used so far still works.", returncode=130
            ) from error
        self.stdout.write(f"The station's page: {page(flashing.station_id, options['server'])}")
        self.stdout.write("Done." if wanted.wait_s else "Done; whether its readings arrive is not known yet.")

    def ports(self, station: str, server: str | None) -> str:
        """Return the ports to choose from, with the command to type if only one of them is likely."""
        found = ports.find()
        likely = [port.device for port in found if port.is_likely]
        lines = ["Name the board's port with --port.", ports.explain(found)]
        if len(likely) == 1:
            lines.append(f"Run: python manage.py flash_station {typed(station)} --port {likely[0]}")
            lines[-1] += f" --server {server}" if server else ""
        return "\n".join(lines)


def page(number: int, server: str | None) -> str:
    """Return the address of a station's page, on this computer's server or one elsewhere."""
    if server is not None:
        return f"{server.rstrip('/')}/stations/{number}/"
    return origin_and_path(settings.SERVER_URL)[0] + reverse("station", args=[number])


def source(station: str, server: str | None) -> Source:
    """Return the station's source: this computer's database, or a server elsewhere."""
    if server is not None:
        remote = RemoteSource(server, token(), station=station)
        known = remote.station()
        if station not in (str(known.id), known.name):
            raise SourceError(
                f"This token is for station {known.id}, {known.name}, and not for station {station}: make one in the "
                "admin page of the station that you flash."
            )
        return remote
    return LocalSource(find_station(station))


def token() -> str:
    """Return the token from the environment, or ask for it at the terminal."""
    try:
        return os.environ.get(TOKEN) or getpass("Token of the station's admin page: ")
    except EOFError as error:
        raise SourceError(f"There is no terminal at which to ask for the token: set {TOKEN}.") from error
