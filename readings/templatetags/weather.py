"""Values in the viewer's units, moments in the station's zone, ages in words, all in the viewer's language."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from django import template
from django.template import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from freetemp.ages import ago
from freetemp.formatting import dated
from readings.display import values, winds
from readings.display.field_names import called, named
from readings.history.by_kind import Row
from readings.history.directions import Wind
from readings.models.summary import Figures
from stations.models import Field, Station
from stations.models.station import newest_at
from stations.models.status import Status, told_status
from stations.quantities import Kind
from stations.units import displayed

register = template.Library()

_NONE = '<td class="none"><span aria-hidden="true">{}</span><span class="hidden">{}</span></td>'
KEPT_TRUE = SafeString(" data-age")  # The page's script keeps the age up to date.
register.filter(named)
register.filter(called)
register.filter(newest_at)
register.filter("implausible", values.is_implausible)


@register.simple_tag
def status_mark(status: Status, newest: datetime | None) -> SafeString:
    """Return the mark of a station's status with its words. `newest` is the time of its newest value, or None."""
    told = told_status(status, newest)
    return format_html('<span class="status status-{}">{}</span>', told, values.status_words(told))


@register.simple_tag(takes_context=True)
def number(context: Context, value: float | None, field: Field) -> str:
    """Return a stored value in the viewer's units, with suitable decimals: “21.4”."""
    return values.number(value, field, context.get("units"))


@register.simple_tag(takes_context=True)
def summaries(context: Context, cells: Iterable[tuple[Field, Row | None]]) -> SafeString:
    """Return a table row's cells: a level's mean, with its smallest and largest below if they differ; a sum; the
    largest of a maximum; a direction with its steadiness below.

    Separate tags for each of them in the template would be most of the cost of a page with 90 rows.
    """
    none = format_html(_NONE, values.MISSING, _("no readings"))
    return SafeString("".join(none if total is None else _cell(context, field, total) for field, total in cells))


def _cell(context: Context, field: Field, total: Row) -> str:
    if isinstance(total, Wind):
        return _cell_of_wind(total)
    unit = displayed(field.unit, context.get("units"))
    if (kind := field.kind) is not Kind.LEVEL:
        return f"<td>{values.digits(total.sum if kind.is_sum else total.max, field, unit)}</td>"
    mean, low, high = (values.digits(value, field, unit) for value in (total.mean, total.min, total.max))
    if low == high:
        return f"<td>{low}</td>"
    to = _("to")
    return f"<td>{mean}<small><span>{low}</span><i> {to} </i><span>{high}</span></small></td>"


def _cell_of_wind(wind: Wind) -> str:
    if wind.mean is None or wind.steadiness is None:
        calm = _("calm")
        return f"<td>{calm}</td>"
    mean, steady = winds.direction(wind.mean), winds.steadiness(wind.steadiness)
    return f"<td>{mean}<small><span>{steady}</span></small></td>"


@register.simple_tag(takes_context=True)
def symbol(context: Context, field: Field) -> str:
    """Return the symbol of a field's displayed unit: “°C”, “hPa”, or an empty text."""
    return values.symbol(field, context.get("units"))


@register.simple_tag(takes_context=True)
def quantity(context: Context, value: float | None, field: Field) -> str:
    """Return a stored value with its unit: “21.4 °C”, never broken over two lines."""
    return values.quantity(value, field, context.get("units"))


@register.simple_tag(takes_context=True)
def spread(context: Context, total: Figures, field: Field) -> str:
    """Return the range of a field's values with its unit: “8.2 to 21.4 °C”, or a single value."""
    return values.spread(total.min, total.max, field, context.get("units"))


@register.simple_tag(takes_context=True)
def is_one_value(context: Context, total: Figures, field: Field) -> bool:
    """Tell whether all values of a field are shown as the same."""
    return values.is_one_value(total.min, total.max, field, context.get("units"))


@register.simple_tag
def moment(at: datetime, station: Station, style: str = "j F Y, H:i") -> SafeString:
    """Return a `<time>` in the station's zone; its title has the full date and time."""
    local = at.astimezone(station.zone)
    return time_element(local, dated(local, style))


@register.simple_tag
def moment_by(at: datetime, station: Station, now: datetime) -> SafeString:
    """Return a `<time>` in the station's zone: only the time for a moment of today, otherwise with its date."""
    is_today = at.astimezone(station.zone).date() == now.astimezone(station.zone).date()
    return moment(at, station, "H:i" if is_today else "j M Y, H:i")


@register.simple_tag
def day(on: date, style: str = "j F Y") -> str:
    """Return a day of the station's calendar in words."""
    return dated(on, style)


@register.simple_tag
def age(at: datetime, station: Station, now: datetime) -> SafeString:
    """Return a `<time>` with the age of a moment; the page's script keeps it up to date."""
    local = at.astimezone(station.zone)
    return time_element(local, ago(now - at), KEPT_TRUE)


@register.simple_tag
def lags(field: Field, station: Station, newest: datetime) -> bool:
    """Tell whether a field has fallen silent while other fields of its station, the last at `newest`, have not."""
    return field.lags_behind(newest, station.interval_s)


def time_element(local: datetime, text: str, attributes: str = "") -> SafeString:
    """Return a `<time>` whose title has the full date and time."""
    return format_html(
        '<time datetime="{}" title="{}"{}>{}</time>',
        local.isoformat(timespec="seconds"),
        dated(local, "l j F Y, H:i:s T"),
        attributes,
        text,
    )
