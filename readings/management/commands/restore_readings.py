"""List what is set aside, and bring it back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.management import CommandError, CommandParser
from django.utils import timezone

from readings.management.span_command import SpanCommand, by, sentences
from readings.models import SetAside
from readings.treatment import finish, undo
from readings.treatment.effects import TreatmentError
from stations.management.lookup import find_station


class Command(SpanCommand):
    help = "Bring readings back that set_aside took out. Without numbers it lists what is set aside."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("station", help="The station's number or name.")
        parser.add_argument("numbers", nargs="*", type=int, metavar="number", help="What to bring back, by the list.")
        parser.add_argument("--all", action="store_true", help="All that is set aside of the station.")
        parser.add_argument(
            "--from-now",
            action="store_true",
            help="Only what comes from now on: maintenance is over.",
        )
        parser.add_argument("--dry-run", action="store_true", help="List, and bring nothing back.")

    def handle(self, *args: Any, station: str, numbers: list[int], dry_run: bool, **options: Any) -> None:
        self.station = find_station(station)
        active = list(SetAside.objects.active().filter(station=self.station).order_by("start", "pk"))
        chosen = active if options["all"] else self.chosen(active, numbers)
        for mark in chosen or active:
            self.stdout.write(self.told(mark))
        if not active:
            self.stdout.write(f"Nothing of {self.station} is set aside.")
        elif not chosen or dry_run:
            self.stdout.write("Nothing was brought back: give the numbers of what should be, or --all.")
        else:
            self.restore(chosen, from_now=options["from_now"])

    def chosen(self, active: Sequence[SetAside], numbers: Sequence[int]) -> list[SetAside]:
        found = {mark.pk: mark for mark in active}
        if missing := [number for number in numbers if number not in found]:
            raise CommandError(f"{self.station} has nothing set aside as number {missing[0]}: leave it out for a list.")
        return [found[number] for number in numbers]

    def restore(self, marks: Sequence[SetAside], *, from_now: bool) -> None:
        with sentences(TreatmentError):
            for mark in marks:
                if from_now:
                    finish(mark, timezone.now())
                else:
                    self.kept(mark.span)
                    undo(mark, by())
        self.follow()
        self.stdout.write("New readings count again." if from_now else "They count again.")

    def told(self, mark: SetAside) -> str:
        """Return a line about a mark: its number, what, when, why and by whom."""
        zone = self.station.zone
        start, end = (
            f"{at.astimezone(zone):%Y-%m-%d %H:%M}" if at else "further notice" for at in (mark.start, mark.end)
        )
        names = {field.number: field.name for field in self.station.fields.all()}
        what = "all fields" if mark.field is None else names.get(mark.field, f"field {mark.field}")
        which = f" {mark.limits}" if mark.limits else ""
        why = f"{mark.get_reason_display()}, {mark.note}" if mark.note else mark.get_reason_display()
        made = f"{mark.made_at.astimezone(zone):%Y-%m-%d %H:%M}"
        return f"{mark.pk}: {what}{which}, {start} to {end} ({zone.key}): {why}. By {mark.made_by}, {made}."
