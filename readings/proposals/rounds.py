"""The server's rounds: a few times a day, each field is searched for odd readings by one of its processes."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator

from django.db import transaction

from freetemp.background import in_background, try_to
from freetemp.fields import now_millis, to_millis
from readings.calendar.span import DAY_MS, HOUR_MS, Span
from readings.ingest.group_commit import group_commit
from readings.models import Checked, SetAside
from readings.proposals import evidence
from readings.proposals.proposals import write
from readings.proposals.search import Search
from stations.models import Field

EVERY_MS = 6 * HOUR_MS
FIRST_MS = 7 * DAY_MS  # The first look goes back so far. propose_set_aside searches all of a history.
A_PIECE_MS = 10 * DAY_MS  # A search reads so much at once.
START_S, PAUSE_S = (60.0, 900.0), (600.0, 1200.0)
SHARE = 0.05  # of the time, at most, is spent on it
BOARDS_S, MOST_WAIT_S = 0.05, 10.0


def propose(field: Field, span: Span) -> Iterator[SetAside]:
    """Search a field's readings of a span, make proposals, and yield them. Each piece is one short transaction."""
    kept = Span(max(span.start_ms, field.station.raw_since_ms), span.end_ms)
    for start_ms in range(kept.start_ms, kept.end_ms, A_PIECE_MS):
        faults = list(_search(field, Span(start_ms, min(start_ms + A_PIECE_MS, kept.end_ms))).faults())
        if faults:
            Checked.objects.get_or_create(field=field)
            with transaction.atomic():
                Checked.objects.select_for_update().get(field=field)  # One writes at a time.
                written = write(field, faults)
            yield from written


def look(field: Field, now_ms: int) -> list[SetAside]:
    """Search what came since the last look, and return the proposals: none if another process was faster."""
    known, _ = Checked.objects.get_or_create(field=field)
    if known.until_ms > now_ms - EVERY_MS:
        return []
    since_ms = max(known.until_ms, now_ms - FIRST_MS, field.station.raw_since_ms)
    faults = list(_search(field, Span(since_ms, max(now_ms, since_ms + 1))).faults())
    with transaction.atomic():
        if not Checked.objects.filter(field=field, until_ms=known.until_ms).update(until_ms=now_ms):
            return []
        return write(field, faults)


def _search(field: Field, span: Span) -> Search:
    reach = Span(span.start_ms - evidence.REACH_MS, span.end_ms)
    return Search(field, span, evidence.marks(field, reach))


def due(now_ms: int) -> list[Field]:
    """Return the fields of real stations that have new readings since a look some hours ago."""
    looked = dict(Checked.objects.values_list("field", "until_ms"))
    fields = Field.objects.filter(station__active=True, station__simulated=False, newest_at__isnull=False)
    return [
        field
        for field in fields.select_related("station").order_by("pk")
        if (until_ms := looked.get(field.pk, 0)) < now_ms - EVERY_MS
        and field.newest_at
        and to_millis(field.newest_at) > until_ms
    ]


def propose_in_background() -> None:
    """Let a server look at its fields a few times a day. It begins a while after the start."""
    in_background("proposals", _rounds)


def _rounds() -> None:
    time.sleep(random.uniform(*START_S))  # noqa: S311 - so that processes do not look at the same time
    while True:
        try_to(lambda: go_round(now_millis()), "Readings could not be searched for faults")
        time.sleep(random.uniform(*PAUSE_S))  # noqa: S311


def go_round(now_ms: int, share: float = SHARE) -> int:
    """Look at all fields that are due, with pauses, and return the number of proposals."""
    count = 0
    for field in due(now_ms):
        began = time.monotonic()
        while group_commit.is_busy and time.monotonic() - began < MOST_WAIT_S:
            time.sleep(BOARDS_S)
        began = time.monotonic()
        count += len(look(field, now_ms))
        time.sleep((time.monotonic() - began) * (1 / share - 1))
    return count
