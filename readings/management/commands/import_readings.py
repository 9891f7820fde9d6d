"""Store the readings of a CSV file."""

import sys
from argparse import ArgumentTypeError
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management import CommandError, CommandParser
from django.db import Error as DatabaseError
from django.db import transaction
from tqdm import tqdm

from audit.deeds import record
from freetemp.command import BaseCommand, remedy
from freetemp.disk_reserve import database_folder, disk_reserve
from readings import ingest
from readings.exports.lines import ExportFile
from readings.exports.recognition import FORMATS, OWN, Plan, recognised
from readings.files.csv_header import Layout, UnreadableFileError
from readings.files.csv_moments import DATE_ORDERS
from readings.files.import_tally import OTHER_VALUES_NAMED, DryRun, ImportTally
from readings.imports.importing import import_file
from stations.management.lookup import find_station
from stations.models import Station
from stations.zone_names import ZoneNameError, parse_zone, time_zones

NO_ROOM = (
    "The database's disk has only its reserve left (DISK_RESERVE_MB), which is kept for boards: make room, old backups "
    "and logs go first. Then run this again."
)
REASONS_SHOWN = 100
DELIMITERS = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";"}


def pair(text: str) -> tuple[str, str]:
    """Return both sides of the last equals sign: a column's name may have one, a field's hardly ever."""
    name, equals, told = text.rpartition("=")
    if not equals or not name.strip() or not told.strip():
        raise ArgumentTypeError(f"“{text}” has not the form COLUMN=...")
    return name.strip(), told.strip()


def delimiter(text: str) -> str:
    sign = DELIMITERS.get(text, text)
    if len(sign) != 1 or sign in '"\r\n':
        raise ArgumentTypeError("one character expected, or tab")
    return sign


def zone(text: str) -> ZoneInfo:
    """Return a zone by its name, or the place that is meant. A logger without summer time has one like Etc/GMT-1."""
    try:
        return ZoneInfo(text if text in time_zones() else parse_zone(text))
    except ZoneNameError as error:
        raise ArgumentTypeError(str(error)) from error


def layout(options: Mapping[str, Any]) -> Layout:
    return Layout(
        time_column=options["time_column"],
        columns=dict(options["column"]),
        only=dict(options["only"]),
        delimiter=options["delimiter"] or "",
        date_order=options["date_order"],
        zone=options["timezone"],
    )


class Command(BaseCommand):
    help = (
        "Store the readings of a CSV file with the columns measured_at and the station's fields by name, such as "
        "“temperature” or “temperature [degC]”. The options describe files of other programs. A moment that has a "
        "reading keeps its value. docs/import.md has examples."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("station", help="The station's number or name.")
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="Say what would be stored, and store nothing.")
        parser.add_argument(
            "--format",
            choices=[*FORMATS, OWN],
            default="",
            help="The program that wrote the file. Default: found by the header, and said. own: none of these.",
        )
        parser.add_argument(
            "--add-fields", action="store_true", help="Add the fields that a program's file has and the station lacks."
        )
        parser.add_argument("--time-column", default="", metavar="NAME", help="The column with the moments.")
        parser.add_argument(
            *("--column", "-c"),
            type=pair,
            action="append",
            default=[],
            metavar="NAME=FIELD",
            help="A column with the values of a field, perhaps with their unit, such as 'outTemp=temperature [degF]'. "
            "It may be given several times. Columns that are neither named nor called like a field are left out.",
        )
        parser.add_argument(
            *("--only",),
            type=pair,
            action="append",
            default=[],
            metavar="NAME=VALUE",
            help="Import only rows that have this value in this column.",
        )
        parser.add_argument(
            "--timezone", type=zone, help="The zone of moments without an offset. Default: the station's."
        )
        parser.add_argument("--date-order", choices=DATE_ORDERS, default="", help="The order in dates like 01/06/2021.")
        parser.add_argument("--delimiter", type=delimiter, help="The sign between columns. Default: found.")
        parser.add_argument("--encoding", default="", help="Default: UTF-8, or UTF-16 with a byte order mark.")

    def handle(self, *args: Any, station: str, file: Path, encoding: str, **options: Any) -> None:
        self.is_dry, self.summary = options["dry_run"], ""
        if not self.is_dry and disk_reserve.is_reached(database_folder()):
            raise CommandError(NO_ROOM)
        take = DryRun() if self.is_dry else ingest.store_and_compare
        place = find_station(station)
        self.write_down("import begun", place, file)
        try:
            with (
                ExportFile(file, encoding) as lines,
                tqdm(total=lines.size, unit="B", unit_scale=True, file=sys.stderr, disable=None) as self.bar,
            ):
                plan = partial(self.planned, place, told=layout(options), options=options)
                tally = import_file(lines, place, plan, take, self)
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.") from error
        except LookupError as error:
            raise CommandError(f"There is no encoding “{encoding}”: utf-8, cp1252 and utf-16 are common.") from error
        except UnreadableFileError as error:
            raise CommandError(str(error)) from error
        except DatabaseError as error:
            said = f"The database cannot take more: {error}. {self.summary} {remedy(error) or ''}"
            raise CommandError(said.strip()) from error
        self.write_down("import ended", place, file, stored=tally.new, refused=tally.refused)
        self.report(tally)

    def write_down(self, deed: str, station: Station, file: Path, **counts: int) -> None:
        """Write down that an import begins or ends: its readings are stored in many transactions between the two."""
        if not self.is_dry:
            with transaction.atomic():
                record(deed, station=station, what=file.name, details=counts)

    def planned(self, station: Station, head: Sequence[str], *, told: Layout, options: Mapping[str, Any]) -> Layout:
        """Return the layout of a file, by its header if a program is known by it, and say so."""
        name = options["format"]
        if name == OWN or (told.time_column and not name):
            return told
        found = recognised(head, name)
        if found is None:
            if name:
                raise CommandError(f"The header is not one of {FORMATS[name][0]}'s: docs/import.md shows it.")
            return told
        plan = Plan(found, station, told)
        self.stdout.write(f"A file of {found.program}, by its header.")
        if options["add_fields"] and plan.missing:
            names = ", ".join(field.name for field in plan.add_fields(is_dry=self.is_dry))
            self.stdout.write(f"{'Would be added' if self.is_dry else 'Added'} to {station}: {names}.")
        elif plan.missing and plan.columns:
            self.stdout.write(f"{station} has no field for: {plan.missing_names}. --add-fields adds them.")
        return plan.layout()

    def warn(self, sentence: str) -> None:
        tqdm.write(sentence, file=sys.stderr)

    def refuse(self, sentence: str, number: int) -> None:
        self.name(sentence, number, REASONS_SHOWN)

    def contradict(self, sentence: str, number: int) -> None:
        self.name(sentence, number, OTHER_VALUES_NAMED)

    def go_on(self, tally: ImportTally, bytes_read: int) -> None:
        self.summary = tally.last_line(is_dry=self.is_dry)
        self.bar.update(bytes_read - self.bar.n)

    def name(self, sentence: str, number: int, most: int) -> None:
        """Print one of many sentences, up to a number of them."""
        if number <= most:
            tqdm.write(sentence, file=sys.stderr)
        elif number == most + 1:
            tqdm.write("... and more: the rest is counted only.", file=sys.stderr)

    def report(self, tally: ImportTally) -> None:
        for sentence in tally.sentences():
            self.stdout.write(sentence)
        self.stdout.write(tally.last_line(is_dry=self.is_dry))
        if problems := tally.problems():
            raise CommandError(" ".join(problems))
