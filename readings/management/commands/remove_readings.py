"""Take readings out of the database that should not be there, into a file that brings them back."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management import CommandError, CommandParser
from django.db import Error as DatabaseError
from django.db import transaction
from django.utils import timezone
from tqdm import tqdm

from audit.deeds import record
from freetemp.command_line import quoted
from readings.files.import_tally import counted
from readings.files.removal import Found, Wanted, look_up, move_out, usual_file
from readings.management.span_command import SpanCommand
from readings.models import StoredAhead
from stations.management.lookup import find_station


class Command(SpanCommand):
    help = (
        "Remove readings of a station, such as a mistaken import or a board's nonsense. It counts them and asks first, "
        "and keeps them in a CSV file that import_readings takes back."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("station", help="The station's number or name.")
        self.add_span(parser, "from the first on")
        parser.add_argument("--field", help="The field's name or number. Without it: all of the station.")
        parser.add_argument("--below", type=float, metavar="VALUE", help="Only values below: -900 finds -9999.")
        parser.add_argument("--above", type=float, metavar="VALUE", help="Only values above.")
        parser.add_argument("--ahead", action="store_true", help="Those that a clock dated ahead: see the overview.")
        parser.add_argument("--keep", action="store_true", help="With --ahead: they are right. Take them off the list.")
        parser.add_argument("--dry-run", action="store_true", help="Count, and remove nothing.")
        parser.add_argument("--yes", action="store_true", help="Do not ask.")
        parser.add_argument("--output", type=Path, help="The new file for them (in VAR_DIR/removed).")

    def handle(self, *args: Any, station: str, keep: bool, dry_run: bool, yes: bool, **options: Any) -> None:
        self.station = find_station(station)
        if keep:
            return self.keep(is_ahead=options["ahead"])
        wanted = self.wanted(**options)
        found = look_up(self.fields(options["field"]), wanted)
        self.tell(found)
        if not found or dry_run:
            self.stdout.write("Nothing was removed.")
        elif yes or self.is_sure():
            self.move_out(found, wanted, options["output"] or usual_file(self.station, timezone.now()))
        else:
            raise CommandError("Nothing was removed.")
        return None

    def wanted(self, *, ahead: bool, below: float | None, above: float | None, **options: Any) -> Wanted:
        if not ahead and all(each is None for each in (options["start"], options["end"], below, above)):
            raise CommandError("Say which: --from and --to, --below or --above a value, or --ahead.")
        moments = self.ahead().moments if ahead else None
        return Wanted(self.kept(self.span(**options)), below, above, moments)

    def ahead(self) -> StoredAhead:
        noted = StoredAhead.objects.filter(station=self.station).first()
        if noted is None:
            raise CommandError(f"No readings of {self.station} are noted as dated ahead: the overview lists them.")
        return noted

    def keep(self, *, is_ahead: bool) -> None:
        if not is_ahead:
            raise CommandError("--keep goes with --ahead.")
        noted = self.ahead()
        with transaction.atomic():
            record("readings dated ahead kept", station=self.station, details={"readings": noted.count})
            noted.delete()
        stay = "stays, and is" if noted.count == 1 else "stay, and are"
        self.stdout.write(f"{counted(noted.count, 'reading')} of {self.station} {stay} off the list.")

    def is_sure(self) -> bool:
        try:
            return input(f"Remove them from {self.station}? [y/N]: ").strip().lower() in ("y", "yes")
        except EOFError:
            return False

    def move_out(self, found: Sequence[Found], wanted: Wanted, path: Path) -> None:
        if path.exists():
            raise CommandError(f"{path} is there already: give --output another name. Nothing was removed.")
        total = sum(each.count for each in found)
        try:
            with tqdm(total=total, unit=" readings", file=sys.stderr, disable=None) as bar:
                count = move_out(self.station, found, wanted, path, bar)
        except OSError as error:
            raise CommandError(
                f"{path}: {error.strerror}. Give --output a file elsewhere, and run it again."
            ) from error
        except DatabaseError as error:
            raise CommandError(f"The database cannot do it now: {error}. Run this again later.") from error
        self.stdout.write(
            f"{counted(count, 'reading')} removed from {self.station}. `python manage.py import_readings "
            f"{self.station.pk} {quoted(path)}` brings {'it' if count == 1 else 'them'} back."
        )
