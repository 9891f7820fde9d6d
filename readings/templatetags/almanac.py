"""Degrees of an almanac in the viewer's units."""

from __future__ import annotations

from django import template
from django.template import Context
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from freetemp.formatting import NARROW_SPACE, decimal
from readings.almanac.levels import LIMITS_C, LevelAlmanac, Summary
from readings.almanac.of_station import Almanac
from readings.almanac.sums import WET_MM
from readings.almanac.sunshine import SUNSHINE_W_M2
from readings.display.values import digits
from stations.models import Field
from stations.units import Unit, displayed

register = template.Library()


@register.simple_tag(takes_context=True)
def limit(context: Context, name: str) -> str:
    """Return a limit of LIMITS_C in the viewer's unit: “25 °C”, “77 °F”."""
    return temperature(context, LIMITS_C[name])


@register.simple_tag(takes_context=True)
def temperature(context: Context, value_c: float) -> str:
    """Return a temperature in the viewer's unit, with a decimal place only if it needs one: “25 °C”, “42.8 °F”."""
    unit = displayed("degC", context.get("units"))
    shown = round(unit.convert(value_c), 1)
    return f"{decimal(shown, 0 if shown.is_integer() else 1)}{NARROW_SPACE}{unit.symbol}"


@register.simple_tag(takes_context=True)
def degree_days(context: Context, value: float, field: Field) -> str:
    """Convert degree days from a field's own degrees to whole degrees of the viewer's unit."""
    return decimal(displayed(field.unit, context.get("units")).convert_difference(value), 0)


@register.simple_tag(takes_context=True)
def wet_from(context: Context) -> str:
    """Return the least rain of a wet day in the viewer's unit: “1 mm”, “0.04 in”."""
    unit = displayed("mm", context.get("units"))
    return f"{decimal(unit.convert(WET_MM), unit.least_decimals)}{NARROW_SPACE}{unit.symbol}"


@register.simple_tag
def sunshine_from() -> str:
    return f"{SUNSHINE_W_M2}{NARROW_SPACE}{displayed('W/m2').symbol}"


# How long an hour at a unit of speed is, and in which unit.
_DISTANCES = {"m/s": (3.6, "km"), "km/h": (1.0, "km"), "mph": (1.0, "mi"), "kn": (1.0, "nmi")}


@register.simple_tag(takes_context=True)
def run_symbol(context: Context, field: Field) -> str:
    return _DISTANCES[displayed(field.unit, context.get("units")).name][1]


@register.simple_tag(takes_context=True)
def level_cells(context: Context, each: LevelAlmanac, summed: Summary) -> SafeString:
    """Return the cells of a month of a level, or of all months: the figures that each of its columns shows."""
    unit, figures = displayed(each.field.unit, context.get("units")), summed.figures
    cells = [digits(value, each.field, unit) for value in (figures.mean, figures.min, figures.max)]
    cells += [_run(summed.hour_sum, unit)] if each.has_run else []
    cells += [decimal(summed.sunshine_h, 1)] if each.has_sunshine else []
    return format_html_join("", "<td>{}</td>", [(cell,) for cell in [*cells, summed.days]])


def _run(hour_sum: float, unit: Unit) -> str:
    """Return a run of wind, from a sum of hourly means in the field's unit: whole km, mi or nmi."""
    return decimal(unit.convert(hour_sum) * _DISTANCES[unit.name][0], 0)


@register.simple_tag(takes_context=True)
def seldom_changed(context: Context, each: Almanac, whole: Summary | None) -> tuple[object, ...]:
    """Return all that the almanac of a level shows, or nothing for another one, whose values are another kind.

    A new reading changes the figures of a month, but seldom their digits: they are those of the last and of all months.
    """
    if not isinstance(each, LevelAlmanac) or whole is None:
        return ()
    *before, (first, month) = each.months
    cells = [level_cells(context, each, summed) if summed else "" for summed in (month, whole)]
    return each.records, tuple(before), first, *cells, tuple(each.counted)
