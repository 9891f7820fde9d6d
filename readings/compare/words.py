"""What two sensors beside each other say of each other, in words and in the viewer's units."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from freetemp.formatting import MINUS, decimal
from readings.calendar.periods import Period
from readings.compare.chosen import Pair
from readings.display.values import MISSING, with_unit
from readings.history.fit import LONGEST, Fit
from readings.models.summary import Figures

_NO_FACTOR = {
    "few": gettext_lazy("A factor needs readings of both for a day, better for a week, so this is only the offset."),
    "narrow": gettext_lazy("A factor needs values that are farther apart, so this is only the offset."),
}


def fit_sentences(pair: Pair, fit: Fit | None, period: Period) -> list[str]:
    """Return the offset, the factor and the scatter of the first one of a pair against the other."""
    if period.end - period.start > LONGEST:
        return [_("Choose at most three months to see offset, factor and scatter.")]
    if fit is None:
        return [_("Readings of both within one hour are too few for an offset.")]
    return list(_sentences(pair, fit))


def _sentences(pair: Pair, fit: Fit) -> Iterator[str]:
    words = {"one": pair.line.label, "other": pair.less.label, "quarters": _quarters(fit.quarters)}
    words |= {"difference": _quantity(pair, abs(fit.difference)), "error": _quantity(pair, fit.difference_error)}
    if fit.difference > 0:
        more = _("%(one)s is %(difference)s higher on average than %(other)s, with a standard error of %(error)s.")
    else:
        more = _("%(one)s is %(difference)s lower on average than %(other)s, with a standard error of %(error)s.")
    yield more % words
    yield (_formula(pair, fit, words) if not fit.missing else str(_NO_FACTOR[fit.missing]))
    words |= {"scatter": _quantity(pair, fit.scatter), "correlation": decimal(fit.correlation or 0.0, 3)}
    yield _scatter(fit) % words


def _formula(pair: Pair, fit: Fit, words: dict[str, str]) -> str:
    shown = fit.offset * pair.line.unit.scale + pair.line.unit.offset * (1 - fit.factor)
    words |= {
        "factor": decimal(fit.factor, 4),
        "sign": "+" if shown >= 0 else MINUS,
        "offset": _quantity(pair, abs(shown)),
        "factor_error": decimal(fit.factor_error, 4),
    }
    met = _("%(other)s is best met by %(one)s × %(factor)s %(sign)s %(offset)s.") % words  # noqa: RUF001 - times
    error = _("The standard error of the factor is %(factor_error)s.") % words
    return f"{met} {error}"


def _scatter(fit: Fit) -> str:
    if fit.correlation is None:
        return _("Around it they scatter by %(scatter)s, over %(quarters)s with readings of both.")
    return _(
        "Around it they scatter by %(scatter)s, over %(quarters)s with readings of both; correlation %(correlation)s."
    )


def _quarters(count: int) -> str:
    return ngettext("%(count)d quarter of an hour", "%(count)d quarters of an hour", count) % {"count": count}


def _quantity(pair: Pair, stored: float) -> str:
    """Return a difference with its unit, and one decimal more than a value: it is a mean of many."""
    text = decimal(pair.unit.convert(stored), pair.unit.decimals(pair.line.field.decimals) + 1)
    return with_unit(text, pair.unit.symbol)


def difference_of(pair: Pair, own: Figures | None, other: Figures | None) -> str:
    """Return the difference of two means as they are shown in a table, with its sign: “+0.4”."""
    if own is None or other is None:
        return MISSING
    decimals = max(line.unit.decimals(line.field.decimals) for line in pair)
    shown = [
        round(line.unit.convert(each.mean), line.unit.decimals(line.field.decimals))
        for line, each in zip(pair, (own, other), strict=True)
    ]
    text = decimal(shown[0] - shown[1], decimals)
    return text if text.startswith(MINUS) or shown[0] == shown[1] else f"+{text}"
