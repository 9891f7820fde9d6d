"""Degrees of an almanac in the viewer's units."""

from __future__ import annotations

from django import template
from django.template import Context

from freetemp.formatting import NARROW_SPACE, decimal
from readings.history.almanac import LIMITS_C
from stations.models import Field
from stations.units import displayed

register = template.Library()


@register.simple_tag(takes_context=True)
def limit(context: Context, name: str) -> str:
    """Return a limit of almanac.LIMITS_C in the viewer's unit: “25 °C”, “77 °F”."""
    unit = displayed("degC", context.get("units"))
    shown = round(unit.convert(LIMITS_C[name]), 1)
    return f"{decimal(shown, 0 if shown.is_integer() else 1)}{NARROW_SPACE}{unit.symbol}"


@register.simple_tag(takes_context=True)
def degree_days(context: Context, value: float, field: Field) -> str:
    """Convert degree days from a field's own degrees to whole degrees of the viewer's unit."""
    return decimal(displayed(field.unit, context.get("units")).convert_difference(value), 0)
