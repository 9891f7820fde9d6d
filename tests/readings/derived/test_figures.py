"""What a station's newest values tell together, and where pages and programs see it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from freetemp.fields import to_millis
from readings import ingest
from readings.derived.felt import apparent_temperature_c, heat_index_c, humidex, wind_chill_c
from readings.derived.figures import derived
from readings.derived.sea_level import sea_level_pressure_hpa
from readings.derived.tendency import Characteristic
from readings.derived.vapour import absolute_humidity_g_m3, dew_point_c, vapour_pressure_deficit_kpa
from readings.history.trend import Trend
from readings.ingest.reports import Measurement
from stations.models import Station

from .test_pairing import NOON, fields_of

SPACE = "\N{NARROW NO-BREAK SPACE}"


def told(trends=None, elevation_m=None, **values):
    """Return the figures of a station that measured these values, by their names without the blanks, at noon."""
    units = {"temperature": "C", "humidity": "%", "wind": "m/s", "pressure": "hPa"}
    fields = fields_of(*(f"{name} {units[name]}" for name in values))
    for field, value in zip(fields, values.values(), strict=True):
        field.newest_value = value
    return derived(Station(interval_s=60, elevation_m=elevation_m), fields, trends or {})


@pytest.mark.sqlite_only
def test_a_hot_day_has_its_figures_in_metric_units():
    found = told(temperature=32.0, humidity=60.0, wind=2.0, pressure=955.0, elevation_m=500)
    assert (found.numbers, found.at) == ([1, 2, 3, 4], NOON)
    assert found.dew_point_c == dew_point_c(32, 60)
    assert found.heat_index_c == heat_index_c(32, 60)
    assert found.humidex == humidex(32, 60)
    assert found.wind_chill_c is None
    assert found.apparent_temperature_c == apparent_temperature_c(32, 60, 2)
    assert found.absolute_humidity_g_m3 == absolute_humidity_g_m3(32, 60)
    assert found.vapour_pressure_deficit_kpa == vapour_pressure_deficit_kpa(32, 60)
    assert found.sea_level_pressure_hpa == sea_level_pressure_hpa(955, 500, 32, 60)


@pytest.mark.sqlite_only
def test_a_cold_day_has_a_wind_chill_by_kilometres_an_hour():
    found = told(temperature=-10.0, wind=20 / 3.6)
    assert found.wind_chill_c == pytest.approx(wind_chill_c(-10, 20))
    assert found.numbers == [1, 2]
    assert found.apparent_temperature_c is found.humidex is None


@pytest.mark.sqlite_only
def test_fields_that_told_nothing_are_not_named():
    assert told(temperature=20.0, humidity=50.0, wind=200.0, pressure=1000.0).numbers == [1, 2]
    assert told(temperature=30.0, wind=2.0) is None


@pytest.mark.sqlite_only
def test_the_oldest_of_the_values_that_told_something_is_named():
    fields = fields_of("temperature C", "humidity %", "wind m/s", humidity=60, wind=119)
    assert derived(Station(interval_s=60), fields, {}).at == fields[2].newest_at
    fields[2].newest_value = 99.0
    assert derived(Station(interval_s=60), fields, {}).at == fields[1].newest_at, "such a wind tells nothing"


@pytest.mark.sqlite_only
@pytest.mark.parametrize(("elevation_m", "is_told"), [(None, False), (0, True), (300, True), (1600, False)])
def test_a_sea_level_pressure_needs_an_elevation(elevation_m, is_told):
    found = told(temperature=10.0, pressure=980.0, elevation_m=elevation_m)
    assert (found is not None) == is_told


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("temperature_c", "humidity"), [(1e300, 60.0), (1e300, 1e300), (60.1, 50.0), (20.0, 5e-324), (-1e300, -1e300)]
)
def test_nothing_is_told_of_what_a_broken_board_reports(temperature_c, humidity):
    assert told(temperature=temperature_c, humidity=humidity, wind=1e300, pressure=1e300, elevation_m=100) is None


@pytest.mark.sqlite_only
def test_a_tendency_comes_from_the_hours_of_its_trend():
    rising = Trend(1.2, 3, False, "slowly", hourly=(1000.0, 1000.9, 1001.2, 1001.2), least=0.2)
    found = told({1: rising}, pressure=1001.2)
    assert found.pressure_tendency.change_hpa == 1.2
    assert found.pressure_tendency.characteristic == Characteristic(1, "increasing", "steady")
    assert told({1: Trend(1.2, 3, False, "slowly")}, pressure=1001.2) is None, "an hour is missing"
    assert told({}, pressure=1001.2) is None


@pytest.fixture
def weather_station(station):
    """Return a station at 100 m that has reported by the quarter of an hour, for four hours."""
    Station.objects.update(elevation_m=100, interval_s=900)
    station.fields.create(number=2, name="humidity", unit="%")
    station.fields.create(number=3, name="wind speed", unit="km/h")
    station.fields.create(number=4, name="pressure", unit="hPa")
    now = timezone.now()
    ingest.store(
        station,
        [
            Measurement(number, to_millis(now - n * timedelta(minutes=15)) - 1000, value)
            for n in range(17)
            for number, value in enumerate((-5.0, 80.0, 20.0, 1000.0 - n / 4 - 0.05), start=1)
        ],
    )
    station.refresh_from_db()
    return station


@pytest.mark.django_db
def test_a_page_shows_the_figures_in_the_viewers_units_and_language(client, weather_station):
    address = weather_station.get_absolute_url()
    page, us, german = (client.get(f"{address}{query}").content.decode() for query in ("", "?units=us", "?lang=de"))
    assert f"Wind chill</dt><dd>\N{MINUS SIGN}11.6{SPACE}°C" in page
    assert f"Absolute humidity</dt><dd>2.7{SPACE}g/m³" in page
    assert f"Sea-level pressure</dt><dd>1012.7{SPACE}hPa" in page
    assert "Pressure tendency</dt><dd>increasing</dd>" in page
    assert "from temperature, humidity, wind speed and pressure" in page
    assert f"Sea-level pressure</dt><dd>29.91{SPACE}inHg" in us
    assert "Druck auf Meereshöhe" in german
    assert "steigend" in german


@pytest.mark.django_db
def test_a_program_gets_the_figures_of_one_station(client, weather_station, django_assert_num_queries):
    with django_assert_num_queries(3):
        answer = client.get(f"/api/v1/stations/{weather_station.pk}/").json()
    found = answer["derived"]
    assert found["of"] == [1, 2, 3, 4]
    assert found["wind_chill_c"] == pytest.approx(-11.6, abs=0.05)
    assert found["humidex"] is None
    assert found["pressure_tendency"] == {"change_hpa": 3.0, "characteristic": 2}
    assert "derived" not in client.get("/api/v1/stations/").json()[0], "it takes a question for each"


@pytest.mark.django_db
def test_a_station_that_measures_one_thing_has_none(client, station):
    assert client.get(f"/api/v1/stations/{station.pk}/").json()["derived"] is None
