"""Values in the viewer's units, moments in the station's zone, ages in words; all in the viewer's language."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django import template
from django.template import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from freetemp.formatting import NARROW_SPACE, dated, decimal
from readings.display.field_names import called, named
from readings.models.summary import Total
from stations.models import Field, Station
from stations.models.station import newest_at
from stations.units import Unit, displayed

register = template.Library()

MISSING = "\N{EN DASH}"
_NONE = '<td class="none"><span aria-hidden="true">{}</span><span class="hidden">{}</span></td>'
# In seconds. static/js/lib/times.js has the same from the browser.
_AGES = (
    (31_557_600, ngettext_lazy("%(count)d year ago", "%(count)d years ago", "count")),
    (2_629_800, ngettext_lazy("%(count)d month ago", "%(count)d months ago", "count")),
    (86_400, ngettext_lazy("%(count)d day ago", "%(count)d days ago", "count")),
    (3600, ngettext_lazy("%(count)d hour ago", "%(count)d hours ago", "count")),
    (60, ngettext_lazy("%(count)d minute ago", "%(count)d minutes ago", "count")),
)
_KEPT_TRUE = SafeString(" data-age")
_STATUSES = {
    "alive": gettext_lazy("Alive"),
    "late": gettext_lazy("Late"),
    "silent": gettext_lazy("Silent"),
    "never": gettext_lazy("Never heard from"),
    "inactive": gettext_lazy("Switched off"),
}

register.filter(named)
register.filter(called)
register.filter(newest_at)


@register.simple_tag(takes_context=True)
def number(context: Context, value: float | None, field: Field) -> str:
    """Return a stored value in the viewer's units, with the decimals that suit them: “21.4”."""
    return MISSING if value is None else _digits(_unit(context, field), value, field)


@register.simple_tag(takes_context=True)
def summaries(context: Context, cells: Iterable[tuple[Field, Total | None]]) -> SafeString:
    """Return a table row's cells: each field's mean, with its smallest and largest below.

    Tags for each of them in the template would be most of what a page with 90 rows costs.
    """
    none = format_html(_NONE, MISSING, _("no readings"))
    return SafeString("".join(none if total is None else _cell(context, field, total) for field, total in cells))


def _cell(context: Context, field: Field, total: Total) -> str:
    unit = _unit(context, field)
    mean, low, high = (_digits(unit, value, field) for value in (total.mean, total.min, total.max))
    return f"<td>{mean}<small><span>{low}</span><i> {_('to')} </i><span>{high}</span></small></td>"


@register.simple_tag(takes_context=True)
def symbol(context: Context, field: Field) -> str:
    """Return the symbol of the unit that a field is shown in: “°C”, “hPa”, or nothing."""
    return _unit(context, field).symbol


@register.simple_tag(takes_context=True)
def quantity(context: Context, value: float | None, field: Field) -> str:
    """Return a stored value with its unit: “21.4 °C”, never broken over two lines."""
    sign = symbol(context, field)
    shown = number(context, value, field)
    return f"{shown}{NARROW_SPACE}{sign}" if sign and value is not None else shown


@register.simple_tag
def moment(at: datetime, station: Station, style: str = "j F Y, H:i") -> SafeString:
    """Return a `<time>` in the station's zone; the whole of it is in its title."""
    local = at.astimezone(station.zone)
    return _time(local, dated(local, style))


@register.simple_tag
def day(on: date, style: str = "j F Y") -> str:
    """Return a day of the station's calendar in words."""
    return dated(on, style)


@register.simple_tag
def age(at: datetime, station: Station, now: datetime) -> SafeString:
    """Return a `<time>` that says how long ago it was; the page's script keeps it true."""
    local = at.astimezone(station.zone)
    return _time(local, ago(now - at), _KEPT_TRUE)


@register.filter
def ago(length: timedelta) -> str:
    """Return a length of time before now in words: “just now”, “3 minutes ago”."""
    seconds = length.total_seconds()
    for unit_s, words in _AGES:
        if seconds >= unit_s:
            return str(words % {"count": int(seconds // unit_s)})
    return _("just now")


@register.simple_tag
def lags(field: Field, station: Station, newest: datetime) -> bool:
    """Tell whether a field has fallen silent while others of its station, the last at `newest`, have not."""
    return field.lags_behind(newest, station.interval_s)


@register.filter
def implausible(field: Field) -> bool:
    """Tell whether a field's newest value is outside the limits that staff set."""
    return field.newest_value is not None and not field.is_plausible(field.newest_value)


@register.filter
def status_words(status: str) -> str:
    return str(_STATUSES[status])


def _unit(context: Context, field: Field) -> Unit:
    return displayed(field.unit, context.get("units"))


def _digits(unit: Unit, value: float, field: Field) -> str:
    return decimal(unit.convert(value), unit.decimals(field.decimals))


def _time(local: datetime, text: str, attributes: str = "") -> SafeString:
    return format_html(
        '<time datetime="{}" title="{}"{}>{}</time>',
        local.isoformat(timespec="seconds"),
        dated(local, "l j F Y, H:i:s T"),
        attributes,
        text,
    )
