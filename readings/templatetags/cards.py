"""The parts of a card on the home page.

Each part is one tag: separate tags for its contents were most of the cost of a page of 500 stations.
"""

from __future__ import annotations

from datetime import UTC, datetime

from django import template
from django.template import Context
from django.utils.functional import Promise
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy

from freetemp.ages import ago, silent_for
from readings.charts.sparkline import Bars, Sparkline
from readings.display.field_names import named
from readings.display.values import is_implausible, newest, number, quantity, spread, status_words
from readings.pages.home_page import Card
from stations.models import Field
from stations.models.status import IMPORTED, Status
from stations.quantities import Kind
from stations.units import Units

register = template.Library()

# Each status has its own texts: a language may need different words for its plural.
_COUNTS: dict[str, Promise] = {
    Status.ALIVE: ngettext_lazy("%(count)d alive", "%(count)d alive", "count"),
    Status.LATE: ngettext_lazy("%(count)d late", "%(count)d late", "count"),
    Status.SILENT: ngettext_lazy("%(count)d silent", "%(count)d silent", "count"),
    IMPORTED: ngettext_lazy("%(count)d imported", "%(count)d imported", "count"),
    Status.NEVER: ngettext_lazy("%(count)d never heard from", "%(count)d never heard from", "count"),
}

_FRESH = {Status.ALIVE, Status.LATE}


@register.simple_tag
def count_words(status: str, count: int) -> str:
    """Return the number of stations with a status, in words: “3 alive”."""
    return str(_COUNTS[status] % {"count": count})


@register.simple_tag
def heard(card: Card) -> SafeString:
    """Return a card's status, and the age of its newest value unless the status already says the same."""
    words = silent_for(card.silence) if card.silence and card.status == Status.SILENT else status_words(card.status)
    status = f'<span class="status status-{card.status}">{words}</span>'
    if card.newest_at is None or (card.silence and words == silent_for(card.now - card.newest_at)):
        return SafeString(status)
    age = _age(card.newest_at, card.now)
    if card.status not in _FRESH:  # Beside these words, an age alone would be taken for that of a silence or an import.
        told = _("newest value {}").format(age)
        age = f'<span class="age">{told}</span>'
    return SafeString(f"{status} {age}")


@register.simple_tag(takes_context=True)
def values(context: Context, card: Card) -> SafeString:
    """Return the newest values of a card that has any: the first one large, with its last 24 hours, then the others."""
    first, *others = card.fields
    now = f'<p class="now"><span class="hidden">{escape(named(first))}</span> {_newest(context, card, first)}</p>'
    line, words = _last_day(context, card)
    rows = "".join(f"<p>{escape(named(each))} {_newest(context, card, each)}</p>" for each in others)
    rows = f'<div class="others">{rows}</div>' if rows else ""
    return SafeString(f'<div class="first">{now}{line}</div><p class="range">{escape(words)}</p>{rows}')


def _newest(context: Context, card: Card, field: Field) -> str:
    """Return a field's newest value with its unit, and a note if it is old or not plausible."""
    value, unit = _told(context, card, field)
    shown = f'<b>{value}</b> <span class="unit">{escape(unit)}</span>'
    if is_implausible(field):
        note = _("not plausible")
        shown += f' <span class="note odd">{note}</span>'
    if field.newest_at and card.newest_at and field.lags_behind(card.newest_at, card.station.interval_s):
        shown += f' <span class="note">{_age(field.newest_at, card.now)}</span>'
    return shown


def _told(context: Context, card: Card, field: Field) -> tuple[str, str]:
    """Return a field's newest value and its unit: a sum's is that of today, a direction's a point of the compass."""
    units = context.get("units")
    if field.newest_at is None or field.newest_value is None:
        return number(None, field, units), ""
    value, unit = newest(field, units, card.today(field))
    if field.kind.is_sum:
        unit = _("%(unit)s today") % {"unit": unit} if unit else _("today")
    return value, unit


def _last_day(context: Context, card: Card) -> tuple[str, str]:
    """Return the last 24 hours as a line, and the range of its field's values in words."""
    line, units = card.line, context.get("units")
    field = line.field if line else card.fields[0]
    told = _range(line, units) if line else None
    if line is None or told is None:
        words = _("%(name)s, last 24 hours: no readings") % {"name": named(field)}
        return "", words if field.kind is not Kind.DIRECTION else ""
    drawn = f'<path class="bars" d="{line.path}"/>' if isinstance(line, Bars) else _line(line)
    svg = (
        f'<svg class="spark" viewBox="0 0 {line.width} {line.height}" preserveAspectRatio="none" aria-hidden="true">'
        f"{drawn}</svg>"
    )
    return svg, _("%(name)s, last 24 hours: %(spread)s") % {"name": named(field), "spread": told}


def _line(line: Sparkline) -> str:
    return f'<path d="{line.path}"/><path class="end" d="{line.end}"/>'


def _range(line: Sparkline | Bars, units: Units | None) -> str | None:
    """Return what a field had in 24 hours: its range, its sum, or its highest; None without readings."""
    if isinstance(line, Bars):
        return None if line.total is None else quantity(line.total, line.field, units)
    if line.low is None or line.high is None:
        return None
    if line.field.kind is Kind.MAXIMUM:
        return _("up to %(high)s") % {"high": quantity(line.high, line.field, units)}
    return spread(line.low, line.high, line.field, units)


def _age(at: datetime, now: datetime) -> str:
    """Return a `<time>` like that of weather.py, but without a title: 500 titles take as long as all values."""
    return f'<time datetime="{at.astimezone(UTC).isoformat(timespec="seconds")}" data-age>{ago(now - at)}</time>'
