"""Sentences about missing readings, for pages and for letters."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from freetemp.formatting import NARROW_SPACE, dated, decimal
from readings.calendar.navigation import Navigation
from readings.history.coverage import Coverage, Gap
from stations.models import Field

# A field whose first reading is not older has no share of expected readings yet.
NEW = timedelta(days=1)
TextT = TypeVar("TextT", bound=str)


def covered(found: Coverage, now: datetime, gap: TextT | None, began: TextT, put: Callable[..., TextT]) -> TextT:
    """Return the sentence on missing readings: “98.7 % of expected readings; longest gap 3 h …”

    On a field's first day it says how long ago its readings began: a share of so few tells nothing. `gap` and `began`
    are texts about the longest gap and the beginning. `put` puts them into a sentence: str.format or format_html.
    """
    if is_first_day(found, now):
        return _begun(found, gap, began, put)
    percent = percentage(found)
    if gap:
        return put(_("{} of expected readings; {}."), percent, gap)
    if found.percent == 100:
        return put("{}", _("All expected readings are there, without a gap."))
    if found.is_certain:
        return put(_("{} of expected readings, without a gap."), percent)
    return put(_("{} of expected readings."), percent)


def _begun(found: Coverage, gap: TextT | None, began: TextT, put: Callable[..., TextT]) -> TextT:
    """Return when a field's first reading was, and what is missing since."""
    if gap:
        return put(_("First reading {}; {}."), began, gap)
    if found.percent == 100:
        return put(_("First reading {}; all expected ones since then are there."), began)
    return put(_("First reading {}."), began)


def percentage(found: Coverage) -> str:
    """Return the share of the expected readings in percent; 0 % means that none is there, and 100 % that all are."""
    if found.received and found.percent < 0.1:
        return f"<{NARROW_SPACE}{decimal(0.1, 1)}{NARROW_SPACE}%"
    return f"{decimal(found.percent, 0 if found.percent in {0, 100} else 1)}{NARROW_SPACE}%"


def is_first_day(found: Coverage, now: datetime) -> bool:
    return found.begins and now - found.since < NEW


def gap_words(gap: Gap, navigation: Navigation) -> str:
    """Return the longest gap of a period in words: “longest gap 3 h 12 min, from 02:10 to 05:22”."""
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
