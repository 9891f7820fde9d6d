"""Derived figures as text, in the viewer's units and language."""

from __future__ import annotations

from collections.abc import Iterator

from django import template
from django.template import Context
from django.utils.functional import Promise
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from freetemp.formatting import NARROW_SPACE, decimal
from readings.derived.figures import Derived
from readings.derived.tendency import Characteristic
from readings.display.field_names import called
from stations.units import Units, displayed

register = template.Library()

_LABELS: dict[str, Promise] = {
    "dew_point_c": gettext_lazy("Dew point"),
    "heat_index_c": gettext_lazy("Heat index"),
    "humidex": gettext_lazy("Humidex"),
    "wind_chill_c": gettext_lazy("Wind chill"),
    "apparent_temperature_c": gettext_lazy("Apparent temperature"),
    "absolute_humidity_g_m3": gettext_lazy("Absolute humidity"),
    "vapour_pressure_deficit_kpa": gettext_lazy("Vapour pressure deficit"),
    "sea_level_pressure_hpa": gettext_lazy("Sea-level pressure"),
}
# The unit in which a figure is stored, and its decimals.
_UNITS = {
    **dict.fromkeys(("dew_point_c", "heat_index_c", "wind_chill_c", "apparent_temperature_c"), ("degC", 1)),
    "humidex": ("", 0),
    "absolute_humidity_g_m3": ("g/m³", 1),
    "vapour_pressure_deficit_kpa": ("kPa", 2),
    "sea_level_pressure_hpa": ("hPa", 1),
}
# The words of WMO's code table 0200, for what was first and what followed.
_WAYS: dict[tuple[str, str], Promise] = {
    ("increasing", ""): pgettext_lazy("pressure", "increasing"),
    ("increasing", "decreasing"): pgettext_lazy("pressure", "increasing, then decreasing"),
    ("increasing", "steady"): pgettext_lazy("pressure", "increasing, then steady"),
    ("increasing", "slower"): pgettext_lazy("pressure", "increasing, then increasing more slowly"),
    ("increasing", "faster"): pgettext_lazy("pressure", "increasing, then increasing more rapidly"),
    ("steady", ""): pgettext_lazy("pressure", "steady"),
    ("steady", "increasing"): pgettext_lazy("pressure", "steady, then increasing"),
    ("steady", "decreasing"): pgettext_lazy("pressure", "steady, then decreasing"),
    ("decreasing", ""): pgettext_lazy("pressure", "decreasing"),
    ("decreasing", "increasing"): pgettext_lazy("pressure", "decreasing, then increasing"),
    ("decreasing", "steady"): pgettext_lazy("pressure", "decreasing, then steady"),
    ("decreasing", "slower"): pgettext_lazy("pressure", "decreasing, then decreasing more slowly"),
    ("decreasing", "faster"): pgettext_lazy("pressure", "decreasing, then decreasing more rapidly"),
}


@register.simple_tag(takes_context=True)
def derived_rows(context: Context, found: Derived) -> list[tuple[str, str, bool]]:
    """Return each derived figure's label, its text, and whether that is in words: “Dew point” and “12.3 °C”."""
    return list(_rows(found, context.get("units")))


def _rows(found: Derived, units: Units | None) -> Iterator[tuple[str, str, bool]]:
    for name, label in _LABELS.items():
        value: float | None = getattr(found, name)
        if value is not None:
            stored, decimals = _UNITS[name]
            unit = displayed(stored, units)
            symbol = f"{NARROW_SPACE}{unit.symbol}" if unit.symbol else ""
            yield str(label), f"{decimal(unit.convert(value), unit.decimals(decimals))}{symbol}", False
    if found.pressure_tendency:
        yield _("Pressure tendency"), way(found.pressure_tendency.characteristic), True


def way(found: Characteristic) -> str:
    """Return how pressure went, in words: “increasing, then steady”."""
    return str(_WAYS[found.first, found.then])


@register.simple_tag
def sources(found: Derived) -> str:
    """Return the names of the fields that figures were derived from: “temperature, humidity and wind speed”."""
    return get_text_list([called(field) for field in found.fields], _("and"))
