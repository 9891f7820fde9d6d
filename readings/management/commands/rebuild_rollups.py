"""Rebuild rollups from the readings, and name every one that was wrong."""

import sys
from typing import Any

from django.core.management import CommandError, CommandParser
from tqdm import tqdm

from freetemp.command import BaseCommand
from readings.models import Pending
from readings.rollups.new_rules import follow_rules_of
from readings.rollups.rebuild import rebuild
from stations.management.lookup import find_station
from stations.models import Station


class Command(BaseCommand):
    help = (
        "Compare every quarter of an hour with its readings and every day with its quarters, and mend what differs. "
        "Boards may report meanwhile. Rollups without their raw readings, after a retention, stay unchanged."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("station", nargs="?", help="The station's number or name; by default all stations.")
        parser.add_argument("--check", action="store_true", help="Mend nothing; exit with 1 if anything differs.")

    def handle(self, *args: Any, station: str | None, check: bool, **options: Any) -> None:
        stations = [find_station(station)] if station else list(Station.objects.order_by("pk"))
        found = 0
        with tqdm(total=len(stations), unit=" stations", file=sys.stderr, disable=None) as bar:
            for each in stations:
                if not check and (sentence := follow_rules_of(each.pk, even_older=True)):
                    with tqdm.external_write_mode():
                        self.stdout.write(sentence)
                pending = [] if check else list(Pending.objects.filter(station=each).values_list("pk", flat=True))
                for difference in rebuild(each, mend=not check, progress=bar.update):
                    found += 1
                    with tqdm.external_write_mode():
                        self.stdout.write(str(difference))
                Pending.objects.filter(pk__in=pending).delete()
        if check and found:
            raise CommandError(f"{found} rollups differ: rebuild_rollups without --check mends them.", returncode=1)
        self.stdout.write(f"{found} rollups {'differ' if check else 'mended'}.")
