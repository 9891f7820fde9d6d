"""Make the folder of files that goes onto a station's board."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management import CommandError, CommandParser

from firmware.build import output_folder
from firmware.sources import LocalSource, SourceError
from freetemp.command import BaseCommand
from freetemp.command_line import quoted
from stations.management.lookup import find_station

COPY = "mpremote connect PORT fs cp -r {} {} {} :"
NAMES = ("lib", "config.json", "main.py")


class Command(BaseCommand):
    help = "Write the files of a station's board into a folder, with a new key. flash_station copies the same files."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("station", help="The station's number or name.")
        parser.add_argument(
            "--output", type=Path, required=True, metavar="DIR", help="A new folder, or an older build."
        )
        parser.add_argument("--server-url", metavar="URL", help="Where the board reports; SERVER_URL unless given.")

    def handle(self, *args: Any, station: str, output: Path, server_url: str | None, **options: Any) -> None:
        found = find_station(station)
        try:
            output_folder.check_free(output)
            bundle = LocalSource(found).bundle(server_url)
            output_folder.write(bundle.files, output)
        except (SourceError, output_folder.FolderError) as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(
                f"{output} cannot be written: {error.strerror}. Give --output another folder."
            ) from error
        size = sum(map(len, bundle.files.values()))
        self.stdout.write(
            f"{output}: {len(bundle.files)} files, {size:,} bytes, for {found}.\n"
            "They hold a new key, which is pending: the one that the station uses now works until this one has been "
            "used. They hold WiFi passwords too: delete the folder when the board has it.\n"
            f"Onto a board that runs MicroPython: {COPY.format(*(quoted(output / name) for name in NAMES))}"
        )
