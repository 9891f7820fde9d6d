"""A station's records, months and counted days match its raw readings, day by day of its own calendar."""

import re
from datetime import UTC, date, datetime, time, timedelta
from math import cos, pi
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from freetemp.fields import from_millis, to_millis
from readings import ingest
from readings.almanac.kept_levels import kept_levels
from readings.almanac.of_station import almanac_of
from readings.calendar.periods import Period
from readings.ingest.reports import Measurement
from stations.models import Station
from tests.readings.history.over_time import weighted
from tests.readings.rollups.counted import day_means, expected

pytestmark = pytest.mark.django_db

# Odd offsets, and clocks that change: by half an hour, at midnight, and over a midnight.
ZONES = ["Asia/Kathmandu", "America/New_York", "Australia/Lord_Howe", "America/Havana", "America/St_Johns"]
NOW = datetime(2011, 3, 9, 15, 20, tzinfo=UTC)
HOUR_MS = 3_600_000


def weather(number, at_ms):
    """Return a temperature between about -14 and 34 degC, or a humidity."""
    days = at_ms / (24 * HOUR_MS)
    warmth = 10 - 16 * cos(2 * pi * days / 365) - 6 * cos(2 * pi * days) + 2 * cos(days * 17)
    return round(warmth if number == 1 else 60 - warmth, 2)


def fill(station, step_ms=3 * HOUR_MS, days=400, now=NOW):
    numbers = station.fields.values_list("number", flat=True)
    moments = range(to_millis(now) - days * 24 * HOUR_MS, to_millis(now), step_ms)
    ingest.store(station, [Measurement(number, at, weather(number, at)) for at in moments for number in numbers])


def of(station, kind="day", day=None, now=NOW):
    """Return the almanac of each field, by its number, on the page of a period."""
    period = Period.containing(day or now.astimezone(station.zone).date(), kind, station.zone)
    return {each.field.number: each for each in almanac_of(station, list(station.fields.all()), period, now)}


class DayOf(NamedTuple):
    """A day of the raw readings: its values, and the mean of its hours."""

    values: list[float]
    mean: float


def days_of(station, number=1):
    """Return {day: DayOf} from the raw readings."""
    means = day_means(station)
    return {
        from_millis(start).astimezone(station.zone).date(): DayOf(values, means[field, start])
        for (field, start), values in expected(station, "day").items()
        if field == number
    }


def mean_of(days, station):
    """Return the mean of some days. Today counts by the share of it that has passed."""
    today = NOW.astimezone(station.zone).date()
    edges = [datetime.combine(today + timedelta(days=n), time(), station.zone).astimezone(UTC) for n in (0, 1)]
    share = (NOW - edges[0]) / (edges[1] - edges[0])
    return weighted((each.mean, share if day == today else 1) for day, each in days.items())


@pytest.fixture(scope="module", params=ZONES)
def reported(kept_rows, request):
    station = Station.objects.create(name=request.param, timezone=request.param, interval_s=10_800)
    station.fields.create(number=2, name="humidity", unit="%")
    station.fields.update(largest=150)
    fill(station)
    ingest.store(station, [Measurement(1, to_millis(NOW) - 40 * 24 * HOUR_MS + 1, 151.0)])
    return station.pk


@pytest.fixture
def filled(reported):
    return Station.objects.get(pk=reported)


def test_months_and_records_are_those_of_the_raw_readings(filled):
    found, today = of(filled), NOW.astimezone(filled.zone).date()
    for number in (1, 2):
        days = days_of(filled, number)
        own = found[number]
        assert [first for first, _ in own.months] == [date(2010, month, 1) for month in range(4, 13)] + [
            date(2011, month, 1) for month in (1, 2, 3)
        ]
        for first, month in own.months:
            inside = {day: each for day, each in days.items() if day.replace(day=1) == first}
            together = [value for each in inside.values() for value in each.values]
            assert (month.days, month.figures.n) == (len(inside), len(together))
            assert (month.figures.min, month.figures.max) == (min(together), max(together))
            assert month.figures.mean == pytest.approx(mean_of(inside, filled), abs=1e-9)
        shown = {day: each for day, each in days.items() if day >= own.months[0][0]}
        assert own.whole.figures.mean == pytest.approx(mean_of(shown, filled), abs=1e-9)
        assert_records(own.records, days, today)
    assert own.whole.days == sum(month.days for _, month in own.months)


