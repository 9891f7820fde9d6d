"""Sentences that compare a period with another one."""

from __future__ import annotations

from collections.abc import Iterator

from django import template
from django.template import Context
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from freetemp.formatting import dated, decimal
from readings.calendar.periods import Period
from readings.coverage_words import percentage
from readings.display.values import with_unit
from readings.display.winds import wind_words
from readings.history.by_kind import Amount, Row, Told
from readings.history.comparison import Comparison
from readings.history.coverage import Coverage
from readings.history.directions import Wind
from readings.models.summary import Extremes
from stations.models import Field
from stations.quantities import Kind
from stations.units import conversion, displayed

register = template.Library()

# The period for comparison, in the words that follow “warmer than”.
_THAN = {
    "day": gettext_lazy("on %(title)s"),
    "week": gettext_lazy("in the week of %(title)s"),
    "month": gettext_lazy("in %(title)s"),
    "year": gettext_lazy("in the year %(title)s"),
    "range": gettext_lazy("in the time from %(title)s"),
}
# Coverage below this, in percent, is mentioned for a period of comparison.
MOST_MISSING = 90


@register.simple_tag(takes_context=True)
def compared_words(context: Context, told: Told, field: Field, with_what: Comparison) -> str:
    """Compare a field's mean with that of another period, in words: or its sum, its highest value, its direction.

    “2.1 °C warmer on average than in November 2025: 6.3 against 4.2 °C.” The difference is that of the two means as
    they are shown. A further sentence says so if much of the other period is missing.
    """
    than = str(_THAN[with_what.period.kind] % {"title": with_what.navigation.title})
    if with_what.is_cut:
        until = dated(with_what.end.astimezone(with_what.period.zone), _until(with_what.period))
        than = _("%(than)s until %(moment)s") % {"than": than, "moment": until}
    before, found = context["before"].get(field.number), context["covered_before"].get(field.number)
    if before is None:
        return _("No readings %(than)s to compare with.") % {"than": than}
    sentences = [_sentence_of(context, told, before, field, than), *_but(found, with_what)]
    return " ".join(sentences)


def _but(found: Coverage | None, with_what: Comparison) -> Iterator[str]:
    """Yield sentences that weaken a comparison."""
    if found and found.since > with_what.period.start:
        since = dated(found.since.astimezone(with_what.period.zone), "j F Y")
        yield _("Its readings begin on %(day)s.") % {"day": since}
    if found and found.percent < MOST_MISSING:
        yield _("Only %(percent)s of the readings expected then are there.") % {"percent": percentage(found)}


def _sentence_of(context: Context, told: Told, before: Row, field: Field, than: str) -> str:
    if isinstance(before, Wind):
        other = wind_words(*before)
        return _("%(other)s %(than)s.") % {"other": other[:1].upper() + other[1:], "than": than}
    if isinstance(told, Amount):
        return _difference_of(context, (told.sum, before.sum), field, than)
    if isinstance(told, Extremes) and field.kind is Kind.MAXIMUM:
        return _difference_of(context, (told.summary.max, before.max), field, than)
    return _difference_of(context, (told.summary.mean, before.mean), field, than) if isinstance(told, Extremes) else ""


def _difference_of(context: Context, both: tuple[float, float], field: Field, than: str) -> str:
    unit = displayed(field.unit, context.get("units"))
    decimals = unit.decimals(field.decimals)
    this, other = (round(unit.convert(each), decimals) for each in both)
    words = {
        "difference": with_unit(decimal(abs(this - other), decimals), unit.symbol),
        "than": than,
        "this": decimal(this, decimals),
        "other": with_unit(decimal(other, decimals), unit.symbol),
    }
    return _sentence(field, this - other) % words


def _sentence(field: Field, difference: float) -> str:
    if field.kind.is_sum:
        return _sentence_on_sums(difference)
    if field.kind is Kind.MAXIMUM:
        return _sentence_on_highest(difference)
    is_temperature = conversion(field.unit, "degC") is not None
    if difference == 0:
        return _("The same on average as %(than)s: %(other)s.")
    if is_temperature and difference > 0:
        return _("%(difference)s warmer on average than %(than)s: %(this)s against %(other)s.")
    if is_temperature:
        return _("%(difference)s colder on average than %(than)s: %(this)s against %(other)s.")
    if difference > 0:
        return _("%(difference)s higher on average than %(than)s: %(this)s against %(other)s.")
    return _("%(difference)s lower on average than %(than)s: %(this)s against %(other)s.")


def _sentence_on_sums(difference: float) -> str:
    if difference == 0:
        return _("As much as %(than)s: %(other)s.")
    if difference > 0:
        return _("%(difference)s more than %(than)s: %(this)s against %(other)s.")
    return _("%(difference)s less than %(than)s: %(this)s against %(other)s.")


def _sentence_on_highest(difference: float) -> str:
    if difference == 0:
        return _("The highest is the same as %(than)s: %(other)s.")
    if difference > 0:
        return _("The highest is %(difference)s above that %(than)s: %(this)s against %(other)s.")
    return _("The highest is %(difference)s below that %(than)s: %(this)s against %(other)s.")


def _until(period: Period) -> str:
    return "H:i" if period.kind == "day" else "j M, H:i"
