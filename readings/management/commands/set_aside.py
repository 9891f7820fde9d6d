"""Set readings aside: a wrong import, a spike, an hour of maintenance. They stay, and count for nothing."""

from __future__ import annotations

import re
from math import isfinite
from typing import Any

from django.core.management import CommandError, CommandParser

from freetemp.fields import now_millis
from readings.calendar.span import DAY_MS, HOUR_MS, Span
from readings.files.removal import Wanted, look_up
from readings.management.span_command import SpanCommand, by, sentences
from readings.models.set_aside import Reason
from readings.rollups.rebuild import GoneError
from readings.treatment import set_aside
from readings.treatment.effects import TreatmentError
from stations.management.lookup import find_station

UNITS_MS = {"min": 60_000, "h": HOUR_MS, "d": DAY_MS}


class Command(SpanCommand):
    help = (
        "Set readings of a station aside: they stay as they were measured, and are in no mean, record, chart or file. "
        "restore_readings lists what is set aside, and brings it back."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("station", help="The station's number or name.")
        self.add_span(parser, "from the first on, and for maintenance from now on")
        parser.add_argument("--for", dest="length", metavar="TIME", help="Instead of --to: 30min, 1h or 2d.")
        parser.add_argument("--field", help="The field's name or number. Without it: all of the station.")
        parser.add_argument("--below", type=float, metavar="VALUE", help="Only values below, as the board sent them.")
        parser.add_argument("--above", type=float, metavar="VALUE", help="Only values above, as the board sent them.")
        parser.add_argument("--reason", choices=Reason.values, default=Reason.OTHER, help="Why (other).")
        parser.add_argument("--note", default="", help="Why, in words.")
        parser.add_argument("--dry-run", action="store_true", help="Count, and set nothing aside.")

    def handle(self, *args: Any, station: str, dry_run: bool, **options: Any) -> None:
        self.station = find_station(station)
        span = self.kept(self.asked(**options))
        fields = self.fields(options["field"])
        found = look_up(fields, Wanted(span, options["below"], options["above"])) if span.start_ms < span.end_ms else []
        self.tell(found)
        if dry_run or not (found or span.end_ms > now_millis()):
            self.stdout.write("Nothing was set aside.")
            return
        number = fields[0].number if options["field"] else None
        with sentences(TreatmentError, GoneError):
            mark = set_aside(
                self.station,
                number,
                span,
                options["reason"],
                by(),
                note=options["note"],
                below=options["below"],
                above=options["above"],
            )
        self.stdout.write(
            f"Set aside as number {mark.pk}. `python manage.py restore_readings {self.station.pk} {mark.pk}` takes it "
            "back."
        )
        if mark.end is None:
            self.stdout.write(
                "New readings are set aside too, until `python manage.py restore_readings "
                f"{self.station.pk} {mark.pk} --from-now`."
            )
        self.follow()

    def asked(self, **options: Any) -> Span:
        """Return the asked span. It has no end only if somebody wants that: maintenance until further notice."""
        is_maintenance = options["reason"] == Reason.MAINTENANCE
        limits = (options["start"], options["end"], options["length"], options["below"], options["above"])
        if not is_maintenance and all(each is None for each in limits):
            raise CommandError("Say which: --from and --to, --below or --above a value, or --reason maintenance.")
        if options["end"] is not None and options["length"] is not None:
            raise CommandError("--to and --for both say the end: give one of them.")
        if not all(limit is None or isfinite(limit) for limit in limits[3:]):
            raise CommandError("--below and --above take a number.")
        span = self.span(**options)
        now_ms = now_millis()
        start_ms = now_ms if is_maintenance and options["start"] is None else span.start_ms
        if options["length"] is not None:
            return Span(start_ms, start_ms + _length_ms(options["length"]))
        if options["end"] is None and not is_maintenance:
            return Span(start_ms, max(now_ms, start_ms) + 1)  # What comes later is another matter.
        return Span(start_ms, span.end_ms)


def _length_ms(text: str) -> int:
    found = re.fullmatch(r"([0-9]{1,6})(min|h|d)", text.strip())
    if not found or not int(found[1]):
        raise CommandError(f"--for: “{text}” is no length of time: 30min, 1h or 2d is.")
    return int(found[1]) * UNITS_MS[found[2]]
