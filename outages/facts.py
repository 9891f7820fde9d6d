"""Gathers what is known of an outage, from the readings, the board, the other stations and this server's own record."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Count, Exists, Max, OuterRef, QuerySet

from outages.board import OfBoard, told_by_board
from outages.causes import Facts
from outages.models import Evidence, Outage, ServerRun
from outages.rhythm import LEAST_INTERVALS
from readings.models import Day, Quarter, Reading
from stations.models import Field, Station

DAYS_BEFORE = timedelta(days=7)
LAST_DAY = timedelta(days=1)


def gather(outage: Outage, at: datetime) -> Facts:
    """Return what is known of an outage at a moment after it, and note in it what its words say."""
    ended_at = outage.ended_at or at
    board = told_by_board(outage, at)
    _count(outage, ended_at)
    _note_evidence(outage, board)
    facts = Facts(
        expected=outage.expected,
        arrived=outage.arrived,
        was_heard=outage.was_heard,
        started_anew={Evidence.ANEW: True, Evidence.SAME: False}.get(Evidence(outage.evidence)),
        reset_cause=outage.reset_cause,
        ran_through=board.ran_through,
        server_off=ServerRun.objects.share_off(outage.began_at, ended_at),
        rssi=outage.rssi,
        voltages=_voltages(outage) or board.voltages,
    )
    return _with_others(outage, ended_at, facts)


def _count(outage: Outage, ended_at: datetime) -> None:
    """Note how many readings of a field were due in an outage, and how many are there by now."""
    interval = timedelta(seconds=outage.station.interval_s)
    outage.expected = max(round((ended_at - outage.began_at) / interval) - 1, 0)
    # The reports at both ends are no part of it, whenever exactly their values were measured.
    first, last = outage.began_at + interval / 2, ended_at - interval / 2
    numbers = [field.number for field in outage.station.fields.all()]  # The primary key begins with both.
    within = Reading.objects.filter(
        station=outage.station, field__in=numbers, measured_at__gt=first, measured_at__lt=last
    )
    counts = within.order_by().values("field").annotate(count=Count("value")).values_list("count", flat=True)
    outage.arrived = min(max(counts, default=0), outage.expected)


def _note_evidence(outage: Outage, board: OfBoard) -> None:
    """Note what the board has shown. What it showed at first stays: later, nobody knows when a boot began."""
    if Facts(expected=outage.expected, arrived=outage.arrived).arrived_late:
        outage.evidence = Evidence.LATE
    elif board.started_anew is not None:
        outage.evidence = Evidence.ANEW if board.started_anew else Evidence.SAME
    elif outage.evidence == Evidence.LATE:
        outage.evidence = Evidence.NONE  # They were removed again.
    if board.reset_cause is not None:
        outage.reset_cause = board.reset_cause
    if outage.rssi is None:  # A board's own figure is another one tomorrow.
        outage.rssi = board.rssi if board.rssi is not None else _signal(outage)


def _with_others(outage: Outage, ended_at: datetime, facts: Facts) -> Facts:
    """Add the other stations that had reported, and those that were lost at the same moment."""
    lost = dict(Outage.objects.lost_with(outage.station, outage.began_at).values_list("station", "evidence"))
    stations = dict(_reported(outage, ended_at - outage.began_at).values_list("pk", "public"))
    away = _away(outage, ended_at) - lost.keys()
    stations = {pk: public for pk, public in stations.items() if pk not in away}
    lost = {pk: evidence for pk, evidence in lost.items() if pk in stations}
    outage.of, outage.together = len(stations) + 1, len(lost) + 1
    outage.public_of, outage.public_together = sum(stations.values()) + 1, sum(stations[pk] for pk in lost) + 1
    evidence = list(lost.values())
    return facts._replace(
        others=len(stations),
        together=len(lost),
        together_anew=evidence.count(Evidence.ANEW),
        together_late=evidence.count(Evidence.LATE),
    )


def _away(outage: Outage, ended_at: datetime) -> set[int]:
    """Return the stations that were away before an outage and until its end: they could not be heard, nor be lost."""
    back_at = ended_at - timedelta(seconds=outage.station.interval_s)
    covering = Outage.objects.covering(outage.began_at, back_at).filter(was_heard=False)
    return set(covering.values_list("station", flat=True))


def _reported(outage: Outage, length: timedelta) -> QuerySet[Station]:
    """Return the other stations that reported until an outage, and so often that one of its length is noticed."""
    days = Day.objects.filter(
        station=OuterRef("station"),
        field=OuterRef("number"),
        start__gt=outage.began_at - 2 * LAST_DAY,
        start__lte=outage.began_at,
    )
    fields = Field.objects.filter(Exists(days))
    others = Station.objects.filter(
        active=True, simulated=False, interval_s__lte=length.total_seconds() / LEAST_INTERVALS
    )
    return others.exclude(pk=outage.station_id).filter(pk__in=fields.values("station"))


def _signal(outage: Outage) -> int | None:
    """Return the last signal strength in dBm that a field had before an outage."""
    found = [value for field in _fields(outage, "signal_strength") if (value := _last(field, outage)) is not None]
    return round(min(found)) if found else None


def _voltages(outage: Outage) -> tuple[float, float] | None:
    """Return the last voltage of a battery before an outage, and the highest one of the days before."""
    for field in _fields(outage, "battery_voltage"):
        last = _last(field, outage)
        days = Quarter.objects.filter(
            station=outage.station_id,
            field=field.number,
            start__gt=outage.began_at - DAYS_BEFORE,
            start__lte=outage.began_at,
        )
        highest = days.aggregate(highest=Max("max"))["highest"]
        if last is not None and highest is not None:
            return last, highest
    return None


def _fields(outage: Outage, quantity: str) -> list[Field]:
    return [field for field in outage.station.fields.all() if field.quantity == quantity]


def _last(field: Field, outage: Outage) -> float | None:
    before = Reading.objects.filter(
        station=outage.station_id,
        field=field.number,
        measured_at__gt=outage.began_at - LAST_DAY,
        measured_at__lte=outage.began_at,
    )
    return before.order_by("-measured_at").values_list("value", flat=True).first()
