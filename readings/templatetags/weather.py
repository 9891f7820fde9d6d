"""Values in the viewer's units, moments in the station's zone, ages in words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django import template
from django.template import Context
from django.utils.dateformat import format as formatted
from django.utils.html import format_html
from django.utils.safestring import SafeString

from readings.summaries import Total
from stations.models import Field, Station
from stations.models.station import LATE_AFTER
from stations.units import Unit, displayed

register = template.Library()

MISSING = "\N{EN DASH}"
_MINUS = "\N{MINUS SIGN}"
_NARROW_SPACE = "\N{NARROW NO-BREAK SPACE}"
# static/js/moments.js says the same.
_AGES_S = (("year", 31_557_600), ("month", 2_629_800), ("day", 86_400), ("hour", 3600), ("minute", 60))
_NO_READINGS = f'<td class="none"><span aria-hidden="true">{MISSING}</span><span class="hidden">no readings</span></td>'
_KEPT_TRUE = SafeString(" data-age")
_STATUSES = {
    "alive": "Alive",
    "late": "Late",
    "silent": "Silent",
    "never": "Never heard from",
    "inactive": "Switched off",
}


@register.simple_tag(takes_context=True)
def number(context: Context, value: float | None, field: Field) -> str:
    """Return a stored value in the viewer's units, with the decimals that suit them: “21.4”."""
    return MISSING if value is None else _digits(_unit(context, field), value, field)


@register.simple_tag(takes_context=True)
def summaries(context: Context, cells: Iterable[tuple[Field, Total | None]]) -> SafeString:
    """Return a table row's cells: each field's mean, with its smallest and largest below.

    Tags for each of them in the template would be most of what a page with 90 rows costs.
    """
    return SafeString(
        "".join(_NO_READINGS if total is None else _cell(context, field, total) for field, total in cells)
    )


def _cell(context: Context, field: Field, total: Total) -> str:
    unit = _unit(context, field)
    mean, low, high = (_digits(unit, value, field) for value in (total.mean, total.min, total.max))
    return f"<td>{mean}<small><span>{low}</span><i> to </i><span>{high}</span></small></td>"


@register.simple_tag(takes_context=True)
def symbol(context: Context, field: Field) -> str:
    """Return the symbol of the unit that a field is shown in: “°C”, “hPa”, or nothing."""
    return _unit(context, field).symbol


@register.simple_tag(takes_context=True)
def quantity(context: Context, value: float | None, field: Field) -> str:
    """Return a stored value with its unit: “21.4 °C”, never broken over two lines."""
    sign = symbol(context, field)
    shown = number(context, value, field)
    return f"{shown}{_NARROW_SPACE}{sign}" if sign and value is not None else shown


@register.simple_tag
def moment(at: datetime, station: Station, style: str = "j F Y, H:i") -> SafeString:
    """Return a `<time>` in the station's zone; the whole of it is in its title."""
    local = at.astimezone(station.zone)
    return _time(local, formatted(local, style))


@register.simple_tag
def age(at: datetime, station: Station, now: datetime) -> SafeString:
    """Return a `<time>` that says how long ago it was; the page's script keeps it true."""
    local = at.astimezone(station.zone)
    return _time(local, ago(now - at), _KEPT_TRUE)


@register.filter
def ago(length: timedelta) -> str:
    """Return a length of time before now in words: “just now”, “3 minutes ago”."""
    seconds = length.total_seconds()
    for name, unit_s in _AGES_S:
        if seconds >= unit_s:
            count = int(seconds // unit_s)
            return f"{count} {name}{'' if count == 1 else 's'} ago"
    return "just now"


@register.filter
def newest_at(fields: Iterable[Field]) -> datetime | None:
    """Return when the newest of the fields' values was measured."""
    return max((field.newest_at for field in fields if field.newest_at), default=None)


@register.simple_tag
def lags(field: Field, station: Station, newest: datetime) -> bool:
    """Tell whether a field has fallen silent while others of its station, the last at `newest`, have not."""
    if field.newest_at is None:
        return True
    return newest - field.newest_at > timedelta(seconds=LATE_AFTER * station.interval_s)


@register.filter
def implausible(field: Field) -> bool:
    """Tell whether a field's newest value is outside the limits that staff set."""
    return field.newest_value is not None and not field.is_plausible(field.newest_value)


@register.filter
def status_words(status: str) -> str:
    return _STATUSES[status]


def _unit(context: Context, field: Field) -> Unit:
    return displayed(field.unit, context.get("units"))


def _digits(unit: Unit, value: float, field: Field) -> str:
    return f"{unit.convert(value):z.{unit.decimals(field.decimals)}f}".replace("-", _MINUS)


def _time(local: datetime, text: str, attributes: str = "") -> SafeString:
    return format_html(
        '<time datetime="{}" title="{}"{}>{}</time>',
        local.isoformat(timespec="seconds"),
        formatted(local, "l j F Y, H:i:s T"),
        attributes,
        text,
    )
