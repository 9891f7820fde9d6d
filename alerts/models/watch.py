"""The watch: which process keeps it, since when, and the rhythm of each station that it has seen."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta

from django.db import models, transaction
from django.db.models import Q

from freetemp.fields import EPOCH, EpochMillisField
from stations.models import Station

THE_ONE = 1
LEASE = timedelta(minutes=2)  # longer than one message takes to send
UNWATCHED = timedelta(minutes=2)  # After such a pause nobody knows whether stations reported meanwhile.
KEPT_DAYS = 14


class Watch(models.Model):
    """The only row: the process that keeps the watch, and until when unless it says so again."""

    holder = models.CharField(max_length=40, blank=True)
    until = EpochMillisField(default=EPOCH)
    since = EpochMillisField(default=EPOCH, help_text="The watch has had no pause since.")
    looked_at = EpochMillisField(default=EPOCH, help_text="The last round began then.")

    def __str__(self) -> str:
        return f"kept by {self.holder or 'nobody'}"

    @classmethod
    def take(cls, holder: str, at: datetime) -> Watch | None:
        """Let a process keep the watch for a while, and return it, or None if another one keeps it.

        One conditional statement decides, so that of several processes one succeeds.
        """
        watch, _ = cls.objects.get_or_create(pk=THE_ONE)
        if abs(at - watch.looked_at) > UNWATCHED:
            watch.since = at
        free = Q(holder=holder) | Q(until__lt=at)
        new = {"holder": holder, "until": at + LEASE, "since": watch.since, "looked_at": at}
        return watch if cls.objects.filter(free, pk=THE_ONE).update(**new) else None

    @classmethod
    def is_kept_by(cls, holder: str) -> bool:
        """Tell, and lock the row until the transaction ends, whether the process still keeps the watch."""
        return cls.objects.select_for_update().filter(pk=THE_ONE, holder=holder).exists()

    @classmethod
    def leave(cls, holder: str) -> None:
        """Let another process keep the watch at once."""
        cls.objects.filter(pk=THE_ONE, holder=holder).update(holder="", until=EPOCH)


class RhythmQuerySet(models.QuerySet["Rhythm"]):
    def longest(self) -> dict[int, list[int]]:
        """Map each station to its longest silences, in seconds: one of each day of the last two weeks."""
        found: dict[int, list[int]] = defaultdict(list)
        for station, longest_s in self.values_list("station", "longest_s"):
            found[station].append(longest_s)
        return found

    def note(self, silences_s: dict[int, int], at: datetime) -> None:
        """Note the silences of stations that have just ended. Of a day the longest stays."""
        day = at.toordinal()
        with transaction.atomic():
            known = dict(self.filter(day=day, station__in=silences_s).values_list("station", "longest_s"))
            for station, silence_s in silences_s.items():
                if silence_s > known.get(station, 0):
                    self.update_or_create(station_id=station, day=day, defaults={"longest_s": silence_s})
            self.filter(day__lte=day - KEPT_DAYS).delete()


class Rhythm(models.Model):
    """The longest silence of a station on one day, as the watch saw it."""

    station = models.ForeignKey(Station, models.CASCADE, related_name="rhythms")
    day = models.PositiveIntegerField(help_text="Of UTC, as date.toordinal() has it.")
    longest_s = models.PositiveIntegerField()

    objects = RhythmQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["station", "day"], name="rhythm_once_a_day")]

    def __str__(self) -> str:
        return f"{self.station} day {self.day}: {self.longest_s} s"
