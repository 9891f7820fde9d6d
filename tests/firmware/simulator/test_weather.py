"""Made-up weather that could be real."""

import dataclasses
import itertools
from datetime import UTC, datetime, timedelta
from statistics import fmean

import pytest

from firmware.simulator.weather import DAY_S, Place, sensor_values

pytestmark = pytest.mark.sqlite_only

BERLIN = Place("Greenhouse", 52.5, 13.4, 40)
CAPE_TOWN = Place("Greenhouse", -33.9, 18.4, 40)
HOUR_S = 3600


def at(*moment):
    return datetime(*moment, tzinfo=UTC).timestamp()


def mean(place, quantity, start_s, days, hour=None):
    hours = range(days * 24) if hour is None else range(hour, days * 24, 24)
    return fmean(sensor_values(place, start_s + n * HOUR_S)[quantity] for n in hours)


def test_the_same_station_has_the_same_weather_at_the_same_moment_and_another_has_another():
    moment = at(2026, 6, 1, 12)
    assert sensor_values(BERLIN, moment) == sensor_values(dataclasses.replace(BERLIN), moment)
    assert sensor_values(BERLIN, moment) != sensor_values(dataclasses.replace(BERLIN, seed="Pond"), moment)


def test_it_is_the_same_on_every_computer():
    assert sensor_values(BERLIN, at(2026, 6, 1, 12)) == {
        "temperature": 19.892,
        "humidity": 55.218,
        "pressure": 1004.391,
        "rain": 0,
        "wind_speed": 5.108,
        "wind_direction": 222.6,
        "illuminance": 51854,
    }


@pytest.mark.parametrize(
    "place", [BERLIN, CAPE_TOWN, Place("Peak", 0, -78, 5000), Place("Pole", 90, 0, 2800), Place("X")]
)
def test_over_years_it_stays_what_a_sensor_could_measure(place):
    for n in range(3 * 365 * 4):
        now = sensor_values(place, at(2026, 1, 1) + n * 6.1 * HOUR_S)
        assert -60 < now["temperature"] < 50, n
        assert 5 <= now["humidity"] <= 100, n
        assert 300 < now["pressure"] < 1060, n
        assert 0 <= now["rain"] < 10, n
        assert 0 <= now["wind_speed"] < 15, n
        assert 0 <= now["wind_direction"] < 360, n
        assert 0 <= now["illuminance"] <= 100_000, n


def test_an_afternoon_is_warmer_and_drier_than_the_night_by_the_station_s_own_sun():
    june = at(2026, 6, 1)
    afternoon, night = (mean(BERLIN, "temperature", june, 30, hour) for hour in (14, 2))
    assert 4 < afternoon - night < 14
    assert mean(BERLIN, "humidity", june, 30, 14) < mean(BERLIN, "humidity", june, 30, 2) - 10
    tokyo = Place("Greenhouse", 35.7, 139.7)
    assert mean(tokyo, "temperature", june, 30, 5) > mean(tokyo, "temperature", june, 30, 17) + 4


def test_summer_is_in_july_in_the_north_and_in_january_in_the_south():
    july, january = at(2026, 7, 1), at(2026, 1, 1)
    assert mean(BERLIN, "temperature", july, 30) - mean(BERLIN, "temperature", january, 30) > 12
    assert mean(CAPE_TOWN, "temperature", january, 30) - mean(CAPE_TOWN, "temperature", july, 30) > 6


def test_height_lowers_temperature_and_pressure_as_the_standard_atmosphere_does():
    low, high = (Place("Greenhouse", 47, 11, elevation_m) for elevation_m in (0, 1000))
    moment = at(2026, 6, 1, 12)
    assert sensor_values(low, moment)["temperature"] - sensor_values(high, moment)["temperature"] == pytest.approx(
        6.5, abs=0.01
    )
    # ICAO Doc 7488: 898.75 hPa at 1,000 m for 1013.25 hPa at sea level.
    assert sensor_values(high, moment)["pressure"] / sensor_values(low, moment)["pressure"] == pytest.approx(
        898.75 / 1013.25, abs=1e-4
    )


def test_from_minute_to_minute_it_changes_a_little_and_from_day_to_day_more():
    start = at(2026, 4, 1)
    minutes = [sensor_values(BERLIN, start + n * 60) for n in range(2 * 24 * 60)]
    for name, most in [("temperature", 0.25), ("humidity", 2), ("pressure", 0.1)]:
        steps = [abs(b[name] - a[name]) for a, b in itertools.pairwise(minutes)]
        assert 0 < max(steps) < most, name
    noons = [sensor_values(BERLIN, start + DAY_S * day + 12 * HOUR_S) for day in range(60)]
    for name, least in [("temperature", 4), ("humidity", 15), ("pressure", 12)]:
        values = [noon[name] for noon in noons]
        assert max(values) - min(values) > least, name


def test_a_moment_may_be_of_any_date():
    for year in (1970, 2000, 2100):
        assert sensor_values(BERLIN, (datetime(year, 1, 1, tzinfo=UTC) + timedelta(days=3)).timestamp())
