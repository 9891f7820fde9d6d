"""The almanac of a made-up year of rain and wind, against figures that are counted from its readings one by one."""

from cmath import phase, rect
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from math import degrees, fsum, radians
from random import Random
from zoneinfo import ZoneInfo

import pytest

from freetemp.fields import to_millis
from readings import ingest
from readings.almanac.of_station import almanac_of
from readings.calendar.periods import Period
from readings.ingest.reports import Measurement
from stations.models import Station

pytestmark = pytest.mark.django_db

ZONE = ZoneInfo("Europe/Berlin")
STEP = timedelta(hours=2)  # In summer a report comes at midnight; in winter one covers an hour before and after it.
NOW = datetime(2026, 3, 31, 14, 20, tzinfo=UTC)
TODAY = NOW.astimezone(ZONE).date()
START = NOW.replace(minute=0) - timedelta(days=400)
GAP = (date(2025, 8, 3), date(2025, 8, 7))  # no report on these days
ROLLS_OVER_AT, REPLACED_AT = 50.0, datetime(2025, 10, 1, 12, tzinfo=UTC)
FIELDS = (
    *(("rain", "mm"), ("rain today", "mm"), ("rain total", "mm"), ("rain counter", "mm")),
    *(("wind", "m/s"), ("gust", "m/s"), ("wind direction", "deg"), ("solar radiation", "W/m2")),
)


