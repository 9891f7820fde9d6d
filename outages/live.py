"""The watch's round over outages: they begin, go on and end, and their causes are weighed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Max

from outages.explanation import first_weighing, weigh_due
from outages.models import Outage, ServerRun
from outages.rhythm import has_no_values, limit, limit_of
from readings.admin.unheard import trying_out
from readings.models import Reading
from stations.models import Field, Station

Longest = Callable[[], Mapping[int, Sequence[int]]]


class Seen(NamedTuple):
    """A station that somebody minds, with its last report, and the last value of one whose sensor fails."""

    station: Station
    heard_at: datetime
    measured_at: datetime | None

    @property
    def lost_at(self) -> datetime:
        return min(self.heard_at, self.measured_at or self.heard_at)

    def is_lost(self, at: datetime, longest_s: Sequence[int] = ()) -> bool:
        is_silent = at - self.heard_at > limit_of(self.station, longest_s)
        return is_silent or at - (self.measured_at or at) > limit(self.station.interval_s, longest_s)


def look(at: datetime, minded: Sequence[Station], longest: Longest) -> None:
    """Note outages of minded stations that begin and end.

    `longest` returns each station's longest silences, one a day, in seconds.
    """
    seen = {each.station.pk: each for each in _seen(minded)}
    known = {each.station_id: each for each in Outage.objects.open()}
    for pk, outage in known.items():
        _end(outage, seen.get(pk), at)
    lost = [each for pk, each in seen.items() if pk not in known and each.is_lost(at)]
    if lost:
        usual = longest()
        unusual = {each.station.pk for each in lost if each.is_lost(at, usual.get(each.station.pk, ()))}
        _begin([each for each in lost if each.station.pk in unusual])
        _begin([each for each in lost if each.station.pk not in unusual and _is_lost_with_others(each)])
    for run in ServerRun.objects.filter(looked_at=None).order_by("began_at"):
        _look_at_pause(run, seen.values(), longest)
        ServerRun.objects.filter(pk=run.pk).update(looked_at=at)
    weigh_due(at)


def _seen(minded: Sequence[Station]) -> Iterator[Seen]:
    failing = [each.pk for each in minded if has_no_values(each)]
    newest: dict[int, datetime] = {}
    if failing:
        rows = Field.objects.filter(station__in=failing, newest_at__isnull=False).order_by().values("station")
        newest = {row["station"]: row["newest"] for row in rows.annotate(newest=Max("newest_at"))}
    for station in minded:
        if station.last_heard_at:
            yield Seen(station, station.last_heard_at, newest.get(station.pk))


def _end(outage: Outage, seen: Seen | None, at: datetime) -> None:
    """End an outage if its station was heard, or has values again, or if nobody minds any more."""
    if seen is None:
        outage.ended_at = at
    elif seen.lost_at > outage.began_at:
        outage.ended_at = seen.heard_at
    if outage.ended_at:
        outage.weigh_at = first_weighing(outage.ended_at)
        outage.save(update_fields=["ended_at", "weigh_at"])


def _begin(lost: Sequence[Seen]) -> None:
    tried = trying_out(Station.objects.with_fields().filter(pk__in=[each.station.pk for each in lost])) if lost else ()
    Outage.objects.bulk_create(
        Outage(station=each.station, began_at=each.lost_at, was_heard=each.lost_at < each.heard_at)
        for each in lost
        if each.station not in tried
    )


def _is_lost_with_others(seen: Seen) -> bool:
    """Tell whether others that are lost were so at the same moment: then its silence is theirs, however usual."""
    return Outage.objects.open().lost_with(seen.station, seen.lost_at).exists()


def _look_at_pause(run: ServerRun, seen: Collection[Seen], longest: Longest) -> None:
    """Note the outages of stations that have reported again after a pause of the server, before anybody looked."""
    before = ServerRun.objects.filter(until_at__lt=run.began_at).order_by("-until_at").first()
    if before is None:
        return
    back = [each for each in seen if each.heard_at >= run.began_at]
    usual = longest() if back else {}
    known = set(Outage.objects.overlapping(before.until_at, run.began_at).values_list("station", flat=True))
    for each in back:
        station = each.station
        ended_at = min(each.heard_at, run.began_at + timedelta(seconds=station.interval_s))
        unusual = limit(station.interval_s, usual.get(station.pk, ()))
        if station.pk in known or ended_at - before.until_at < unusual:
            continue
        if began_at := _last_measured(station, before.until_at - unusual, before.until_at):
            Outage.objects.create(
                station=station, began_at=began_at, ended_at=ended_at, weigh_at=first_weighing(ended_at)
            )


def _last_measured(station: Station, after: datetime, until: datetime) -> datetime | None:
    numbers = list(station.fields.values_list("number", flat=True))
    within = Reading.objects.filter(station=station, field__in=numbers, measured_at__gt=after, measured_at__lte=until)
    last: datetime | None = within.aggregate(last=Max("measured_at"))["last"]
    return last
