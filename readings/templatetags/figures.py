"""Sentences about a period's readings: trends, comparisons, and missing readings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django import template
from django.template import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from freetemp.ages import ago
from freetemp.formatting import NARROW_SPACE, dated, decimal
from readings.calendar.navigation import Navigation
from readings.calendar.periods import Period
from readings.display.values import with_unit
from readings.history.coverage import Coverage, Gap
from readings.history.trend import Trend
from readings.templatetags.weather import KEPT_TRUE, time_element
from stations.models import Field
from stations.units import displayed

register = template.Library()

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
# A field whose first reading is not older has no share of expected readings yet.
NEW = timedelta(days=1)
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
    """Return the sentence on missing readings, its gap a link: “98.7 % of expected readings; longest gap 3 h …”

    On a field's first day it says how long ago its readings began: a share of so few tells nothing.
    """
    percent = percentage(found)
    gap = found.gap and format_html(
        '<a href="?{}">{}</a>', _around(found.gap, navigation), _gap_words(found.gap, navigation)
    )
    if is_first_day(found, navigation.now):
        return _begun(found, gap, navigation)
    if gap:
        return format_html(_("{} of expected readings; {}."), percent, gap)
    if found.percent == 100:
        return format_html("{}", _("All expected readings are there, without a gap."))
    if found.is_certain:
        return format_html(_("{} of expected readings, without a gap."), percent)
    return format_html(_("{} of expected readings."), percent)


def percentage(found: Coverage) -> str:
    """Return the share of the expected readings in percent; 0 % means that none is there, and 100 % that all are."""
    if found.received and found.percent < 0.1:
        return f"<{NARROW_SPACE}{decimal(0.1, 1)}{NARROW_SPACE}%"
    return f"{decimal(found.percent, 0 if found.percent in {0, 100} else 1)}{NARROW_SPACE}%"


def is_first_day(found: Coverage, now: datetime) -> bool:
    return found.begins and now - found.since < NEW


def _begun(found: Coverage, gap: SafeString | None, navigation: Navigation) -> SafeString:
    """Return how long ago a field's first reading was, and what is missing since."""
    since = found.since.astimezone(navigation.period.zone)
    began = time_element(since, ago(navigation.now - since), KEPT_TRUE)
    if gap:
        return format_html(_("First reading {}; {}."), began, gap)
    if found.percent == 100:
        return format_html(_("First reading {}; all expected ones since then are there."), began)
    return format_html(_("First reading {}."), began)


def _around(gap: Gap, navigation: Navigation) -> str:
    """Return the address of a range that shows a gap with its surroundings."""
    beside = max(gap.length / 2, _LEAST_BESIDE)
    start, end = ((moment.replace(second=0, microsecond=0)) for moment in (gap.start - beside, gap.end + beside))
    return replace(navigation, period=Period("range", start, end, navigation.period.zone), compare="").address


def _gap_words(gap: Gap, navigation: Navigation) -> str:
    zone = navigation.period.zone
    start, end = gap.start.astimezone(zone), gap.end.astimezone(zone)
    is_long = navigation.period.end - navigation.period.start > timedelta(days=366)
    style = "j M Y" if is_long else "j M"
    words = {"length": duration(gap.length)}
    if gap.end >= navigation.now:
        return _("longest gap %(length)s, since %(moment)s") % (words | {"moment": dated(start, "j M, H:i")})
    if navigation.moments == "H:i":
        between = {"start": dated(start, "H:i"), "end": dated(end, "H:i")}
        return _("longest gap %(length)s, from %(start)s to %(end)s") % (words | between)
    if start.date() == end.date():
        return _("longest gap %(length)s on %(day)s") % (words | {"day": dated(start, style)})
    between = {"start": dated(start, style), "end": dated(end, style)}
    return _("longest gap %(length)s, from %(start)s to %(end)s") % (words | between)


def duration(length: timedelta) -> str:
    """Return a length of time in words: “2 days 4 h”, “3 h 12 min”, “12 min”, “2 min 30 s”."""
    minutes, seconds = divmod(round(length.total_seconds()), 60)
    if minutes >= 10 and seconds >= 30:
        minutes += 1
    hours, minutes_left = divmod(minutes, 60)
    days, hours_left = divmod(hours, 24)
    if days:
        text = ngettext("%(days)d day %(hours)d h", "%(days)d days %(hours)d h", days)
        return text % {"days": days, "hours": hours_left}
    if hours:
        return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes_left}
    if minutes >= 10 or not seconds:
        return _("%(minutes)d min") % {"minutes": minutes}
    return _("%(minutes)d min %(seconds)d s") % {"minutes": minutes, "seconds": seconds}


def _difference(context: Context, difference: float, field: Field) -> str:
    unit = displayed(field.unit, context.get("units"))
    return with_unit(decimal(unit.convert_difference(difference), unit.decimals(field.decimals)), unit.symbol)


@register.filter
def same_coverage(rows: Iterable[tuple[Field, Coverage | None]]) -> list[tuple[list[Field], Coverage]]:
    """Group fields by their coverage: fields that agree to a tenth of a percent and a minute are together."""
    groups: dict[Any, tuple[list[Field], Coverage]] = {}
    for field, found in rows:
        if found:
            key = (
                percentage(found),
                found.is_certain,
                found.gap and (_minute(found.gap.start), _minute(found.gap.end)),
                found.begins and _minute(found.since),
            )
            groups.setdefault(key, ([], found))[0].append(field)
    return list(groups.values())


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)
