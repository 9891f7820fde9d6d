"""The name of a period on its page, and the targets of its links."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from urllib.parse import parse_qsl, urlencode

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from freetemp.fields import EPOCH
from freetemp.formatting import dated
from readings.calendar.local_time import LATEST
from readings.calendar.periods import KINDS, Part, Period

_TITLES = {"day": "l j F Y", "month": "F Y", "year": "Y"}
_NOTHING = {
    "day": gettext_lazy("No readings on %(title)s."),
    "week": gettext_lazy("No readings from %(title)s."),
    "month": gettext_lazy("No readings in %(title)s."),
    "year": gettext_lazy("No readings in the year %(title)s."),
    "range": gettext_lazy("No readings from %(title)s."),
    "all": gettext_lazy("No readings yet."),
}
_BACK = {
    "day": gettext_lazy("Back to the whole day"),
    "week": gettext_lazy("Back to the whole week"),
    "month": gettext_lazy("Back to the whole month"),
    "year": gettext_lazy("Back to the whole year"),
    "range": gettext_lazy("Back to the whole range"),
    "all": gettext_lazy("Back to all readings"),
}
_LENGTHS = {
    "day": gettext_lazy("Day"),
    "week": gettext_lazy("Week"),
    "month": gettext_lazy("Month"),
    "year": gettext_lazy("Year"),
    "all": gettext_lazy("All"),
}
_DATE_LABELS = {
    "week": gettext_lazy("The week of"),
    "month": gettext_lazy("The month of"),
    "year": gettext_lazy("The year of"),
}
_MOMENTS = {"day": "H:i", "week": "D j M, H:i", "month": "j M, H:i", "year": "j M, H:i", "all": "j M Y"}

_ROWS = {"hour": timedelta(hours=1), "day": timedelta(hours=25), "month": timedelta(days=32)}
_ROW_TITLES = {
    "hour": gettext_lazy("Hourly values"),
    "day": gettext_lazy("Daily values"),
    "month": gettext_lazy("Monthly values"),
    "year": gettext_lazy("Yearly values"),
}
_ROW_NAMES = {"hour": gettext_lazy("Hour"), **_LENGTHS}


DEFAULT_BASE_C = 10.0  # Growing degree days: the usual base for maize.


@dataclass(frozen=True)
class Navigation:
    """A period with its name and its neighbours. Every address is a query without its question mark."""

    period: Period
    now: datetime
    compare: str = ""  # "before", "year" or seconds: kept in every address except that of all readings.
    fields: str = ""  # "&field=1.1&field=2.1": the compared fields, kept in every address.
    base_c: float = DEFAULT_BASE_C  # of growing degree days, kept in every address

    @property
    def shown_by(self) -> tuple[Hashable, ...]:
        """Return what all its words and addresses follow from, those of its neighbours included.

        Of the present, that is whether it is before, within or after the period.
        """
        period, present = self.period, (self.now < self.period.start, self.now < self.period.end)
        own = period.kind, period.start.astimezone(UTC), period.end.astimezone(UTC), period.zone, period.first_day
        return *own, *present, self.compare, self.fields, self.base_c

    @cached_property
    def title(self) -> str:
        """Return its name, like “Sunday 22 November 2026” or “16 to 22 November 2026”."""
        first, last = self._local(self.period.start), self._last_local
        if self.period.kind == "all":
            return _("All readings")
        if self.period.kind == "week":
            return _days(first, last)
        if self.period.kind == "range":
            return _between(first, self._local(self.period.end))
        return dated(first, _TITLES[self.period.kind])

    @property
    def dates(self) -> str:
        """Return the first and the last day of all readings, whose title names none."""
        return _days(self._local(self.period.start), self._last_local) if self.period.kind == "all" else ""

    @property
    def nothing(self) -> str:
        """Return the sentence that says that this period has no readings."""
        return str(_NOTHING[self.period.kind] % {"title": self.title})

    @property
    def is_to_come(self) -> bool:
        return self.period.start > self.now

    @property
    def to_come(self) -> str:
        """Return the sentence that says that this period lies in the future."""
        return _("%(title)s is still to come.") % {"title": self.title}

    @property
    def back(self) -> str:
        return str(_BACK[self.period.kind])

    @property
    def date_label(self) -> str:
        """Return the label of the input for a date, which shows a period of the present kind."""
        return str(_DATE_LABELS.get(self.period.kind if self.period.first_day else "", _("The day")))

    @property
    def address(self) -> str:
        """Return the query that names this period, whenever it is opened, and the period that it is compared with."""
        return self.period_address + self._kept

    @property
    def own_address(self) -> str:
        """Return the query that names only this period, for the address of a file."""
        return self.period_address + self.fields

    @property
    def period_address(self) -> str:
        """Return the query that names this period and nothing else, for the page of a station."""
        period = self.period
        if period.kind == "all":
            return "period=all"
        if period.first_day is None:
            return urlencode({"start": _utc(period.start), "end": _utc(period.end)}, safe=":")
        return urlencode({"period": period.kind, "date": period.first_day.isoformat()})

    @property
    def kinds(self) -> list[tuple[str, str, str]]:
        """Return each kind of period with its name and its address: it holds this period's first day, or today."""
        present = self.has_now or self.period.kind == "all"
        day = {} if present else {"date": self.inputs["date"]}
        addresses = {kind: urlencode({"period": kind} | day) + self._kept for kind in KINDS}
        addresses["all"] = f"period=all{self.fields}{self.kept_base}"
        return [(kind, str(_LENGTHS[kind]), address) for kind, address in addresses.items()]

    @property
    def previous(self) -> Navigation | None:
        """Return the period before: the calendar's, or a range as long as this one."""
        return self._beside(self.period.previous_day, self.period.start - self.period.end)

    @property
    def next(self) -> Navigation | None:
        """Return the period after, unless it has not begun."""
        beside = self._beside(self.period.next_day, self.period.end - self.period.start)
        return beside if beside and beside.period.start <= self.now else None

    @property
    def has_now(self) -> bool:
        return self.period.start <= self.now < self.period.end

    @property
    def asked(self) -> list[tuple[str, str]]:
        """Return the parameters that name this period, for a form that keeps it."""
        return parse_qsl(self.period_address)

    @property
    def is_today(self) -> bool:
        return self.period.kind == "day" and self.has_now

    @property
    def inputs(self) -> dict[str, str]:
        """Return the inputs' values for a date and for a range, as text: a template would move a datetime to UTC."""
        start, end = self._local(self.period.start), self._local(self.period.end)
        return {"date": f"{start:%Y-%m-%d}", "start": f"{start:%Y-%m-%dT%H:%M}", "end": f"{end:%Y-%m-%dT%H:%M}"}

    @property
    def moments(self) -> str:
        """Return the shortest format that identifies a moment inside the period."""
        one_day = self._local(self.period.start).date() == self._last_local.date()
        return "H:i" if one_day else _MOMENTS.get(self.period.kind, "j M, H:i")

    def around(self, moment: datetime) -> Navigation:
        """Return the period of this kind that holds a moment, or the day if this kind is not one of the calendar's."""
        kind = self.period.kind if self.period.kind in KINDS else "day"
        return replace(self, period=Period.containing(self._local(moment).date(), kind, self.period.zone))

    @cached_property
    def row_kind(self) -> str:
        """Return the kind of a row in the period's table: an hour, a day, a month or a year."""
        longest = max(part.end - part.start for part in self.period.parts)
        return next((kind for kind, length in _ROWS.items() if longest <= length), "year")

    @property
    def row_title(self) -> str:
        return str(_ROW_TITLES[self.row_kind])

    @property
    def row_name(self) -> str:
        return str(_ROW_NAMES[self.row_kind])

    def of_part(self, part: Part) -> str:
        """Return the address of a table's row, or an empty text if it is an hour."""
        if self.row_kind == "hour":
            return ""
        # urlencode() would take 5 µs a row.
        return f"period={self.row_kind}&date={self._local(part.start).date()}{self._kept}"

    @property
    def today(self) -> str:
        """Return the address of today."""
        return f"period=day{self._kept}"

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """Return the names and values of this period's address without the base of growing degree days, for a form."""
        own = [("period", self.period.kind)] if self.has_now and self.period.first_day else parse_qsl(self.own_address)
        return [*own, *([("compare", self.compare)] if self.compare else [])]

    @property
    def base_text(self) -> str:
        """Return the base of growing degree days in degC, for an address or an input: “10”, “4.5”."""
        return f"{self.base_c:g}"

    @cached_property
    def kept_base(self) -> str:
        """Return the end of every address if a viewer has chosen a base of growing degree days."""
        return f"&gdd={self.base_text}" if self.base_c != DEFAULT_BASE_C else ""

    @cached_property
    def _kept(self) -> str:
        compare = f"&compare={self.compare}" if self.compare and self.period.kind != "all" else ""
        return compare + self.fields + self.kept_base

    @property
    def _last_local(self) -> datetime:
        return self._local(self.period.end - timedelta(milliseconds=1))

    def _local(self, moment: datetime) -> datetime:
        return moment.astimezone(self.period.zone)

    def _beside(self, day: date | None, shift: timedelta) -> Navigation | None:
        period = self.period
        if period.first_day is not None:
            return replace(self, period=Period.containing(day, period.kind, period.zone)) if day else None
        if period.kind == "all" or period.start + shift < EPOCH or period.end + shift >= LATEST:
            return None
        return replace(self, period=Period("range", period.start + shift, period.end + shift, period.zone))


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _days(first: datetime, last: datetime) -> str:
    opening = "j" if first.month == last.month else "j F" if first.year == last.year else "j F Y"
    return _("%(first)s to %(last)s") % {"first": dated(first, opening), "last": dated(last, "j F Y")}


def _between(start: datetime, end: datetime) -> str:
    closing = "H:i" if start.date() == end.date() else "j F Y, H:i"
    return _("%(first)s to %(last)s") % {"first": dated(start, "j F Y, H:i"), "last": dated(end, closing)}
