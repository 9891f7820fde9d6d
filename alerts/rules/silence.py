"""Silent stations: found by the rhythm in which each of them has reported, and not by its interval alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

from alerts.models import Incident, Kind, Rhythm, Rule
from alerts.rules.minded import with_rules
from alerts.rules.writes import Write
from outages.rhythm import TOGETHER, limit_of
from readings.admin.unheard import trying_out
from stations.models import Station

# Stations that were last heard at the same time share a trouble: the others are told with the first.
TOGETHER_INTERVALS = 2
WORTH_NOTING = 2.5  # intervals: a shorter silence changes no limit


class Watched(NamedTuple):
    """A station that was heard at least once, with the rule for it and how long the watch has seen it silent."""

    station: Station
    rule: Rule
    heard_at: datetime
    silence: timedelta

    @property
    def interval(self) -> timedelta:
        return timedelta(seconds=self.station.interval_s)

    @property
    def is_late(self) -> bool:
        return self.silence > TOGETHER_INTERVALS * self.interval

    def is_silent(self, longest_s: Sequence[int]) -> bool:
        """Tell whether its silence is unusual, by its longest ones of some days, or longer than its rule says."""
        minutes = self.rule.minutes
        usual = limit_of(self.station, longest_s)
        return self.silence > (usual if minutes is None else timedelta(minutes=minutes))


class Silences:
    """The silences of stations, as one process watches them: it learns how long each is silent now and then."""

    def __init__(self) -> None:
        self._heard: dict[int, datetime] = {}

    def look(self, at: datetime, since: datetime, stations: Iterable[Station]) -> Iterator[Write]:
        """Yield what opens and ends incidents of minded stations.

        The watch had no pause `since`: an earlier silence proves nothing.
        """
        watched = {each.station.pk: each for each in _watched(at, since, stations)}
        yield from self._learn(watched.values(), at, since)
        known = {each.station_id: each for each in Incident.objects.open().filter(rule__kind=Kind.SILENT)}
        for pk, incident in known.items():
            yield from _end(incident, watched.get(pk), at)
        yield from _open([each for pk, each in watched.items() if pk not in known], at)

    def _learn(self, watched: Iterable[Watched], at: datetime, since: datetime) -> Iterator[Write]:
        """Yield the note of how long each station had been silent that has been heard since the last look."""
        before, self._heard = self._heard, {each.station.pk: each.heard_at for each in watched}
        silences_s = {
            each.station.pk: int((each.heard_at - earlier).total_seconds())
            for each in watched
            if (earlier := before.get(each.station.pk))
            and earlier >= since
            and each.heard_at - earlier > WORTH_NOTING * each.interval
        }
        if silences_s:
            yield partial(Rhythm.objects.note, silences_s, at)


def _watched(at: datetime, since: datetime, stations: Iterable[Station]) -> Iterator[Watched]:
    """Yield the minded stations with a rule for them in force."""
    rules = list(Rule.objects.of(Kind.SILENT))
    for station, rule in with_rules(stations, rules, Kind.SILENT):
        if heard_at := station.last_heard_at:
            yield Watched(station, rule, heard_at, max(at - max(heard_at, since), timedelta()))


def _end(incident: Incident, watched: Watched | None, at: datetime) -> Iterator[Write]:
    """End an incident if its station was heard, or if nobody minds any more."""
    if watched is None:
        yield partial(incident.end, at, dropped=True)
    elif watched.heard_at > incident.began_at:
        yield partial(incident.end, watched.heard_at)


def _open(watched: Sequence[Watched], at: datetime) -> Iterator[Write]:
    """Open incidents of those that are silent for too long, and of those that fell silent together with them."""
    late = [each for each in watched if each.is_late]
    longest = Rhythm.objects.longest() if late else {}
    silent = [each for each in watched if each.is_silent(longest.get(each.station.pk, ()))]
    if not silent:
        return
    silent += [each for each in late if each not in silent and _fell_silent_with(each, silent)]
    tried = trying_out(Station.objects.with_fields().filter(pk__in=[each.station.pk for each in silent]))
    begun = [
        Incident(rule=each.rule, station=each.station, began_at=each.heard_at, found_at=at)
        for each in silent
        if each.station not in tried
    ]
    if begun:
        yield partial(Incident.objects.bulk_create, begun)


def _fell_silent_with(late: Watched, silent: Iterable[Watched]) -> bool:
    return late.rule.minutes is None and any(abs(late.heard_at - each.heard_at) <= TOGETHER for each in silent)
