"""Low batteries and weak signals, by the fields that are about them, and by what boards say of themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from django.db.models import Q

from alerts.models import Rule
from alerts.rules.minded import Minded
from alerts.rules.state import State
from freetemp.fields import to_millis
from readings.admin.board_health import WEAK_DBM
from readings.calendar.span import DAY_MS, HOUR_MS, QUARTER_MS, Span, quarter_start_ms
from readings.models import BoardState, Day, DeviceState, Quarter
from readings.models.summary import Total
from stations.models import Field, Station

BATTERY, SIGNAL = "battery_voltage", "signal_strength"
ABOUT_BATTERIES = Q(quantity=BATTERY) | Q(unit="%") & (Q(name__icontains="batter") | Q(name__icontains="akku"))
LOW_PERCENT = 15.0
SIGNAL_BACK_DB = 4.0
LOW_BOARD_V = 2.9  # What feeds an ESP8266 is regulated to 3.3 V, as long as the battery has more.
BATTERY_BACK = 0.03  # of the limit
FRESH = timedelta(hours=1)
A_DAY = timedelta(days=1)
A_YEAR_MS = 365 * DAY_MS
# The highest voltage of a year tells the kind of battery, and that tells when it is low: up to V, low below V.
# Alkaline and NiMH cells are empty at 1.1 V, lithium ion cells have a tenth left at 3.4 V, lead has a fifth at 11.8 V.
LOW_VOLTAGES = (
    (1.75, 1.1),  # one cell
    (3.45, 2.3),  # two cells, or one of lithium
    (4.35, 3.4),  # one of lithium ion
    (5.6, 3.5),  # three cells
    (7.4, 4.6),  # four cells
    (8.6, 6.8),  # two of lithium ion
    (13.0, 10.2),  # three of lithium ion
    (16.0, 11.8),  # lead, 12 V
    (31.0, 23.6),  # lead, 24 V
)


def usual_low(highest: float) -> float | None:
    """Return the voltage below which a battery is low, by the highest that it ever had, or None if that is odd."""
    return next((low for most, low in LOW_VOLTAGES if highest <= most), None) if highest > 0 else None


class Power:
    """Finds them, and keeps for a day what each battery's highest voltage was."""

    def __init__(self) -> None:
        self._highest: dict[int, float] = {}
        self._day = 0

    def batteries(self, minded: Minded, at: datetime) -> Iterator[State]:
        """Yield whether each battery is low: in the whole last hour; and it is not any more after a day without."""
        fields = _fields(minded, ABOUT_BATTERIES, at)
        self._learn([field for field, *_ in fields if field.unit != "%"], at)
        of_hour, of_day = _totals(fields, HOUR_MS, at), _totals(fields, DAY_MS, at)
        for field, station, rule in fields:
            judged = judging_battery(rule, field, self._highest.get(field.pk, 0.0))
            if judged is None or field.pk not in of_hour:
                continue
            highest, lowest = of_hour[field.pk].max, of_day[field.pk].min
            yield State(rule, station, judged.is_beyond(highest), judged.is_back(lowest), field, highest)
        voltages = BoardState.objects.voltages_since(at - FRESH)
        yield from _of_boards(minded, fields, voltages, LOW_BOARD_V, LOW_BOARD_V * BATTERY_BACK)
        yield from _called_low(minded, at)

    def signals(self, minded: Minded, at: datetime) -> Iterator[State]:
        """Yield whether each signal is weak, by its mean of an hour."""
        fields = _fields(minded, Q(quantity=SIGNAL), at)
        of_hour = _totals(fields, HOUR_MS, at)
        for field, station, rule in fields:
            if total := of_hour.get(field.pk):
                judged = rule.with_limit(WEAK_DBM, SIGNAL_BACK_DB)
                yield State(rule, station, judged.is_beyond(total.mean), judged.is_back(total.mean), field, total.mean)
        of_boards = DeviceState.objects.signals_since(at - FRESH) | BoardState.objects.signals_since(at - FRESH)
        yield from _of_boards(minded, fields, of_boards, WEAK_DBM, SIGNAL_BACK_DB)

    def _learn(self, fields: Sequence[Field], at: datetime) -> None:
        """Look up the highest voltages of a year, once a day and for new fields."""
        if (day := at.toordinal()) != self._day:
            self._day, self._highest = day, {}
        self._highest |= highest_of_year([field for field in fields if field.pk not in self._highest], at)


def highest_of_year(fields: Sequence[Field], at: datetime) -> dict[int, float]:
    """Return the highest value of a year, by the fields' numbers in the database."""
    at_ms = to_millis(at)
    wanted = {field.pk: (field.station_id, field.number, Span(at_ms - A_YEAR_MS, at_ms)) for field in fields}
    return {pk: total.max for pk, total in Day.objects.totals_of(wanted).items()} if wanted else {}


def judging_battery(rule: Rule, field: Field, highest: float) -> Rule | None:
    """Return the rule by which a battery is judged, or None if it is an odd one."""
    limit = LOW_PERCENT if field.unit == "%" else usual_low(highest)
    if rule.limit is not None and field.unit != "%":
        limit = rule.limit
    return None if limit is None else rule.with_limit(limit, limit * BATTERY_BACK)


def mean_of(totals: Sequence[Total]) -> float:
    return sum(each.sum for each in totals) / sum(each.n for each in totals)


def _of_boards(
    minded: Minded,
    fields: Sequence[tuple[Field, Station, Rule]],
    newest: Mapping[int, float],
    limit: float,
    back: float,
) -> Iterator[State]:
    """Yield the states by the newest figure of each board whose station has no field about it."""
    with_field = {station.pk for _, station, _ in fields}
    for station, rule in minded:
        if station.pk in newest and station.pk not in with_field:
            value, judged = float(newest[station.pk]), rule.with_limit(limit, back)
            yield State(rule, station, judged.is_beyond(value), judged.is_back(value), None, value)


def _called_low(minded: Minded, at: datetime) -> Iterator[State]:
    """Yield whether devices themselves call batteries low: over is it after a day in which they called none so."""
    told = DeviceState.objects.batteries_since(at - FRESH)
    for station, rule in minded:
        if (state := told.get(station.pk)) is not None:
            is_over = not state.low_batteries and (state.low_at is None or at - state.low_at >= A_DAY)
            yield State(rule, station, bool(state.low_batteries), is_over, detail=state.low_batteries or "")


def _fields(minded: Minded, about: Q, at: datetime) -> list[tuple[Field, Station, Rule]]:
    """Return the fields of minded stations that are about something and have reported lately."""
    known = {station.pk: (station, rule) for station, rule in minded}
    found = []
    for field in Field.objects.filter(about, newest_at__isnull=False).order_by("pk"):
        if field.station_id in known and field.newest_at:
            station, rule = known[field.station_id]
            if at - field.newest_at <= max(FRESH, 3 * timedelta(seconds=station.interval_s)):
                found.append((field, station, rule))
    return found


def _totals(fields: Sequence[tuple[Field, Station, Rule]], before_ms: int, at: datetime) -> dict[int, Total]:
    after_ms = quarter_start_ms(to_millis(at)) + QUARTER_MS
    wanted = {
        field.pk: (field.station_id, field.number, Span(_start_ms(after_ms, before_ms, station), after_ms))
        for field, station, _ in fields
    }
    return Quarter.objects.totals_of(wanted) if wanted else {}


def _start_ms(after_ms: int, before_ms: int, station: Station) -> int:
    """Return the start of the time before now that has some reports in it."""
    return quarter_start_ms(after_ms - max(before_ms, 3 * station.interval_s * 1000))
