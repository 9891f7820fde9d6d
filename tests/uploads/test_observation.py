"""An observation has what was measured outdoors up to a moment, in metric units, with rain summed up to the second."""

from datetime import UTC, datetime, timedelta

import pytest

from freetemp.fields import to_millis
from readings import ingest
from readings.ingest.reports import Measurement
from readings.treatment import add_sensor
from stations.models import Station
from uploads.observation import moment_after, observed

pytestmark = pytest.mark.django_db

# A quarter of an hour after midnight in Berlin, and 7 minutes.
AT = datetime(2026, 6, 1, 22, 22, tzinfo=UTC)
AT_MS = to_millis(AT)
MINUTE_MS = 60_000


def made(*fields, **more):
    station = Station.objects.create(name="Roof", timezone="Europe/Berlin", **more)
    station.fields.all().delete()
    for number, (name, unit) in enumerate(fields, start=1):
        station.fields.create(number=number, name=name, unit=unit)
    return station


def store(station, values, at_ms=AT_MS):
    ingest.store(station, [Measurement(number, at_ms, value) for number, value in enumerate(values, start=1)])


def test_values_are_outdoors_and_metric():
    fields = [("indoor temperature", "degC"), ("temperature", "degF"), ("humidity", "%"), ("indoor humidity", "%")]
    station = made(*fields, ("wind speed", "km/h"), ("gust", "mph"), ("soil moisture", "cbar"))
    store(station, [25.0, 50.0, 80.0, 40.0, 36.0, 20.0, 30.0])
    found = observed(station, AT_MS)
    assert (found.temperature_c, found.humidity, found.wind_m_s) == (pytest.approx(10), 80.0, pytest.approx(10))
    assert found.gust_m_s == pytest.approx(8.9408)
    assert found.dew_point_c == pytest.approx(6.7, abs=0.1)
    assert found.soil_moisture is None, "a tension is no percentage"
    assert found.pressure_hpa is None


def test_a_room_is_not_uploaded():
    station = made(("indoor temperature", "degC"), ("indoor humidity", "%"))
    store(station, [25.0, 40.0])
    assert observed(station, AT_MS).is_empty


@pytest.mark.parametrize(
    ("name", "elevation_m", "expected"),
    [("sea-level pressure", None, 1000.0), ("pressure", 100, 1012.1), ("pressure", None, None)],
)
def test_pressure_is_at_sea_level_or_left_out(name, elevation_m, expected):
    station = made(("temperature", "degC"), (name, "hPa"), elevation_m=elevation_m)
    store(station, [10.0, 1000.0])
    assert observed(station, AT_MS).pressure_hpa == (expected and pytest.approx(expected, abs=0.2))


def test_a_value_is_three_intervals_old_at_most_and_the_moment_may_be_past():
    station = made(("temperature", "degC"), ("humidity", "%"), interval_s=60)
    store(station, [10.0], AT_MS - 180_000)
    store(station, [12.0], AT_MS + 1)
    assert observed(station, AT_MS).temperature_c == 10.0
    assert observed(station, AT_MS + 1).temperature_c == 12.0
    assert observed(station, AT_MS - 180_001).is_empty
    assert observed(station, AT_MS + 180_002).is_empty


@pytest.mark.parametrize("kind", ["rain", "rain total"])
def test_rain_is_that_of_the_last_hour_of_the_local_day_and_of_24_hours(kind):
    """Each minute brings another amount, so that one that is counted wrongly shows."""
    station = made((kind, "mm"))
    amounts = {AT_MS - n * MINUTE_MS: (n % 7) / 10 for n in range(30 * 60)}
    total, rows = 0.0, []
    for at_ms, amount in sorted(amounts.items()):
        total += amount
        rows.append(Measurement(1, at_ms, total if kind == "rain total" else amount))
    rows.append(Measurement(1, AT_MS + MINUTE_MS, total + 99 if kind == "rain total" else 99.0))
    ingest.store(station, rows)
    found = observed(station, AT_MS)
    assert found.rain_hour_mm == pytest.approx(sum_of(amounts, AT_MS - 3_600_000))
    assert found.rain_24h_mm == pytest.approx(sum_of(amounts, AT_MS - 86_400_000))
    assert found.rain_day_mm == pytest.approx(sum_of(amounts, to_millis(datetime(2026, 6, 1, 22, tzinfo=UTC))))


def sum_of(amounts, after_ms):
    return sum(amount for at_ms, amount in amounts.items() if after_ms < at_ms <= AT_MS)


def test_rain_in_inches_comes_in_millimeters_and_no_gauge_is_no_rain():
    station = made(("rain", "in"))
    store(station, [1.0])
    assert observed(station, AT_MS).rain_hour_mm == 25.4
    assert observed(made_dry(), AT_MS).rain_hour_mm is None


def made_dry():
    station = Station.objects.create(name="Dry")
    ingest.store(station, [Measurement(1, AT_MS, 1.0)])
    return station


def test_calibrated_values_are_uploaded():
    station = made(("temperature", "degC"))
    add_sensor(station, 1, _ever(), "MCP9808", "anna", factor=1.0, offset=-2.0)
    store(station, [10.0])
    assert observed(station, AT_MS).temperature_c == 8.0


def _ever():
    from readings.calendar.span import EVER

    return EVER


def test_the_next_moment_is_the_last_one_of_the_interval_or_that_at_which_the_station_went_on():
    station = made(("temperature", "degC"), ("humidity", "%"))
    for minutes in (0, 1, 4, 9, 60):
        store(station, [10.0, 50.0], AT_MS + minutes * MINUTE_MS)
    after = AT_MS
    found = []
    while (moment := moment_after(station, after, after + 5 * MINUTE_MS)) is not None:
        found.append((moment - AT_MS) // MINUTE_MS)
        after = moment
    assert found == [4, 9, 60]
    assert timedelta(milliseconds=after - AT_MS) == timedelta(hours=1)
