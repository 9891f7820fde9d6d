"""The configuration of the station page's scripts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.urls import reverse

from freetemp.fields import to_millis
from readings.calendar.clocks import clocks_for_scripts
from readings.calendar.periods import Period
from readings.display.field_names import named
from readings.history.comparison import Comparison
from stations.models import Field, Station
from stations.units import Units, displayed


def chart(
    station: Station,
    fields: list[Field],
    period: Period,
    units: Units,
    now: datetime,
    compared: Comparison | None = None,
) -> dict[str, Any]:
    """Return addresses, the period in Unix seconds, and the conversion of each field's stored values to shown ones.

    `compare` is the whole period that this one is compared with, or None.
    """
    return period_config(period, now) | {
        "station_url": reverse("api-station", args=[station.pk]),
        "series_url": reverse("api-series", args=[station.pk]),
        "compare": compared and _compare(compared),
        "interval_s": station.interval_s,
        "fields": [field_config(field, units) for field in fields],
    }


def _compare(compared: Comparison) -> dict[str, Any]:
    return _seconds(compared.period) | {"title": compared.navigation.title}


def period_config(period: Period, now: datetime) -> dict[str, Any]:
    """Return a period with the clocks by which its charts are read."""
    return {"zone": clocks_for_scripts(period.zone, max(now, period.end)), "now": to_millis(now), **_seconds(period)}


def _seconds(period: Period) -> dict[str, Any]:
    return {"start": to_millis(period.start) / 1000, "end": to_millis(period.end) / 1000}


def field_config(field: Field, units: Units) -> dict[str, Any]:
    """Return the conversion of a field's stored values to shown ones."""
    unit = displayed(field.unit, units)
    return {
        "number": field.number,
        "name": named(field),
        "kind": field.kind.value,
        "symbol": unit.symbol,
        "scale": unit.scale,
        "offset": unit.offset,
        "decimals": unit.decimals(field.decimals),
        "newest_at": None if field.newest_at is None else to_millis(field.newest_at) / 1000,
    }
