"""A station's page describes trends, comparisons and gaps in words."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from unittest import mock

import pytest

from freetemp.fields import to_millis
from readings import ingest
from readings.coverage_words import duration
from readings.ingest.reports import Measurement
from stations.models import Field, Station

pytestmark = pytest.mark.django_db

# A Wednesday, 13:00 in Berlin.
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _now():
    with mock.patch("django.utils.timezone.now", return_value=NOW):
        yield


@pytest.fixture
def hourly(station):
    Station.objects.update(interval_s=3600)
    station.refresh_from_db()
    return station


def fill(station, start, end, value, every=HOUR, number=1):
    moments = [start + n * every for n in range(-(-(end - start) // every))]
    ingest.store(
        station, [Measurement(number, to_millis(at), value(at) if callable(value) else value) for at in moments]
    )


def part(client, station, query, name):
    """Return the text of an element of the page by its id."""
    response = client.get(f"{station.get_absolute_url()}{query}")
    assert response.status_code == 200
    inner = re.search(rf'<(\w+)[^>]* id="{name}"[^>]*>(.*?)</\1>', response.content.decode(), re.DOTALL)[2]
    words = " ".join(unescape(re.sub(r"<[^>]+>", " ", inner)).split())
    return words.replace("\N{NARROW NO-BREAK SPACE}", " ").replace(" .", ".").replace(" ;", ";")


@pytest.mark.parametrize(
    ("minutes", "count", "words"),
    [
        (1, 2, "First reading 1 minute ago; all expected ones since then are there."),
        (5, 6, "First reading 5 minutes ago; all expected ones since then are there."),
        (20 * 60, 1, "First reading 20 hours ago; longest gap 20 h 0 min, since 24 Nov, 17:00."),
    ],
)
def test_a_new_station_says_how_long_it_has_been_there(client, station, minutes, count, words):
    begun = NOW - timedelta(minutes=minutes)
    fill(station, begun, begun + count * MINUTE, 5.0, every=MINUTE)
    assert part(client, station, "?period=week", "coverage") == words


def test_a_new_field_of_an_old_station_says_so_too(client, hourly):
    hourly.fields.create(number=2, name="humidity", unit="%")
    fill(hourly, NOW - 2 * DAY, NOW + HOUR, 5.0)
    fill(hourly, NOW - 3 * HOUR, NOW + HOUR, 5.0, number=2)
    assert part(client, hourly, "?period=week", "coverage") == (
        "Temperature: All expected readings are there, without a gap."
        " Humidity: First reading 3 hours ago; all expected ones since then are there."
    )
    german = part(client, hourly, "?period=week&lang=de", "coverage")
    assert german.endswith("Luftfeuchte: Erster Messwert vor 3 Stunden; seitdem sind alle erwarteten da.")


def test_a_few_of_very_many_are_not_none(client, station):
    fill(station, NOW - 4 * DAY, NOW - 4 * DAY + MINUTE, 5.0, every=MINUTE)
    words = part(client, station, "?period=month", "coverage")
    assert words.startswith("< 0.1 % of expected readings; longest gap 4 days")


def test_what_today_s_values_belong_to_is_beside_them_on_every_page(client, hourly):
    fill(hourly, NOW - 2 * DAY, NOW + HOUR, lambda at: (at - NOW) / DAY)
    for query in ("", "?date=2026-11-24", "?period=month&date=2020-01-01"):
        found = part(client, hourly, query, "today-1")
        assert found == "Today, 25 Nov low \N{MINUS SIGN}0.5 00:00 high 0.0 13:00 mean \N{MINUS SIGN}0.3", query
    assert part(client, hourly, "?lang=de", "today-1").startswith("Heute, 25. Nov. min. ")


def test_a_day_without_readings_says_which_day(client, hourly):
    fill(hourly, NOW - 2 * DAY, NOW - DAY, 5)
    assert part(client, hourly, "", "today-1") == "No readings today, 25 Nov"


@pytest.mark.parametrize(
    ("count", "today", "day"),
    [
        (1, "Today, 25 Nov only reading 5.0 13:00", "Only reading 5.0 °C 13:00"),
        (3, "Today, 25 Nov constant 5.0", "Constant 5.0 °C"),
    ],
)
def test_one_value_is_not_repeated_as_a_low_and_a_high(client, hourly, count, today, day):
    fill(hourly, NOW - (count - 1) * HOUR, NOW + HOUR, 5)
    assert part(client, hourly, "", "today-1") == today
    assert part(client, hourly, "", "highlights-1") == day
    assert "5.0 to 5.0" not in part(client, hourly, "", "rows")
    picture = client.get(f"/stations/{hourly.pk}/chart.svg").content.decode()
    words = " ".join(re.sub(r"<[^>]+>", " ", picture).split()).replace("\N{NARROW NO-BREAK SPACE}", " ")
    assert f" {day} " in words


def test_a_dew_point_of_another_day_says_which(client, hourly):
    hourly.fields.create(number=2, name="humidity", unit="%", decimals=0)
    for number in (1, 2):
        fill(hourly, NOW, NOW + HOUR, 40, number=number)
    assert part(client, hourly, "", "derived").endswith("from temperature and humidity, 13:00")
    with mock.patch("django.utils.timezone.now", return_value=NOW + 9 * DAY):
        assert part(client, hourly, "", "derived").endswith("from temperature and humidity, 25 Nov 2026, 13:00")


def test_a_month_that_goes_on_is_compared_with_the_same_part_of_the_other(client, hourly):
    berlin = hourly.zone
    fill(hourly, datetime(2025, 11, 1, tzinfo=berlin), datetime(2025, 11, 25, 13, tzinfo=berlin), 4.2)
    fill(hourly, datetime(2025, 11, 25, 13, tzinfo=berlin), datetime(2025, 12, 1, tzinfo=berlin), 40.0)
    fill(hourly, datetime(2026, 11, 1, tzinfo=berlin), NOW, 6.3)
    assert part(client, hourly, "?period=month&compare=year", "compared-1") == (
        "2.1 °C warmer on average than in November 2025 until 25 Nov, 13:00: 6.3 against 4.2 °C."
    )
    assert part(client, hourly, "?period=month&compare=year&units=us", "compared-1") == (
        "3.7 °F warmer on average than in November 2025 until 25 Nov, 13:00: 43.3 against 39.6 °F."
    )
    assert part(client, hourly, "?period=month", "compared-1") == ""


@pytest.mark.parametrize(
    ("query", "then", "words"),
    [
        (
            "?date=2026-11-20&compare=before",
            21.0,
            "1.0 °C colder on average than on Thursday 19 November 2026: ",
        ),
        ("?date=2026-11-20&compare=before", 20.0, "The same on average as on Thursday 19 November 2026: 20.0 °C."),
        ("?period=week&date=2026-11-20&compare=before", 12.0, "than in the week of 9 to 15 November 2026: "),
        ("?date=2026-11-20&compare=year", 20.0, "No readings on Thursday 20 November 2025 to compare with."),
        ("?start=2026-11-20T00:00&end=2026-11-20T06:00&compare=before", 9.0, "from 19 November 2026, 18:00 to 20 Nov"),
    ],
)
def test_each_kind_of_period_is_called_by_its_name(client, hourly, query, then, words):
    change = datetime(2026, 11, 20, tzinfo=hourly.zone)
    fill(hourly, change - 12 * DAY, change, then)
    fill(hourly, change, NOW, 20.0)
    assert words in part(client, hourly, query, "compared-1")


def test_another_quantity_is_higher_or_lower(client, hourly):
    Field.objects.update(name="pressure", unit="hPa")
    change = datetime(2026, 11, 20, tzinfo=hourly.zone)
    fill(hourly, change - 2 * DAY, change, 1010.0)
    fill(hourly, change, NOW, 1013.5)
    assert "3.5 hPa higher on average" in part(client, hourly, "?date=2026-11-20&compare=before", "compared-1")
    assert "3.5 hPa lower on average" not in part(client, hourly, "?date=2026-11-19&compare=before", "compared-1")


def test_the_difference_is_that_of_the_two_numbers_beside_it(client, hourly):
    change = datetime(2026, 11, 20, tzinfo=hourly.zone)
    fill(hourly, change - 2 * DAY, change, 4.24)
    fill(hourly, change, NOW, 6.26)
    words = part(client, hourly, "?date=2026-11-20&compare=before", "compared-1")
    assert words.startswith("2.1 °C warmer")
    assert words.endswith("6.3 against 4.2 °C.")


def test_a_month_that_was_measured_in_part_is_compared_with_a_warning(client, hourly):
    zone = hourly.zone
    fill(hourly, datetime(2026, 10, 20, tzinfo=zone), datetime(2026, 10, 24, tzinfo=zone), 9.0)
    fill(hourly, datetime(2026, 10, 30, tzinfo=zone), datetime(2026, 11, 2, tzinfo=zone), 9.0)
    fill(hourly, datetime(2026, 11, 2, tzinfo=zone), NOW, 5.0)
    words = part(client, hourly, "?date=2026-11-02&period=month&compare=before", "compared-1")
    assert "Its readings begin on 20 October 2026. Only 71.6" in words


def test_what_is_missing_is_said_once_where_all_fields_miss_the_same(client, hourly):
    hourly.fields.create(number=2, name="humidity", unit="%")
    start = datetime(2026, 11, 9, tzinfo=hourly.zone)
    lost = start + 30 * HOUR
    for number in (1, 2):
        fill(hourly, start, lost, 5.0, number=number)
        fill(hourly, lost + 6 * HOUR, NOW, 5.0, number=number)
    response = client.get(f"{hourly.get_absolute_url()}?period=week&date=2026-11-09")
    assert response.content.decode().count("of expected readings") == 1
    assert part(client, hourly, "?period=week&date=2026-11-09", "coverage") == (
        "96.4 % of expected readings; longest gap 7 h 0 min on 10 Nov."
    )
    address = re.search(r'<a href="\?(start=[^"]+)">longest gap', response.content.decode())[1]
    around = client.get(f"{hourly.get_absolute_url()}?{unescape(address)}")
    period = around.context["period"]
    assert period.start < lost - HOUR < lost + 6 * HOUR < period.end
    assert "from 05:00 to 12:00" in part(client, hourly, "?date=2026-11-10", "coverage")
    german = part(client, hourly, "?period=week&date=2026-11-09&lang=de", "coverage")
    assert german.endswith("längste Lücke am 10. Nov.: 7 h 0 min."), "a date's full stop is not followed by another"


def test_fields_that_differ_are_named(client, hourly):
    hourly.fields.create(number=2, name="humidity", unit="%")
    fill(hourly, NOW - 3 * DAY, NOW, 5.0)
    fill(hourly, NOW - 3 * DAY, NOW - DAY, 50.0, number=2)
    words = part(client, hourly, "?period=week", "coverage")
    assert words.startswith("Temperature: All expected readings are there, without a gap. Humidity: 60.6")
    assert "longest gap 1 day 1 h, since 24 Nov, 12:00" in words


def test_a_trend_stands_below_the_newest_value_in_the_viewers_units(client, station):
    fill(station, NOW - 2 * HOUR, NOW, lambda at: 15 + (at - NOW) / HOUR * 0.8, every=timedelta(minutes=1))
    assert part(client, station, "", "trend-1") == "rising +0.8 °C in an hour"
    assert part(client, station, "?units=us", "trend-1") == "rising +1.4 °F in an hour"


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(seconds=150), "2 min 30 s"),
        (timedelta(minutes=5), "5 min"),
        (timedelta(minutes=12, seconds=40), "13 min"),
        (timedelta(hours=3, minutes=12, seconds=10), "3 h 12 min"),
        (timedelta(days=1, hours=2), "1 day 2 h"),
        (timedelta(days=9, minutes=2), "9 days 0 h"),
    ],
)
def test_a_length_of_time_is_said_as_people_say_it(length, words):
    assert duration(length) == words
