"""Times and values as the admin shows them to staff."""

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
    """Return how long ago a moment was, with the moment itself as the tooltip."""
    text = length(timezone.now() - moment)
    return format_html('<time title="{} UTC">{} ago</time>', moment.strftime("%Y-%m-%d %H:%M:%S"), text)


def newest_value(field: Field) -> str:
    """Return a field's newest value as stored, marked if it is implausible, or nothing if there is none."""
    if field.newest_value is None:
        return ""
    mark = "" if field.is_plausible(field.newest_value) else " (!)"
    return f"{field.newest_value:.{field.decimals}f}\N{NO-BREAK SPACE}{displayed(field.unit).symbol}{mark}".strip()


def missed_reports(station: Station, at: datetime | None = None) -> str:
    """Return how many reports are missing since a station was last heard: “1 440 reports missed”."""
    return f"{thousands(station.missed_reports(at))} reports missed"


def thousands(count: int) -> str:
    """Return a number in groups of three digits: “1 440”."""
    return f"{count:,}".replace(",", NARROW_SPACE)
