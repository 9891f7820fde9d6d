"""Numbers and moments in the form that people write, in the language of the page."""

from __future__ import annotations

from datetime import date, datetime, tzinfo
from functools import lru_cache

from django.utils.dateformat import format as formatted
from django.utils.formats import get_format
from django.utils.translation import pgettext, pgettext_lazy

from freetemp.translations import active_language

MINUS = "\N{MINUS SIGN}"
NARROW_SPACE = "\N{NARROW NO-BREAK SPACE}"

# Every date format of the pages, for translators: https://docs.djangoproject.com/en/stable/ref/templates/builtins/#date
FORMATS = [
    pgettext_lazy("date format", "H:i"),
    pgettext_lazy("date format", "H:i:s"),
    pgettext_lazy("date format", "D"),
    pgettext_lazy("date format", "M"),
    pgettext_lazy("date format", "Y"),
    pgettext_lazy("date format", "F Y"),
    pgettext_lazy("date format", "M Y"),
    pgettext_lazy("date format", "j"),
    pgettext_lazy("date format", "j F"),
    pgettext_lazy("date format", "j M"),
    pgettext_lazy("date format", "j F Y"),
    pgettext_lazy("date format", "j M"),
    pgettext_lazy("date format", "j M Y"),
    pgettext_lazy("date format", "l j F Y"),
    pgettext_lazy("date format", "D H:i"),
    pgettext_lazy("date format", "D j M"),
    pgettext_lazy("date format", "j M, H:i"),
    pgettext_lazy("date format", "D j M, H:i"),
    pgettext_lazy("date format", "j M Y, H:i"),
    pgettext_lazy("date format", "j F Y, H:i"),
    pgettext_lazy("date format", "l j F Y, H:i:s T"),
]


def dated(moment: date, style: str) -> str:
    """Return a day, or a moment in its own zone, in one of FORMATS: “22 November 2026”."""
    if not isinstance(moment, datetime):
        return _dated(moment, None, style, active_language())
    # Moments are equal in any zone, and in both of an hour that clocks repeat, where they are written differently.
    return _dated(moment.replace(tzinfo=None), (moment.tzinfo, moment.fold), style, active_language())


@lru_cache(maxsize=2_048)
def _dated(shown: date, zone: tuple[tzinfo | None, int] | None, style: str, language: str | None) -> str:
    """Most moments of a page are those that it had a minute ago, and Django takes 30 µs for a long one."""
    if isinstance(shown, datetime) and zone:
        shown = shown.replace(tzinfo=zone[0], fold=zone[1])
    return formatted(shown, pgettext("date format", style))


def decimal(value: float, decimals: int) -> str:
    """Return a number with so many decimals: “21.4”, in German “21,4”. It has a true minus sign; zero never has one."""
    return f"{value:z.{decimals}f}".replace("-", MINUS).replace(".", _separator(active_language()))


@lru_cache(maxsize=16)
def _separator(language: str | None) -> str:
    return str(get_format("DECIMAL_SEPARATOR", language))
