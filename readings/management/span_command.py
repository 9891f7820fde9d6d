"""The common part of commands about a span of a station's readings: the options, and what is said about it."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.core.management import CommandError, CommandParser
from tqdm import tqdm

from freetemp.command import BaseCommand
from freetemp.fields import from_millis
from readings.calendar.span import EVER, Span
from readings.calendar.typed_moments import edge_ms
from readings.files.import_tally import counted
from readings.files.removal import Found
from readings.rollups.pending import follow_pending
from stations.models import Field, Station


class SpanCommand(BaseCommand):
    station: Station

    def add_span(self, parser: CommandParser, without_start: str, without_end: str = "to the last one") -> None:
        moment = "In the station's time, like 2026-11-22T14:30 or 2026-11-22"
        parser.add_argument("--from", dest="start", metavar="MOMENT", help=f"{moment}. Without it: {without_start}.")
        included = f"{moment}, which is included if it is a day"
        parser.add_argument("--to", dest="end", metavar="MOMENT", help=f"{included}. Without it: {without_end}.")

    def span(self, **options: Any) -> Span:
        """Return the asked span; what is not asked is without limits."""
        span = Span(self.edge("start", "--from", **options), self.edge("end", "--to", **options))
        if span.start_ms >= span.end_ms:
            raise CommandError("--from has to be before --to.")
        return span

    def edge(self, name: str, option: str, **options: Any) -> int:
        is_end = name == "end"
        if options[name] is None:
            return EVER.end_ms if is_end else EVER.start_ms
        try:
            return edge_ms(options[name], self.station.zone, is_end=is_end)
        except (ValueError, OverflowError) as error:
            raise CommandError(f"{option}: {error}.") from error

    def kept(self, span: Span) -> Span:
        """Return the part of a span whose raw readings are kept, and say what is not."""
        raw_since_ms = self.station.raw_since_ms
        if span.start_ms < raw_since_ms:
            kept = from_millis(raw_since_ms).astimezone(self.station.zone)
            self.stdout.write(f"Before {kept:%Y-%m-%d %H:%M} only summaries are left, and they stay.")
        return Span(max(span.start_ms, raw_since_ms), max(span.end_ms, raw_since_ms))

    def fields(self, asked: str | None) -> Sequence[Field]:
        fields = list(self.station.fields.all())
        if asked is None:
            return fields
        chosen = [field for field in fields if asked in (field.name, str(field.number))]
        if not chosen:
            known = ", ".join(f"{field.number} {field.name}" for field in fields)
            raise CommandError(f"{self.station} has no field “{asked}”: it has {known}.")
        return chosen

    def tell(self, found: Sequence[Found]) -> None:
        zone = self.station.zone
        if not found:
            self.stdout.write(f"{self.station} has no such readings.")
        for each in found:
            moments = (each.first_at, each.last_at)
            # With their offsets: in the double hour of autumn, two moments have the same local time.
            first, last = (at.astimezone(zone).isoformat(sep=" ", timespec="seconds") for at in moments)
            values = f"from {each.low:g} to {each.high:g} {each.field.unit}".strip()
            self.stdout.write(
                f"{self.station}, {each.field.name}: {counted(each.count, 'reading')}, {first} to {last} ({zone.key}), "
                f"{values}"
            )

    def follow(self) -> None:
        """Make the summaries anew, with a bar. Interrupted, they are made at the next run or start of the server."""
        with tqdm(total=100, unit="%", desc="Summaries", file=sys.stderr, disable=None) as bar:
            follow_pending(self.station.pk, lambda part: bar.update(100 * part))


@contextmanager
def sentences(*errors: type[Exception]) -> Iterator[None]:
    """Turn these errors, whose texts are sentences, into a CommandError."""
    try:
        yield
    except errors as error:
        raise CommandError(str(error)) from error


def by() -> str:
    """Return who runs the command, for what is written down."""
    try:
        return f"manage.py ({getpass.getuser()})"
    except (OSError, KeyError, ImportError):  # A container's user may have no name.
        return "manage.py"