def assert_records(records, days, today):
    assert records.since == min(days)
    assert records.highest == first_of(days, lambda each: max(each.values), max)
    assert records.lowest == first_of(days, lambda each: min(each.values), min)
    over = {day: each for day, each in days.items() if day < today and day != min(days)}
    for found, right in (
        (records.highest_mean, first_of(over, lambda each: each.mean, max)),
        (records.lowest_mean, first_of(over, lambda each: each.mean, min)),
    ):
        assert (found.value, found.day) == (pytest.approx(right[0], abs=1e-9), right[1])


def first_of(days, measure, best):
    value = best(measure(each) for each in days.values())
    return value, min(day for day, each in days.items() if measure(each) == value)


def test_counted_days_and_degree_days_are_those_of_the_raw_readings(filled):
    today = NOW.astimezone(filled.zone).date()
    over = {day: each for day, each in days_of(filled).items() if day < today}
    own = of(filled)[1]
    for first, month in own.months:
        inside = [each for day, each in over.items() if day.replace(day=1) == first]
        values, means = [each.values for each in inside], [each.mean for each in inside]
        assert month.counted[:4] == (
            sum(min(each) < 0 for each in values),
            sum(max(each) < 0 for each in values),
            sum(max(each) >= 25 for each in values),
            sum(max(each) >= 30 for each in values),
        ), first
        assert month.counted.heating == pytest.approx(sum(18 - each for each in means if each <= 15), abs=1e-6)
        assert month.counted.cooling == pytest.approx(sum(each - 21 for each in means if each >= 24), abs=1e-6)
        middles = [(min(each) + max(each)) / 2 for each in values]
        assert month.counted.heating_middle == pytest.approx(sum(18 - each for each in middles if each <= 15), abs=1e-6)
        assert month.counted.cooling_middle == pytest.approx(sum(each - 21 for each in middles if each >= 24), abs=1e-6)
        assert month.counted.growing == pytest.approx(sum(max(each - 10, 0) for each in means), abs=1e-6)
        assert month.counted.growing_middle == pytest.approx(sum(max(each - 10, 0) for each in middles), abs=1e-6)
    whole = own.whole.counted
    assert min(whole) > 0, "each of them is put to the test"
    assert whole.frost == sum(month.counted.frost for _, month in own.months)


@pytest.mark.parametrize(
    ("values", "counted"),
    [
        ([-0.1, 10.1], (1, 0, 0, 0, 13.0, 0)),
        ([0.0, 10.0], (0, 0, 0, 0, 13.0, 0)),
        ([-3.0, -0.1], (1, 1, 0, 0, 19.55, 0)),
        ([-3.0, 0.0], (1, 0, 0, 0, 19.5, 0)),
        ([5.0, 25.0], (0, 0, 1, 0, 3.0, 0)),
        ([5.2, 25.0], (0, 0, 1, 0, 0, 0)),
        ([18.0, 30.0], (0, 0, 1, 1, 0, 3.0)),
        ([17.9, 29.9], (0, 0, 1, 0, 0, 0)),
    ],
)
@pytest.mark.parametrize("unit", ["degC", "degF"])
def test_limits_belong_to_what_they_bound(station, values, counted, unit):
    station.fields.update(unit=unit)
    degree, zero = {"degC": (1, 0), "degF": (1.8, 32)}[unit]
    noon = datetime(2011, 3, 2, 12, tzinfo=UTC)
    rows = [Measurement(1, to_millis(noon) + n, round(v * degree + zero, 2)) for n, v in enumerate(values)]
    ingest.store(station, rows)
    found = of(station)[1].whole.counted
    assert found[:4] == counted[:4]
    growing = max(sum(values) / 2 - 10, 0)
    right = [each * degree for each in (*counted[4:], *counted[4:], growing, growing)]
    assert found[4:] == pytest.approx(right, abs=0.01), "the middle is the mean"


def test_a_day_that_is_not_over_or_hardly_measured_has_no_record_of_its_mean(station):
    """A board that was put up at night, one that failed for two days, and this morning."""
    midnight = datetime(2011, 3, 2, tzinfo=ZoneInfo("Europe/Berlin"))
    hours = [22, 23, *range(24, 72), 72, 73, *range(165, 168), *range(168, 168 + 24), *range(192, 195)]
    cold = {22, 23, 72, 73, 165, 166, 167, 192, 193, 194}
    rows = [Measurement(1, to_millis(midnight) + h * HOUR_MS, -20.0 if h in cold else 5 + h / 100) for h in hours]
    ingest.store(station, rows)
    records = of(station, now=midnight + timedelta(hours=195))[1].records
    assert records.lowest == (-20.0, date(2011, 3, 2))
    assert records.lowest_mean.day == date(2011, 3, 3)
    assert records.highest_mean.day == date(2011, 3, 9)


