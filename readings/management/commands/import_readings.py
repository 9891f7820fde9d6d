"""Store the readings of a CSV file."""

import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management import BaseCommand, CommandError, CommandParser
from django.db import Error as DatabaseError
from tqdm import tqdm

from readings import ingest
from readings.files.csv_import import ReadingsFile, Refused, UnreadableFileError
from readings.ingest.reports import Measurement
from stations.management.lookup import find_station

READINGS_A_TRANSACTION = 5_000
REASONS_SHOWN = 100


def lines(raw: BinaryIO, bar: Any) -> Iterator[str]:
    """Yield a file's lines as text. Bytes that are not UTF-8 become a character that no value contains."""
    encoding = "utf-8-sig"  # A spreadsheet's file begins with a byte order mark.
    for line in raw:
        bar.update(len(line))
        yield line.decode(encoding, errors="replace")
        encoding = "utf-8"


class Command(BaseCommand):
    help = (
        "Store the readings of a CSV file with the columns measured_at and the station's fields by name, such as "
        "“temperature” or “temperature [degC]”. A reading that is there already stays as it is."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("station", help="The station's number or name.")
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, station: str, file: Path, **options: Any) -> None:
        self.stored = self.seen = self.refused = 0
        self.station = find_station(station)
        try:
            size = file.stat().st_size
            with (
                file.open("rb") as raw,
                tqdm(total=size, unit="B", unit_scale=True, file=sys.stderr, disable=None) as bar,
            ):
                self.store(iter(ReadingsFile(self.station, lines(raw, bar))))
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.") from error
        except UnreadableFileError as error:
            raise CommandError(str(error)) from error
        except DatabaseError as error:
            raise CommandError(f"The database cannot take more: {error}. {self.summary()}") from error
        self.stdout.write(self.summary())
        if self.refused:
            raise CommandError(f"{self.refused} refused: mend them in the file and import it again, nothing doubles.")

    def store(self, entries: Iterator[Measurement | Refused]) -> None:
        while chunk := list(islice(entries, READINGS_A_TRANSACTION)):
            measurements = [entry for entry in chunk if isinstance(entry, Measurement)]
            for entry in chunk:
                if isinstance(entry, Refused):
                    self.refuse(entry)
            self.stored += ingest.store(self.station, measurements)
            self.seen += len(measurements)

    def refuse(self, refused: Refused) -> None:
        self.refused += 1
        if self.refused <= REASONS_SHOWN:
            tqdm.write(f"line {refused.line}: {refused.reason}", file=sys.stderr)
        elif self.refused == REASONS_SHOWN + 1:
            tqdm.write("... and more: the rest is counted only.", file=sys.stderr)

    def summary(self) -> str:
        return f"{self.stored} stored, {self.seen - self.stored} there already, {self.refused} refused."
