"""Search readings for faults, and propose to set them aside. It sets nothing aside itself."""

from __future__ import annotations

from typing import Any

from django.core.management import CommandParser

from freetemp.fields import from_millis, now_millis, to_millis
from readings.calendar.span import DAY_MS, Span
from readings.files.import_tally import counted
from readings.management.span_command import SpanCommand
from readings.models import SetAside
from readings.models.set_aside import State
from readings.proposals.rounds import propose
from stations.management.lookup import find_station
from stations.models import Field, Station

DAYS = 30


class Command(SpanCommand):
    help = (
        "Search readings for spikes, values that stay for hours, and other faults, and propose to set them aside. The "
        "server does so a few times a day. Nothing is set aside before somebody accepts it in the admin."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("station", nargs="?", help="The station's number or name. Without it: all of them.")
        self.add_span(parser, f"{DAYS} days before the newest reading")

    def handle(self, *args: Any, station: str | None, **options: Any) -> None:
        stations = [find_station(station)] if station else list(Station.objects.all())
        number = 0
        for each in stations:
            self.station = each
            asked = self.span(**options)
            for field in each.fields.select_related("station"):
                found = {
                    mark.pk: mark for mark in propose(field, self.searched(field, asked))
                }  # the last state of each
                for mark in found.values():
                    self.tell_proposal(field, mark)
                number += len(found)
        waiting = SetAside.objects.filter(state=State.PROPOSED, station__in=stations).count()
        made, left = counted(number, "proposal"), counted(waiting, "proposal")
        self.stdout.write(f"{made} made, {left} to accept or refuse in the admin, under Set aside.")

    def searched(self, field: Field, asked: Span) -> Span:
        newest_ms = to_millis(field.newest_at) if field.newest_at else 0
        start_ms = asked.start_ms or max(newest_ms - DAYS * DAY_MS, 0)
        return Span(start_ms, min(asked.end_ms, newest_ms + 1, now_millis()))

    def tell_proposal(self, field: Field, mark: SetAside) -> None:
        zone, span = self.station.zone, mark.span
        first, last = (from_millis(ms).astimezone(zone) for ms in (span.start_ms, span.end_ms - 1))
        when = f"{first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M}"
        self.stdout.write(f"{self.station}, {field.name}, {when}: {mark.get_reason_display()}. {mark.note}")
