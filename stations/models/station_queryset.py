"""Questions about many stations."""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.functions import Cast
from django.utils import timezone

from audit.deeds import record_each
from freetemp.fields import to_millis
from stations.access import Viewer, access_of
from stations.models.status import LATE_AFTER, SILENT_AFTER, Status, latest_heard

if TYPE_CHECKING:
    from stations.models.station import Station


class StationQuerySet(models.QuerySet["Station"]):
    def visible_to(self, user: Viewer) -> StationQuerySet:
        """Return the stations that a viewer may see: public ones, those of the viewer's groups, and for staff all."""
        seen = access_of(user).visible()
        return self if seen is None else self.filter(seen)

    def kept_by(self, user: Viewer, permission: str) -> StationQuerySet:
        """Return the stations for which a viewer has a permission, like `stations.change_station`."""
        kept = access_of(user).kept(permission)
        return self if kept is None else self.filter(kept)

    def find(self, text: str) -> Station:
        """Return the station with this number or, if there is none, this name. Raises Station.DoesNotExist."""
        by_number = self.filter(pk=int(text)).first() if re.fullmatch("[0-9]{1,9}", text) else None
        return by_number or self.get(name=text)

    def set_active(self, active: bool) -> int:
        """Activate or deactivate these stations, and return how many they are."""
        with transaction.atomic():
            changed = list(self.filter(active=not active).order_by("pk"))
            record_each("station activated" if active else "station deactivated", changed)
            return self.update(active=active)

    def with_fields(self) -> StationQuerySet:
        """Fetch the stations with their fields, in the order of the fields' numbers."""
        return self.prefetch_related("fields")

    def likely_time_zone(self) -> str:
        """Return the zone that a new station probably has: the setting's, or that of the newest station."""
        usual = str(settings.STATION_TIME_ZONE)
        if usual != "UTC":
            return usual
        real = self.filter(simulated=False).exclude(timezone="UTC")
        newest = real.order_by("-pk").values_list("timezone", flat=True).first()
        return newest or usual

    def alive(self, at: datetime | None = None) -> StationQuerySet:
        in_time = Q(last_heard_at__gte=_intervals_ago(LATE_AFTER, at))
        return self._heard().filter(in_time & Q(last_heard_at__lte=latest_heard(at)))

    def late(self, at: datetime | None = None) -> StationQuerySet:
        since, before = _intervals_ago(SILENT_AFTER, at), _intervals_ago(LATE_AFTER, at)
        return self._heard().filter(last_heard_at__gte=since, last_heard_at__lt=before)

    def silent(self, at: datetime | None = None) -> StationQuerySet:
        long_ago = Q(last_heard_at__lt=_intervals_ago(SILENT_AFTER, at))
        return self._heard().filter(long_ago | Q(last_heard_at__gt=latest_heard(at)))

    def minded(self) -> StationQuerySet:
        """Return the stations whose silence is a trouble: active ones that were heard, and no simulated ones."""
        return self._heard().filter(simulated=False)

    def never_heard(self) -> StationQuerySet:
        return self.filter(active=True, last_heard_at=None)

    def imported(self) -> StationQuerySet:
        """Return the stations that were never heard but have readings, from files."""
        return self.never_heard().filter(pk__in=self._with_readings())

    def without_readings(self) -> StationQuerySet:
        """Return the stations that were never heard and have no readings either."""
        return self.never_heard().exclude(pk__in=self._with_readings())

    def inactive(self) -> StationQuerySet:
        return self.filter(active=False)

    def count_by_status(self, at: datetime | None = None) -> Counter[Status]:
        """Return how many of these stations have each status, in one query."""
        at = at or timezone.now()
        return Counter(station.status(at) for station in self.only("active", "interval_s", "last_heard_at"))

    def _heard(self) -> StationQuerySet:
        return self.filter(active=True).exclude(last_heard_at=None)

    def _with_readings(self) -> models.QuerySet[Station]:
        return self.model.objects.filter(fields__newest_at__isnull=False).order_by()


def _intervals_ago(intervals: int, at: datetime | None) -> models.Expression:
    """Return, in SQL, the moment `intervals` of each station's own reporting intervals ago."""
    # Without the cast PostgreSQL multiplies in 32 bits, and 60 intervals of half a day do not fit.
    interval_s = Cast(F("interval_s"), models.BigIntegerField())
    millis = to_millis(at or timezone.now()) - interval_s * (intervals * 1000)
    return models.ExpressionWrapper(millis, output_field=models.BigIntegerField())