def measured():
    """Return (moment, values of FIELDS), with the traps of each counter: its midnight, its end, another gauge."""
    random = Random(26)
    rows, total, today = [], 0, 0
    for n in range(400 * 12 + 1):
        at = START + n * STEP
        before = at - STEP
        is_showery = random.random() < (0.5 if (n // 60) % 3 else 0.02)
        tips = random.randint(0, 9) if is_showery else 0
        total += tips
        today = tips if before.hour == 0 else today + tips
        speed = max(0.0, random.gauss(3, 3)) if n % 40 else 0.1
        direction = random.uniform(0, 360) if n % 3 else random.gauss(230 if n % 900 < 500 else 80, 30) % 360
        sun = max(0, 400 - 70 * abs(at.hour - 12)) * random.random()
        other = total * 0.2 + (7000 if at >= REPLACED_AT else 3)
        values = (tips * 0.2, today * 0.2, total * 0.2 % ROLLS_OVER_AT, other, speed, speed + random.random() * 9)
        if not GAP[0] <= at.astimezone(ZONE).date() <= GAP[1]:
            rows.append((at, [round(each, 3) for each in (*values, direction, sun)]))
    return rows


def added(number, before, now):
    """Return what a report adds to the rain."""
    if number == 1:
        return now
    if before is None:
        return 0.0
    if number == 4 and now - before > 5000:
        return 0.0
    if now >= before:
        return now - before
    return ROLLS_OVER_AT - before + now if number == 3 else now


def rain_of_days(rows, number):
    days, before = {}, None
    for at, values in rows:
        day = (at - timedelta(milliseconds=1)).astimezone(ZONE).date()
        if number == 1 or before is not None:
            days.setdefault(day, []).append(added(number, before, values[number - 1]))
        before = values[number - 1]
    return {day: fsum(amounts) for day, amounts in days.items()}


def longest(days, *, wet):
    """Return the longest spell as (days, first, last), walking the calendar."""
    spells, day, spell = [], min(days), []
    while day <= max(days):
        is_today = day == TODAY
        if day in days and (days[day] > 0.999999) == wet and not (is_today and not wet):
            spell.append(day)
        else:
            spells.append(spell)
            spell = []
        day += timedelta(days=1)
    best = max([*spells, spell], key=len)
    return len(best), best[0], best[-1]


@pytest.fixture
def year():
    station = Station.objects.create(name="Mast", timezone="Europe/Berlin", interval_s=7200)
    station.fields.all().delete()
    for number, (name, unit) in enumerate(FIELDS, start=1):
        station.fields.create(number=number, name=name, unit=unit, rolls_over_at=ROLLS_OVER_AT if number == 3 else None)
    station.fields.create(number=9, name="lightning count", unit="")
    rows = measured()
    ingest.store(
        station,
        [Measurement(n, to_millis(at), value) for at, values in rows for n, value in enumerate(values, start=1)],
    )
    return station, rows


def almanacs(station, kind="day", day=TODAY):
    fields = list(station.fields.all())
    return {each.field.number: each for each in almanac_of(station, fields, Period.containing(day, kind, ZONE), NOW)}


def within(days, first):
    return {day: value for day, value in days.items() if day.replace(day=1) == first}


def assert_summed(found, days):
    assert found.days == len(days)
    assert found.sum == pytest.approx(fsum(days.values()), abs=1e-6)
    assert found.wet_days == sum(each > 0.999999 for each in days.values())
    most = max(days.values())
    assert found.most.value == pytest.approx(most, abs=1e-6)
    assert found.most.day in {day for day, each in days.items() if each > most - 1e-6}


def test_every_figure_is_that_of_the_readings(year):
    station, rows = year
    found = almanacs(station)
    for number in (1, 2, 3, 4):
        assert_rain(found[number], rain_of_days(rows, number))
    assert_gusts(found[6], rows)
    assert_directions(found[7], rows)
    assert_levels(found, rows)
    of_2025 = almanacs(station, "year", date(2025, 5, 1))
    assert [first for first, _ in of_2025[1].months] == [date(2025, month, 1) for month in range(2, 13)]
    assert of_2025[1].spells == found[1].spells
    to_come = almanacs(station, "year", date(2027, 1, 1))
    assert [list(each.months) for each in to_come.values()] == [[]] * 8
    assert 9 not in found, "it has no readings"


def assert_rain(own, days):
    assert [first for first, _ in own.months] == [date(2025, n, 1) for n in range(4, 13)] + [
        date(2026, n, 1) for n in (1, 2, 3)
    ]
    for first, month in own.months:
        assert_summed(month, within(days, first))
    assert_summed(own.whole, {day: each for day, each in days.items() if day >= own.months[0][0]})
    assert [first.year for first, _ in own.years] == [2025, 2026]
    for first, summed in own.years:
        assert_summed(summed, {day: each for day, each in days.items() if day.year == first.year})
    assert own.most.value == pytest.approx(max(days.values()), abs=1e-6)
    assert tuple(own.spells.dry) == longest(days, wet=False)
    assert tuple(own.spells.wet) == longest(days, wet=True)


def assert_gusts(own, rows):
    days = {}
    for at, values in rows:
        day = at.astimezone(ZONE).date()
        days[day] = max(values[5], days.get(day, 0))
    assert own.highest == (max(days.values()), max(days, key=days.get))
    for first, month in own.months:
        inside = within(days, first)
        assert month == (len(inside), (max(inside.values()), max(inside, key=inside.get)))


def assert_directions(own, rows):
    for first, month in own.months:
        inside = [values for at, values in rows if at.astimezone(ZONE).date().replace(day=1) == first]
        sectors = Counter(round(values[6] / 22.5) % 16 for values in inside if values[4] >= 0.3)
        sector, most = max(sorted(sectors.items()), key=lambda each: each[1])
        assert (month.quarters, month.direction) == (sectors.total(), sector * 22.5)
        assert month.share == pytest.approx(most / sectors.total())
        vector = sum(values[4] * rect(1, radians(values[6])) for values in inside)
        assert abs((degrees(phase(vector)) - month.mean.mean + 180) % 360 - 180) < 1e-6
        assert month.mean.steadiness == pytest.approx(abs(vector) / fsum(values[4] for values in inside))
    assert own.whole.quarters == sum(month.quarters for _, month in own.months)
    assert len({month.direction for _, month in own.months}) > 1


def assert_levels(found, rows):
    for number, measure in ((5, "hour_sum"), (8, "sunshine_h")):
        for first, month in found[number].months:
            inside = [values[number - 1] for at, values in rows if at.astimezone(ZONE).date().replace(day=1) == first]
            right = fsum(inside) if number == 5 else sum(value > 120 for value in inside) / 4
            assert getattr(month, measure) == pytest.approx(right)
        assert getattr(found[number].whole, measure) > 0


@pytest.mark.parametrize(
    ("days", "dry", "wet"),
    [
        ("ddwwwd", (2, 0), (3, 2)),
        ("ddd.dddd", (4, 4), None),  # A day without readings ends a spell.
        ("wwwdwww", (1, 3), (3, 0)),  # The first of equally long ones counts.
        ("wT", None, (1, 0)),  # Today may still be a wet day,
        ("wW", None, (2, 0)),  # and once it is one, it stays one.
        ("ddT", (2, 0), None),
        ("T", None, None),
        ("W", None, (1, 0)),
    ],
)
@pytest.mark.parametrize("unit", ["mm", "in"])
def test_spells_are_days_in_a_row(days, dry, wet, unit):
    """Letters: dry and wet days, today in capitals (T while it is dry), and a point for a day without readings."""
    station = Station.objects.create(name="Garden", timezone="Europe/Berlin", interval_s=3600)
    station.fields.all().delete()
    field = station.fields.create(number=1, name="rain", unit=unit)
    today = TODAY
    first = today - timedelta(days=len(days) - (1 if days[-1] in "TW" else 0))
    amounts = {"mm": {"d": 0.999, "w": 1.0}, "in": {"d": 0.0393, "w": 0.03937007874}}[unit]
    rows = []
    for n, letter in enumerate(days):
        noon = datetime(2026, 1, 1, 9, tzinfo=ZONE).replace(year=first.year, month=first.month, day=first.day)
        if letter != ".":
            at = to_millis((noon + timedelta(days=n)).astimezone(UTC))
            amount = amounts[letter.lower().replace("t", "d")]
            # Five parts of it sum up to a hair more or less.
            rows += [Measurement(field.number, at + 60_000 * part, amount / 5) for part in range(5)]
    ingest.store(station, rows)
    spells = almanacs(station)[1].spells
    for spell, right in ((spells.dry, dry), (spells.wet, wet)):
        assert (spell and (spell.days, (spell.first - first).days)) == right