def test_days_hardly_measured_hide_no_record_however_many_they_are(station):
    """Every other day of a month has two readings in the cold of its morning."""
    midnight = datetime(2011, 2, 1, tzinfo=UTC)
    hours = [hour for day in range(31) for hour in range(24 * day, 24 * day + (24 if day % 2 else 2))]
    rows = [Measurement(1, to_millis(midnight) + h * HOUR_MS, 5 + h / 100 if h // 24 % 2 else -20.0) for h in hours]
    Station.objects.update(timezone="UTC")
    station.refresh_from_db()
    ingest.store(station, rows)
    assert of(station)[1].records.lowest_mean.day == date(2011, 2, 2)


def test_the_very_first_day_has_no_means_yet(station):
    ingest.store(station, [Measurement(1, to_millis(NOW) - 1, 4.0)])
    records = of(station)[1].records
    assert (records.highest, records.highest_mean) == ((4.0, date(2011, 3, 9)), None)


def test_a_change_of_the_interval_takes_no_day_out_of_the_records(station):
    """From a reading every three hours to one every minute."""
    fill(station, days=10, now=NOW - timedelta(days=5))
    coldest = NOW - timedelta(days=6)
    ingest.store(station, [Measurement(1, to_millis(coldest) + n, -70.0) for n in range(12)])
    fill(station, step_ms=60_000, days=4)
    assert of(station)[1].records.lowest_mean.day == coldest.date()


def test_a_year_has_its_own_months_and_the_records_of_all(station):
    fill(station, step_ms=6 * HOUR_MS, days=800)
    own = of(station, "year", date(2010, 6, 1))[1]
    assert [first for first, _ in own.months] == [date(2010, month, 1) for month in range(1, 13)]
    assert all(month.days >= 28 for _, month in own.months)
    assert own.records == of(station)[1].records
    assert [first.month for first, _ in of(station, "year", date(2011, 1, 1))[1].months] == [1, 2, 3]
    assert [first.month for first, _ in of(station, "year", date(2008, 1, 1))[1].months] == [12], "it began then"
    assert of(station, "year", date(2007, 1, 1))[1].months == []
    assert of(station, "year", date(2013, 1, 1))[1].months == []


def test_a_month_without_readings_is_a_row_all_the_same(station):
    for ago in (100, 20):
        fill(station, days=10, now=NOW - timedelta(days=ago))
    months = of(station)[1].months
    assert [(first.month, summary is not None) for first, summary in months] == [
        *((11, True), (12, False), (1, False), (2, True), (3, False)),
    ]


def test_three_questions_are_asked_at_most_and_one_from_then_on(station, django_assert_num_queries):
    def ask():
        return almanac_of(station, fields, Period.containing(NOW.date(), "day", station.zone), NOW)

    fields = list(station.fields.all())
    with django_assert_num_queries(2):
        assert ask() == []
    for number in range(2, 51):
        station.fields.create(number=number, name=f"field {number}", unit="hPa")
    fill(station, step_ms=24 * HOUR_MS, days=30)
    fields = list(station.fields.all())[:40]
    for questions in (3, 1):
        with django_assert_num_queries(questions):
            assert len(ask()) == 40


def page_of(client, station, query=""):
    response = client.get(f"{station.get_absolute_url()}{query}")
    assert response.status_code == 200
    return response.content.decode()


def test_the_page_says_it_in_the_viewers_units(client, station):
    now = timezone.now()
    today = now.astimezone(station.zone).date()
    noon = datetime(today.year, today.month, today.day, tzinfo=station.zone) - timedelta(hours=12)
    ingest.store(station, [Measurement(1, to_millis(noon) + n, value) for n, value in enumerate([-5.0, 5.0])])
    metric, us = page_of(client, station), page_of(client, station, "?units=us")
    assert "Coldest day" in metric
    assert f'href="?date={noon:%Y-%m-%d}"' in metric
    assert "below 0\N{NARROW NO-BREAK SPACE}°C" in metric
    assert "<td>18</td><td>18</td><td>0</td><td>0</td>" in metric, "heating, cooling"
    assert "below 32\N{NARROW NO-BREAK SPACE}°F" in us
    assert "64.4\N{NARROW NO-BREAK SPACE}°F" in us
    assert "<td>32</td><td>32</td><td>0</td><td>0</td>" in us, "18 degrees Celsius are 32.4 of Fahrenheit's"


def test_other_quantities_have_no_frost(client, station):
    station.fields.update(name="pressure", unit="hPa")
    ingest.store(station, [Measurement(1, to_millis(timezone.now()) - 86_400_000, 1013.0)])
    page = page_of(client, station)
    assert "Highest mean of a day" in page
    assert "Coldest" not in page
    assert "Frost" not in page


def test_a_station_without_readings_or_of_staff_alone_shows_no_almanac_of(client, station):
    assert "Almanac" not in page_of(client, station)
    fill(station, days=3, now=timezone.now())
    assert "Almanac" in page_of(client, station)
    Station.objects.update(public=False)
    assert client.get(f"{station.get_absolute_url()}?period=year").status_code == 404


def test_a_viewer_chooses_the_base_of_growing_degree_days_and_links_keep_it(client, station):
    now = timezone.now()
    today = now.astimezone(station.zone).date()
    noon = datetime(today.year, today.month, today.day, tzinfo=station.zone) - timedelta(hours=12)
    ingest.store(station, [Measurement(1, to_millis(noon) + n, value) for n, value in enumerate([12.0, 20.0])])
    page, chosen, us = (
        page_of(client, station, query) for query in ("", f"?gdd=4.5&date={noon:%Y-%m-%d}", "?gdd=4.5&units=us")
    )
    assert "above 10\N{NARROW NO-BREAK SPACE}°C" in page
    assert "<td>6</td><td>6</td></tr>" in "".join(page.split("\n")).replace("  ", "")
    assert "gdd=" not in page
    assert "above 4.5\N{NARROW NO-BREAK SPACE}°C" in chosen
    assert 'name="gdd" required min="-20" max="40" step="0.1" value="4.5"' in chosen
    links = re.findall(r'href="[^"]*[?&](?:amp;)?(?:period|date|start)=[^"]*"', chosen)
    assert len(links) > 10
    files = [link for link in links if re.search(r"/readings\.|/chart\.svg|/compare/", link)]
    assert files
    assert [link for link in links if "gdd=4.5" not in link] == files
    assert "above 40.1\N{NARROW NO-BREAK SPACE}°F" in us


@pytest.mark.parametrize("base", ["x", "-21", "41", "nan", "inf", "1e400"])
def test_a_base_that_no_plant_has_is_refused_with_a_sentence(client, station, base):
    response = client.get(f"{station.get_absolute_url()}?gdd={base}")
    assert response.status_code == 400
    assert "Base of growing degree days: a number of °C from -20 to 40 expected." in response.content.decode()


@pytest.mark.parametrize("quantity", ["temperature", "solar_radiation"])
def test_days_that_are_kept_are_those_that_are_summed_up_anew(station, quantity, monkeypatch):
    """A newest reading, of today or after a silence, with or without a record; a late one; days to come; midnight."""
    monkeypatch.setattr("readings.almanac.sunshine.SUNSHINE_W_M2", 2)
    station.fields.filter(number=1).update(quantity=quantity)
    fill(station, days=70)
    step = timedelta(minutes=10)
    after = [
        (NOW + step, NOW + step, 3.0),
        (NOW + 1.5 * step, NOW + 1.5 * step, 4.0),
        (NOW + 2 * step, NOW + 2 * step, 50.0),
        (NOW + 3 * step, NOW + 3 * step, -50.0),
        (NOW + 4 * step, NOW - timedelta(days=3, minutes=1), 60.0),
        (NOW + timedelta(days=1), NOW + timedelta(hours=12), 70.0),
        (NOW + timedelta(days=2), NOW + timedelta(days=2), 7.0),
        (NOW + timedelta(days=4), NOW + timedelta(days=3), 8.0),
        (NOW + timedelta(days=4, minutes=1), NOW + timedelta(days=4), 9.0),
        (NOW + timedelta(days=4, minutes=2), NOW + timedelta(days=6), 80.0),
        (NOW + timedelta(days=4, minutes=3), NOW + timedelta(days=40), -80.0),
        (NOW + timedelta(days=4, minutes=4), NOW + timedelta(days=41), -81.0),
    ]
    shown = [("day", None), ("year", date(2011, 1, 1)), ("year", date(2010, 1, 1))]
    for now, at, value in after:
        ingest.store(station, [Measurement(1, to_millis(at), value)])
        kept = [of(station, *each, now) for each in shown]
        kept_levels.clear()
        for before, anew in zip(kept, [of(station, *each, now) for each in shown], strict=True):
            assert before[1].records == anew[1].records, (now, at)
            assert before[1].months == anew[1].months, (now, at)
    whole = of(station)[1].whole
    assert whole is not None
    assert (whole.sunshine_h > 0) == (quantity == "solar_radiation")
