"""Finds outages in a history by the readings that are missing: of a time before there was a watch, or of an import.

Quarters of an hour are looked at, and not readings: ten years of three fields take a second, and a month some
milliseconds. So it finds what is longer than half an hour, and takes away what readings have filled since.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import pairwise
from statistics import median_low

from django.db.models import Exists, F, Max, Min, OuterRef, Q

from freetemp.fields import MILLISECOND, from_millis, to_millis
from freetemp.sql import execute
from outages.explanation import first_weighing
from outages.models import Outage, Searched
from outages.rhythm import limit
from readings.calendar.span import DAY_MS, EVER, QUARTER_MS, Span
from readings.models import Quarter, Reading
from stations.models import Field, Station
from stations.quantities import Kind

AGAIN, LATE = timedelta(days=1), timedelta(days=40)  # What comes late is of the last weeks, unless it is imported.
SHORTEST_MS = 2 * QUARTER_MS
NEAR_MS = 7 * DAY_MS  # on either side: the days that show which silences are usual
MOST = 5000  # outages of a station, the newest


def search_next(at: datetime) -> Station | None:
    """Search the history of the station that was not searched for longest, if one is due, and return it."""
    measured = Field.objects.filter(station=OuterRef("pk"), newest_at__isnull=False)
    due = Q(searched=None) | Q(searched__at__lte=at - AGAIN)
    stations = Station.objects.filter(due, Exists(measured), simulated=False)
    station = stations.order_by(F("searched__at").asc(nulls_first=True), "pk").first()
    if station is not None:
        _search(station, at)
    return station


def _search(station: Station, at: datetime) -> None:
    fields = [each for each in station.fields.filter(newest_at__isnull=False) if each.kind is not Kind.DIRECTION]
    known = Searched.objects.filter(station=station).first()
    editions = sha256(repr([(each.number, each.edition) for each in fields]).encode()).hexdigest()
    since_ms = 0
    if known and (known.editions == editions or not _is_its_day(station, at)):
        since_ms, editions = to_millis(min(known.at - AGAIN, at - LATE)), known.editions
    # The last day is the watch's own. It may have seen an outage whose readings have not arrived.
    _write(station, _gaps(station, fields, Span(since_ms, to_millis(at - AGAIN))), since_ms)
    Searched.objects.update_or_create(station=station, defaults={"at": at, "editions": editions})


def _is_its_day(station: Station, at: datetime) -> bool:
    """Tell whether this is the day of the week on which all of a history is searched again if it has changed."""
    return (to_millis(at) // DAY_MS + station.pk) % 7 == 0


def _write(station: Station, gaps: Iterable[Span], since_ms: int) -> None:
    """Make the outages since a moment that were found in the history anew, but for those that the watch has seen."""
    seen = Outage.objects.filter(station=station, was_watched=True)
    rows = seen.values_list("began_at", "ended_at")
    spans = [Span(to_millis(began), to_millis(ended or began)) for began, ended in rows]
    new = [gap for gap in gaps if not any(map(gap.overlaps, spans))]
    found = Outage.objects.filter(station=station, was_watched=False, began_at__gte=since_ms and since_ms + NEAR_MS)
    known = {Span(to_millis(each.began_at), to_millis(each.ended_at)): each.pk for each in found if each.ended_at}
    Outage.objects.filter(pk__in=[known[gap] for gap in known.keys() - set(new)]).delete()
    Outage.objects.bulk_create(
        Outage(
            station=station,
            began_at=from_millis(gap.start_ms),
            ended_at=from_millis(gap.end_ms),
            was_watched=False,
            weigh_at=first_weighing(from_millis(gap.end_ms)),
        )
        for gap in new[-MOST:]
        if gap not in known
    )


def _gaps(station: Station, fields: Sequence[Field], span: Span) -> Iterator[Span]:
    """Yield the outages of a span, in order: from the last reading before to the first after each.

    Its first days only show what is usual, unless it begins with the history.
    """
    holes = [hole for hole in _holes(station, fields, span.start_ms) if hole.start_ms < span.end_ms]
    if not holes:
        return
    interval_s = max(station.interval_s, _usual_s(station, fields))
    longest = _longest_by_day(holes)
    days = sorted(longest)
    for hole in holes:
        near = days[bisect_left(days, hole.start_ms - NEAR_MS) : bisect_right(days, hole.start_ms + NEAR_MS)]
        usual_ms = limit(interval_s, [longest[day] for day in near]) / MILLISECOND
        if span.start_ms and hole.start_ms < span.start_ms + NEAR_MS:
            continue
        if hole.end_ms - hole.start_ms - QUARTER_MS <= usual_ms:
            continue
        gap = _exact(station, fields, hole)
        if gap.end_ms - gap.start_ms > usual_ms:
            yield gap


def _holes(station: Station, fields: Sequence[Field], since_ms: int) -> list[Span]:
    """Return the spans from the start of one quarter with readings to that of the next, with others between."""
    shared = [Span(-EVER.end_ms, EVER.end_ms)]
    for field in fields:
        of_field, parameters = "station_id = %s AND field = %s AND start >= %s", [station.pk, field.number, since_ms]
        rows = execute(
            "SELECT before, start FROM (SELECT start, lag(start) OVER (ORDER BY start) AS before FROM readings_quarter"  # noqa: S608 - our names and numbers
            f" WHERE {of_field}) AS t WHERE start - before > {SHORTEST_MS}"
            f" UNION ALL SELECT max(start), {EVER.end_ms} FROM readings_quarter WHERE {of_field}"
            f" UNION ALL SELECT -{EVER.end_ms}, min(start) FROM readings_quarter WHERE {of_field}",
            [*parameters, *parameters, *parameters],
        ).returned
        own = [Span(before, start) for before, start in rows if before is not None and start is not None]
        shared = _shared(shared, sorted(own)) if own else shared
    return [hole for hole in shared if hole.start_ms > -EVER.end_ms and hole.end_ms < EVER.end_ms]


def _shared(these: Sequence[Span], those: Sequence[Span]) -> list[Span]:
    """Return the parts that holes of two fields share, if they are long enough."""
    starts = [each.start_ms for each in those]
    shared = []
    for each in these:
        first = max(bisect_right(starts, each.start_ms) - 1, 0)
        for other in those[first : bisect_left(starts, each.end_ms)]:
            part = Span(max(each.start_ms, other.start_ms), min(each.end_ms, other.end_ms))
            if part.end_ms - part.start_ms > SHORTEST_MS:
                shared.append(part)
    return shared


def _usual_s(station: Station, fields: Sequence[Field]) -> int:
    """Return the usual distance of quarters with readings, in seconds: an import may have one a day."""
    field = max(fields, key=lambda each: each.newest_at or from_millis(0))
    newest = Quarter.objects.filter(station=station, field=field.number).order_by("-start")[:500]
    starts = [to_millis(start) for start in newest.values_list("start", flat=True)]
    distances = [after - before for after, before in pairwise(starts)]
    usual_ms = median_low(distances) if distances else 0
    return usual_ms // 1000 if usual_ms > QUARTER_MS else 0


def _longest_by_day(holes: Sequence[Span]) -> dict[int, int]:
    """Return the longest hole of each day of UTC, in seconds, by the day's start."""
    longest: dict[int, int] = {}
    for hole in holes:
        day = hole.start_ms // DAY_MS * DAY_MS
        longest[day] = max(longest.get(day, 0), (hole.end_ms - hole.start_ms - QUARTER_MS) // 1000)
    return longest


def _exact(station: Station, fields: Sequence[Field], hole: Span) -> Span:
    """Return a hole from its last reading before to its first reading after. Without raw readings, quarters must do."""
    numbers = [field.number for field in fields]
    readings = Reading.objects.filter(station=station, field__in=numbers)
    middle_ms = hole.start_ms + QUARTER_MS
    last = readings.filter(measured_at__gte=hole.start_ms, measured_at__lt=middle_ms).aggregate(at=Max("measured_at"))
    first = readings.filter(measured_at__gte=hole.end_ms, measured_at__lt=hole.end_ms + QUARTER_MS)
    end = first.aggregate(at=Min("measured_at"))["at"]
    start = last["at"]
    return Span(to_millis(start) if start else middle_ms, to_millis(end) if end else hole.end_ms)
