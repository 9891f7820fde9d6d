"""Delete a station with all its readings: the one way to do so."""

import sys
from typing import Any

from django.core.management import CommandError, CommandParser
from tqdm import tqdm

from freetemp.command import BaseCommand
from readings import ingest
from readings.models import Reading
from stations.management.lookup import find_station
from stations.models import Station


class Command(BaseCommand):
    help = "Delete a station with its readings, its fields and its keys. It asks first; nothing brings them back."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("station", help="The station's number or name.")
        parser.add_argument("--yes", action="store_true", help="Do not ask.")

    def handle(self, *args: Any, **options: Any) -> None:
        station = find_station(options["station"])
        count = Reading.objects.filter(station=station).count()
        if not options["yes"] and not self.is_sure(station, count):
            raise CommandError("Nothing was deleted.")
        with tqdm(total=count, unit=" readings", file=sys.stderr, disable=None) as bar:
            for deleted in ingest.delete_station(station):
                bar.update(deleted)
        self.stdout.write(f"Deleted {station} and {count} readings.")

    def is_sure(self, station: Station, count: int) -> bool:
        self.stdout.write(f"This deletes {station} with {count} readings, for ever. Deactivating it keeps them.")
        try:
            return input(f"Type the station's name to go on [{station.name}]: ") == station.name
        except EOFError:
            return False
