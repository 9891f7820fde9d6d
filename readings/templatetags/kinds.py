"""What is told of rain, wind and other quantities that are no levels."""

from __future__ import annotations

from collections.abc import Sequence

from django import template
from django.template import Context
from django.utils.translation import gettext as _

from readings.display import values, winds
from readings.display.compass import compass_point
from readings.display.field_names import called
from readings.history.directions import Wind
from readings.history.sums import Rate
from stations.models import Field
from stations.quantities import Kind

register = template.Library()
register.filter(winds.direction)
register.filter(winds.force_words)
register.filter("compass_point", compass_point)
register.filter("steadiness", winds.steadiness)


@register.filter
def wind_words(wind: Wind) -> str:
    """Return a mean direction with its steadiness: “SW (224°), steady 86 %”, or “calm”."""
    return winds.wind_words(*wind)


@register.filter
def degrees(value: float) -> str:
    return winds.whole_degrees(value)


@register.filter
def is_calm(vane: Field, fields: Sequence[Field]) -> bool:
    return winds.is_calm(vane, fields)


@register.simple_tag(takes_context=True)
def rate(context: Context, highest: Rate, field: Field) -> str:
    """Return a highest rate in the viewer's unit an hour: “8.0 mm/h”."""
    return values.rate(highest.an_hour, field, context.get("units"))


@register.filter
def table_words(fields: Sequence[Field]) -> str:
    """Return the sentences above a table that say which figures its cells have."""
    names: dict[Kind, list[str]] = {}
    for field in fields:
        names.setdefault(Kind.AMOUNT if field.kind.is_sum else field.kind, []).append(called(field))
    sentences = []
    if Kind.LEVEL in names:
        sentences.append(_("Mean values, with the lowest and the highest below where they differ."))
    if Kind.AMOUNT in names:
        sentences.append(_("Sums of %(names)s.") % {"names": ", ".join(names[Kind.AMOUNT])})
    if Kind.MAXIMUM in names:
        sentences.append(_("The highest %(names)s.") % {"names": ", ".join(names[Kind.MAXIMUM])})
    if Kind.DIRECTION in names:
        told = _("The mean %(names)s, with how steady it was below.")
        sentences.append(told % {"names": ", ".join(names[Kind.DIRECTION])})
    return " ".join(sentences)
