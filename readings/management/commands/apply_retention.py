"""Remove raw readings that are older than the retention; their rollups stay."""

import sys
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.management import CommandError, CommandParser
from django.utils import timezone
from tqdm import tqdm

from audit.retention import prune
from freetemp.command import BaseCommand
from readings import ingest
from readings.models import Reading
from readings.rollups.retention import oldest_kept
from stations.models import Station

LEAP = timedelta(days=40)  # Run each day, it removes a day at a time; after a month without a run, a month.


class Command(BaseCommand):
    help = (
        "Remove raw readings older than RETENTION_DAYS or --days, for ever. Their summaries by the quarter of an hour "
        "and by the day stay. Without either none go. Deeds older than AUDIT_DAYS go too. Run it once a day."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--days", type=int, help="Whole days to keep, instead of RETENTION_DAYS.")
        parser.add_argument("--dry-run", action="store_true", help="Count what would be removed, and remove nothing.")

    def handle(self, *args: Any, days: int | None, dry_run: bool, **options: Any) -> None:
        if not dry_run and (count := prune(timezone.now())):
            self.stdout.write(f"{count} deeds older than {settings.AUDIT_DAYS} days removed.")
        is_asked = days is not None
        days = settings.RETENTION_DAYS if days is None else days
        if days is None:
            self.stdout.write("Raw readings are kept for ever: set RETENTION_DAYS or give --days to remove old ones.")
            return
        if days < 1:
            raise CommandError("At least one day is kept: give 1 or more.")
        now = timezone.now()
        cuts = {station: oldest_kept(station, days, now) for station in Station.objects.order_by("pk")}
        if not (is_asked or dry_run):
            self.check_clock(cuts, now, days)
        for station, before in cuts.items():
            self.apply(station, before, dry_run)

    def check_clock(self, cuts: dict[Station, datetime], now: datetime, days: int) -> None:
        """Raise CommandError if so much would go at once that the clock may be ahead: nothing brings readings back."""
        for station, before in cuts.items():
            leap = before - station.raw_since if station.raw_since else timedelta()
            if leap > LEAP:
                raise CommandError(
                    f"{leap.days} days of {station} would go at once, for ever: nothing was removed. If it is "
                    f"{now:%Y-%m-%d}, as this computer's clock says, run apply_retention --days {days}."
                )

    def apply(self, station: Station, before: datetime, dry_run: bool) -> None:
        count = Reading.objects.filter(station=station, measured_at__lt=before).count()
        local = before.astimezone(station.zone)
        if dry_run:
            self.stdout.write(f"{station}: {count} readings before {local:%Y-%m-%d} would be removed.")
            return
        with tqdm(total=count, unit=" readings", desc=str(station), file=sys.stderr, disable=None) as bar:
            for removed in ingest.summarise(station, before):
                bar.update(removed)
        self.stdout.write(f"{station}: {count} readings before {local:%Y-%m-%d} removed.")
