"""Sentences about a period's readings: trends, comparisons, and missing readings."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from django import template
from django.template import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from freetemp.ages import ago
from freetemp.formatting import decimal
from readings.calendar.navigation import Navigation
from readings.calendar.periods import Period
from readings.coverage_words import covered, gap_words, same_coverage
from readings.display.values import with_unit
from readings.history.coverage import Coverage, Gap
from readings.history.trend import Trend
from readings.templatetags.weather import KEPT_TRUE, time_element
from stations.models import Field
from stations.units import displayed

register = template.Library()
register.filter(same_coverage)

_PACES = {
    "rising": {
        "": gettext_lazy("rising"),
        "slowly": gettext_lazy("rising slowly"),
        "quickly": gettext_lazy("rising quickly"),
        "rapidly": gettext_lazy("rising very rapidly"),
    },
    "falling": {
        "": gettext_lazy("falling"),
        "slowly": gettext_lazy("falling slowly"),
        "quickly": gettext_lazy("falling quickly"),
        "rapidly": gettext_lazy("falling very rapidly"),
    },
}
_LEAST_BESIDE = timedelta(minutes=15)


@register.filter
def direction_words(trend: Trend) -> str:
    """Return “rising slowly”, “falling” or “steady”."""
    return _("steady") if trend.is_steady else str(_PACES[trend.direction][trend.pace])


@register.simple_tag(takes_context=True)
def change(context: Context, trend: Trend, field: Field) -> str:
    """Return the amount and the time of a change: “+0.8 °C in an hour”."""
    difference = _difference(context, trend.difference, field)
    sign = "+" if trend.difference > 0 else ""
    values = {"difference": f"{sign}{difference}", "count": trend.hours}
    return ngettext("%(difference)s in an hour", "%(difference)s in %(count)d hours", trend.hours) % values


@register.simple_tag(takes_context=True)
def covered_words(context: Context, found: Coverage, navigation: Navigation) -> SafeString:
    """Return coverage_words.covered() with its gap as a link, and its beginning as a moment that tells its age."""
    gap = found.gap and format_html(
        '<a href="?{}">{}</a>', _around(found.gap, navigation), gap_words(found.gap, navigation)
    )
    since = found.since.astimezone(navigation.period.zone)
    began = time_element(since, ago(navigation.now - since), KEPT_TRUE)
    return covered(found, navigation.now, gap, began, format_html)


def _around(gap: Gap, navigation: Navigation) -> str:
    """Return the address of a range that shows a gap with its surroundings."""
    beside = max(gap.length / 2, _LEAST_BESIDE)
    start, end = ((moment.replace(second=0, microsecond=0)) for moment in (gap.start - beside, gap.end + beside))
    return replace(navigation, period=Period("range", start, end, navigation.period.zone), compare="").address


def _difference(context: Context, difference: float, field: Field) -> str:
    unit = displayed(field.unit, context.get("units"))
    return with_unit(decimal(unit.convert_difference(difference), unit.decimals(field.decimals)), unit.symbol)
