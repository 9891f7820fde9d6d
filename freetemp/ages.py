"""Ages in words: for viewers in their language, and for staff in English."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy

# Units in seconds. static/js/lib/times.js has the same units for the browser.
_YEAR_S, _MONTH_S, _DAY_S, _HOUR_S, _MINUTE_S = 31_557_600, 2_629_800, 86_400, 3600, 60

_AGES = (
    (_YEAR_S, ngettext_lazy("%(count)d year ago", "%(count)d years ago", "count")),
    (_MONTH_S, ngettext_lazy("%(count)d month ago", "%(count)d months ago", "count")),
    (_DAY_S, ngettext_lazy("%(count)d day ago", "%(count)d days ago", "count")),
    (_HOUR_S, ngettext_lazy("%(count)d hour ago", "%(count)d hours ago", "count")),
    (_MINUTE_S, ngettext_lazy("%(count)d minute ago", "%(count)d minutes ago", "count")),
)
_SILENCES = (
    (_YEAR_S, ngettext_lazy("Silent for %(count)d year", "Silent for %(count)d years", "count")),
    (_MONTH_S, ngettext_lazy("Silent for %(count)d month", "Silent for %(count)d months", "count")),
    (_DAY_S, ngettext_lazy("Silent for %(count)d day", "Silent for %(count)d days", "count")),
    (_HOUR_S, ngettext_lazy("Silent for %(count)d hour", "Silent for %(count)d hours", "count")),
    (_MINUTE_S, ngettext_lazy("Silent for %(count)d minute", "Silent for %(count)d minutes", "count")),
)


def ago(length: timedelta) -> str:
    """Return the age of something in its largest unit, for viewers: “just now”, “3 minutes ago”."""
    return _in_words(length, _AGES) if length.total_seconds() >= _MINUTE_S else _("just now")


def silent_for(silence: timedelta) -> str:
    """Return how long a station has been silent, for viewers: “Silent for 9 hours”."""
    return _in_words(silence, _SILENCES)


def length(duration: timedelta) -> str:
    """Return a length of time in its largest unit, for staff, or in seconds if it is short: “40 s”, “3 hours”."""
    seconds = max(0, int(duration.total_seconds()))
    if seconds < _MINUTE_S:
        return f"{seconds} s"
    now = timezone.now()
    return timesince(now - duration, now, depth=1)


def _in_words(length: timedelta, sentences: tuple[tuple[int, Promise], ...]) -> str:
    """Return the sentence for the largest unit that fits, or for the smallest unit if none does."""
    seconds = length.total_seconds()
    unit_s, words = next((each for each in sentences if seconds >= each[0]), sentences[-1])
    return str(words % {"count": int(seconds // unit_s)})
