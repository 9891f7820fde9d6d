"""The cards of the home page as HTML, in UTF-8.

There is no template for them: with one tag for each part, Django took longer for 500 cards than for all else together.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from html import escape

from django.urls import get_script_prefix, reverse

from freetemp.ages import ago, silent_for
from freetemp.translations import active_language
from freetemp.translations import gettext as _
from readings.charts.sparkline import Bars, Sparkline
from readings.display.field_names import named
from readings.display.values import is_implausible, newest, number, quantity, spread, status_words
from readings.pages.home_page import Card
from readings.pages.kept_stations import MOST_KEPT, Shown
from stations.models import Field
from stations.models.status import Status
from stations.quantities import Kind
from stations.units import Units

MINUTE = timedelta(minutes=1)
_FRESH = {Status.ALIVE, Status.LATE}
_escaped = lru_cache(maxsize=MOST_KEPT)(escape)  # for names and units, which many cards have in common


class CardHtml:
    """Writes cards for a viewer, in the language that is active and at one moment, with places if there is a map."""

    def __init__(self, units: Units | None, now: datetime, *, has_map: bool) -> None:
        self.units, self.now, self.has_map = units, now, has_map
        self._prefix = get_script_prefix()
        self._viewer = active_language(), units, self._prefix
        self._words: dict[Hashable, str] = {}

    def items(self, cards: Iterable[Card], found: Collection[Card]) -> bytes:
        """Return cards as items of the list. Those that are not found are hidden: the filter shows them."""
        parts: list[bytes] = []
        for card in cards:
            shown = self._item(card, card in found)
            parts += shown.before, shown.heard, shown.after
        return b"".join(parts)

    def _item(self, card: Card, is_found: bool) -> Shown:
        """Return a card's parts: those that were written last, unless they would be different now.

        They follow from the station's rows, the viewer, and what is compared here. Each length of time is told in whole
        minutes.
        """
        known, at = card.known, card.location if self.has_map else ""
        sums = [card.today(field) for field in known.summed] if known.summed else []
        lags = [(self.now - lagged) // MINUTE for lagged in known.lagging.values()] if known.lagging else []
        by = card.line, is_found, at, card.in_maintenance, sums, lags
        silence, age = card.silence and card.silence // MINUTE, card.newest_at and (self.now - card.newest_at) // MINUTE
        heard_by = card.status, silence, age
        kept = known.shown.get(self._viewer)
        if kept is None or kept.by != by:
            before, after = self._before(card, at, is_found), self._after(card)
            kept = Shown(by, before.encode(), after.encode(), heard_by, self.heard(card).encode())
            known.show(self._viewer, kept)
        elif kept.heard_by != heard_by:
            kept = kept._replace(heard_by=heard_by, heard=self.heard(card).encode())
            known.show(self._viewer, kept)
        return kept

    def _before(self, card: Card, at: str, is_found: bool) -> str:
        station = card.station
        place = f' data-at="{at}"' if at else ""
        return (
            f'<li class="card"{place}{"" if is_found else " hidden"}>\n'
            f'<h2><a href="{_address(station.pk, self._prefix)}">{escape(station.name)}</a></h2>\n'
            f'<div class="facts" id="station-{station.pk}" data-swap>\n'
            f'<p class="place">{escape(station.place)}{self._tags(card)}</p>\n'
            f'<p class="heard">'
        )

    def _after(self, card: Card) -> str:
        waiting = _("Waiting for its first reading.")
        values = self.values(card) if card.newest_at else f'<p class="waiting">{waiting}</p>'
        return f"</p>\n{values}\n</div>\n</li>\n"

    def heard(self, card: Card) -> str:
        """Return a card's status, and the age of its newest value unless the status already says the same."""
        is_silent = card.status == Status.SILENT
        words = self._silent_for(card.silence) if card.silence and is_silent else self._status(card.status)
        status = f'<span class="status status-{card.status}">{words}</span>'
        if card.newest_at is None or (card.silence and words == self._silent_for(self.now - card.newest_at)):
            return status
        age = self._age(card.newest_at)
        if card.status not in _FRESH:
            # Beside these words, an age alone would be taken for that of a silence or an import.
            told = _("newest value {}").format(age)
            age = f'<span class="age">{told}</span>'
        return f"{status} {age}"

    def _tags(self, card: Card) -> str:
        station = card.station
        tags = [
            *([_("Simulated")] if station.simulated else []),
            *([] if station.public else [_("Not public")]),
            *([_("Maintenance")] if card.in_maintenance else []),
        ]
        return "".join(f' <span class="tag">{tag}</span>' for tag in tags)

    def values(self, card: Card) -> str:
        """Return the newest values of a card that has any: the first large, with its last 24 hours, then the others."""
        first, *others = card.fields
        now = f'<p class="now"><span class="hidden">{_escaped(named(first))}</span> {self._newest(card, first)}</p>'
        line, words = self._last_day(card)
        rows = "".join(f"<p>{_escaped(named(each))} {self._newest(card, each)}</p>" for each in others)
        rows = f'<div class="others">{rows}</div>' if rows else ""
        return f'<div class="first">{now}{line}</div><p class="range">{escape(words)}</p>{rows}'

    def _newest(self, card: Card, field: Field) -> str:
        """Return a field's newest value with its unit, and a note if it is old or not plausible."""
        value, unit = self._told(card, field)
        shown = f'<b>{value}</b> <span class="unit">{_escaped(unit)}</span>'
        if is_implausible(field):
            note = _("not plausible")
            shown += f' <span class="note odd">{note}</span>'
        if lagged := card.known.lagging.get(field.number):
            shown += f' <span class="note">{self._age(lagged)}</span>'
        return shown

    def _told(self, card: Card, field: Field) -> tuple[str, str]:
        """Return a field's newest value and its unit: a sum's is of today, a direction's a point of the compass."""
        if field.newest_at is None or field.newest_value is None:
            return number(None, field, self.units), ""
        value, unit = newest(field, self.units, card.today(field))
        if field.kind.is_sum:
            unit = _("%(unit)s today") % {"unit": unit} if unit else _("today")
        return value, unit

    def _last_day(self, card: Card) -> tuple[str, str]:
        """Return the last 24 hours as a line, and the range of its field's values in words."""
        line = card.line
        field = line.field if line else card.fields[0]
        told = self._range(line) if line else None
        if line is None or told is None:
            words = _("%(name)s, last 24 hours: no readings") % {"name": named(field)}
            return "", words if field.kind is not Kind.DIRECTION else ""
        drawn = f'<path class="bars" d="{line.path}"/>' if isinstance(line, Bars) else _line(line)
        svg = (
            f'<svg class="spark" viewBox="0 0 {line.width} {line.height}" preserveAspectRatio="none"'
            f' aria-hidden="true">{drawn}</svg>'
        )
        return svg, _("%(name)s, last 24 hours: %(spread)s") % {"name": named(field), "spread": told}

    def _range(self, line: Sparkline | Bars) -> str | None:
        """Return what a field had in 24 hours: its range, its sum, or its highest; None without readings."""
        if isinstance(line, Bars):
            return None if line.total is None else quantity(line.total, line.field, self.units)
        if line.low is None or line.high is None:
            return None
        if line.field.kind is Kind.MAXIMUM:
            return _("up to %(high)s") % {"high": quantity(line.high, line.field, self.units)}
        return spread(line.low, line.high, line.field, self.units)

    def _age(self, at: datetime) -> str:
        """Return a `<time>` like that of weather.py, but without a title: 500 titles take as long as all values."""
        words = self._in_words(ago, self.now - at)
        return f'<time datetime="{at.astimezone(UTC).isoformat(timespec="seconds")}" data-age>{words}</time>'

    def _status(self, status: str) -> str:
        if status not in self._words:
            self._words[status] = status_words(status)
        return self._words[status]

    def _silent_for(self, silence: timedelta) -> str:
        return self._in_words(silent_for, silence)

    def _in_words(self, words: Callable[[timedelta], str], length: timedelta) -> str:
        """Return a length in words. All that are as many whole minutes long have the same."""
        key = words, length // MINUTE
        if key not in self._words:
            self._words[key] = words(length)
        return self._words[key]


@lru_cache(maxsize=MOST_KEPT)
def _address(station: int, prefix: str) -> str:
    """Return the address of a station's page below the path of the server's address."""
    return reverse("station", args=[station])


def _line(line: Sparkline) -> str:
    return f'<path d="{line.path}"/><path class="end" d="{line.end}"/>'
