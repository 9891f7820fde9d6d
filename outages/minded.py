"""The stations that somebody minds, as the watch looks at them."""

from __future__ import annotations

from datetime import datetime

from stations.models import Station

COLUMNS = (
    *("name", "active", "interval_s", "timezone"),
    *("last_heard_at", "maintenance_since", "maintenance_until", "trouble"),
)


def minded_stations(at: datetime) -> list[Station]:
    """Return the stations that were heard and have no rest, as far as a look needs them. Simulated ones are not minded.

    There may be thousands, three times a minute: one list is for all that a round looks for.
    """
    heard = Station.objects.minded().only(*COLUMNS)
    return [each for each in heard if not each.in_maintenance(at) and not each.is_heard_ahead(at)]
