"""Moments and values as staff read them in the admin."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from freetemp.ages import length
from freetemp.formatting import NARROW_SPACE
from stations.models import Field, Station
from stations.units import displayed


def ago(moment: datetime) -> SafeString:
    """Return how long ago a moment was; the moment itself is its tooltip."""
    text = length(timezone.now() - moment)
    return format_html('<time title="{} UTC">{} ago</time>', moment.strftime("%Y-%m-%d %H:%M:%S"), text)


def newest_value(field: Field) -> str:
    """Return a field's newest value as it is stored, marked where it is not plausible; nothing where there is none."""
    if field.newest_value is None:
        return ""
    mark = "" if field.is_plausible(field.newest_value) else " (!)"
    return f"{field.newest_value:.{field.decimals}f}\N{NO-BREAK SPACE}{displayed(field.unit).symbol}{mark}".strip()


def missed_reports(station: Station, at: datetime | None = None) -> str:
    """Return how many reports are missing since a station was heard: “1 440 reports missed”."""
    return f"{thousands(station.missed_reports(at))} reports missed"


def thousands(count: int) -> str:
    """Return a number in groups of three digits: “1 440”."""
    return f"{count:,}".replace(",", NARROW_SPACE)
