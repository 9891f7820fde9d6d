"""Decides of which incidents a recipient is to be told now: once, together, and without noise."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from alerts.models import Incident, Notice, Recipient, Told

GATHER = timedelta(minutes=1)  # What is found in one minute is told in one message.
# After an outage a board delivers what it has kept, before anything is said of it.
LATE_READINGS = timedelta(minutes=3)
# An incident that begins for the third time in a day comes and goes: the next ones are told if they stay.
OFTEN, A_DAY = 3, timedelta(days=1)
STAYS = timedelta(hours=6)
REMINDERS = (timedelta(days=1), timedelta(days=7))


class Incidents:
    """The incidents of the last days, with all that has been told of them: one look for all recipients."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self._all = list(Incident.objects.lately(at))
        self._told = _told_of(self._all)
        self._of_trouble: dict[tuple[int, int, int | None], list[Incident]] = defaultdict(list)
        for incident in self._all:
            self._of_trouble[incident.trouble].append(incident)

    @property
    def are_none(self) -> bool:
        return not self._all

    def news(self, recipient: Recipient) -> dict[Told, list[Incident]]:
        """Return what a recipient is to be told at this moment, outside of quiet hours, by the kind of notice."""
        news: dict[Told, list[Incident]] = defaultdict(list)
        minded = self._minded(recipient)
        for incident in minded:
            told = self._told[recipient.pk, incident.pk]
            if kind := self._kind(incident, told, recipient):
                news[kind].append(incident)
        if began := news.get(Told.BEGAN):
            began += self._found_just_now(recipient, minded, began)
        return news

    def times_in_a_day(self, incident: Incident) -> int:
        """Return how often the same trouble has begun in the day that ends with this incident's beginning."""
        same = self._of_trouble[incident.trouble]
        return sum(incident.began_at - A_DAY < each.began_at <= incident.began_at for each in same)

    def _minded(self, recipient: Recipient) -> list[Incident]:
        own = {station.pk for station in recipient.stations.all()}
        muted = {mute.station_id for mute in recipient.mutes.all() if mute.until > self.at}
        return [
            each
            for each in self._all
            if (recipient.every_station or each.station_id in own)
            and each.station_id not in muted
            and (each.ended_at is None or each.ended_at > recipient.created_at)
        ]

    def _kind(self, incident: Incident, told: dict[Told, int], recipient: Recipient) -> Told | None:
        is_known = Told.BEGAN in told
        if incident.ended_at is None:
            if not is_known:
                return Told.BEGAN if self.at - incident.found_at >= self._wait(incident) else None
            return Told.REMINDER if self._is_reminder_due(incident, told) else None
        if incident.dropped or Told.ENDED in told or Told.PASSED in told:
            return None
        if is_known:
            return Told.ENDED if self._is_over(incident) else None
        # It would have been told at its time, and that was in quiet hours.
        would_be_told_at = incident.found_at + self._wait(incident)
        was_quiet = incident.ended_at > would_be_told_at and recipient.is_quiet(would_be_told_at)
        return Told.PASSED if was_quiet and self._is_over(incident) else None

    def _wait(self, incident: Incident) -> timedelta:
        if self.times_in_a_day(incident) > OFTEN:
            return STAYS
        # What is about a value has lasted before it is found.
        return GATHER if incident.rule.is_found_late else max(GATHER, incident.rule.lasting)

    def _is_over(self, incident: Incident) -> bool:
        """Tell whether an end may be told: what comes and goes has to be away for hours."""
        same = self._of_trouble[incident.trouble]
        if self.times_in_a_day(incident) < OFTEN:
            return self.at - (incident.ended_at or self.at) >= LATE_READINGS
        ends = [each.ended_at for each in same]
        return None not in ends and all(end and self.at - end >= STAYS for end in ends)

    def _is_reminder_due(self, incident: Incident, told: dict[Told, int]) -> bool:
        reminders = told.get(Told.REMINDER, 0)
        if incident.acknowledged_at or reminders == len(REMINDERS):
            return False
        return self.at - incident.found_at >= REMINDERS[reminders]

    def _found_just_now(
        self, recipient: Recipient, minded: Sequence[Incident], told_now: Sequence[Incident]
    ) -> list[Incident]:
        """Return what was found a moment ago and has to be told soon anyway: it goes into the same message."""
        return [
            each
            for each in minded
            if each.ended_at is None
            and each not in told_now
            and Told.BEGAN not in self._told[recipient.pk, each.pk]
            and self._wait(each) == GATHER
        ]


def _told_of(incidents: Iterable[Incident]) -> dict[tuple[int, int], dict[Told, int]]:
    """Count the notices of each kind by recipient and incident."""
    found: dict[tuple[int, int], dict[Told, int]] = defaultdict(dict)
    notices = Notice.objects.filter(incidents__in=list(incidents)).order_by()
    for recipient, incident, kind in notices.values_list("recipient", "incidents", "kind"):
        kinds = found[recipient, incident]
        kinds[Told(kind)] = kinds.get(Told(kind), 0) + 1
    return found
