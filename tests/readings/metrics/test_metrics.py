"""/metrics, as Prometheus' own parser for Python reads it."""

import math
from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import example, given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from freetemp.fields import to_millis
from readings import ingest
from readings.ingest.reports import Measurement
from readings.metrics.exposition import CONTENT_TYPE, escaped
from readings.metrics.names import metric_of
from stations.models import Station
from stations.quantities import QUANTITIES
from tests.fuzz.examples import examples
from tests.server import ROOT

pytestmark = pytest.mark.django_db

TOKEN = "a token of tests, of 24 characters".replace(" ", "-")


def read(text):
    """Return samples by their names: labels and values. Fails if a metric or a series comes twice."""
    assert text.endswith("\n")
    families = list(text_string_to_metric_families(text))
    assert len({family.name for family in families}) == len(families)
    samples = [sample for family in families for sample in family.samples]
    assert not any(sample.timestamp for sample in samples)
    series = [(sample.name, *sorted(sample.labels.items())) for sample in samples]
    assert len(set(series)) == len(series)
    return {sample.name: (sample.labels, sample.value) for sample in samples}


def store(station, seconds_ago=0, **values):
    """Store the newest values of fields by their names."""
    at_ms = to_millis(timezone.now() - timedelta(seconds=seconds_ago))
    numbers = dict(station.fields.values_list("name", "number"))
    ingest.store(station, [Measurement(numbers[name], at_ms, value) for name, value in values.items()])
    return at_ms


@pytest.fixture
def roof():
    station = Station.objects.create(name='Roof "one"\n\\', interval_s=60)
    station.fields.create(number=2, name="rain", unit="in", quantity="rain_counter")
    station.fields.create(number=3, name="pressure", unit="inHg")
    return station


def test_newest_values_come_in_base_units_with_their_station_and_field(client, roof):
    at_ms = store(roof, temperature=21.4, rain=2.0, pressure=29.92)
    answer = client.get("/metrics")
    assert answer["Content-Type"] == CONTENT_TYPE == "text/plain; version=0.0.4; charset=utf-8"
    found = read(answer.content.decode())
    of_station = {"station": str(roof.pk), "name": roof.name}
    assert found["freetemp_temperature_celsius"] == (of_station | {"field": "1", "field_name": "temperature"}, 21.4)
    assert found["freetemp_rain_meters_total"][1] == 0.0508
    assert math.isclose(found["freetemp_pressure_pascals"][1], 101320.759, abs_tol=0.001)
    assert found["freetemp_reading_timestamp_seconds"] == (of_station, at_ms / 1000)
    assert found["freetemp_station_interval_seconds"] == (of_station, 60)
    assert "# TYPE freetemp_rain_meters_total counter\n" in answer.content.decode()


def test_a_value_that_is_overdue_is_left_out_and_its_moment_stays(client, roof):
    store(roof, rain=2.0, seconds_ago=30)
    store(roof, temperature=21.4, seconds_ago=181)
    found = read(client.get("/metrics").content.decode())
    assert "freetemp_temperature_celsius" not in found
    assert found["freetemp_rain_meters_total"]
    store(roof, rain=3.0)
    Station.objects.update(interval_s=1)
    roof.fields.filter(number=2).update(newest_at=timezone.now() - timedelta(seconds=4))
    found = read(client.get("/metrics").content.decode())
    assert found.keys() == {
        "freetemp_build_info",
        "freetemp_reading_timestamp_seconds",
        "freetemp_station_interval_seconds",
    }


@pytest.mark.usefixtures("roof")
def test_a_value_that_no_weather_explains_is_left_out(client, roof):
    roof.fields.filter(number=1).update(smallest=-100, largest=100)
    store(roof, temperature=-127.0)
    assert "freetemp_temperature_celsius" not in read(client.get("/metrics").content.decode())


def test_private_stations_are_for_the_token_and_for_staff(client, admin_client, roof, settings):
    Station.objects.update(public=False)
    store(roof, temperature=21.4)
    settings.METRICS_TOKEN = TOKEN
    given = {"headers": {"authorization": f"Bearer {TOKEN}"}}
    assert b"Roof" not in client.get("/metrics").content
    private = client.get("/metrics", **given)
    assert b"Roof" in private.content
    assert "no-store" in private["Cache-Control"]
    assert b"Roof" in admin_client.get("/metrics").content
    settings.METRICS_TOKEN = ""
    for wrong in ("", "x", TOKEN):
        refused = client.get("/metrics", headers={"authorization": f"Bearer {wrong}"})
        assert (refused.status_code, refused["WWW-Authenticate"]) == (401, "Bearer")
    Station.objects.update(public=True, active=False)
    assert b"Roof" not in admin_client.get("/metrics").content


def test_its_queries_do_not_grow_with_the_stations(client, roof, django_assert_num_queries):
    for count in (1, 20):
        while Station.objects.count() < count:
            store(Station.objects.create(name=f"Station {Station.objects.count()}"), temperature=1.0)
        with django_assert_num_queries(2):
            assert client.get("/metrics").content.count(b"\nfreetemp_station_interval_seconds") == count


@examples(100)
@given(st.text(st.characters(exclude_categories=["Cs"])))
@example("\\n")
@example('\\"')
def test_any_text_comes_back_from_a_label(text):
    (family,) = text_string_to_metric_families(f'm{{a="{escaped(text)}",b="1"}} 1\n')
    assert family.samples[0].labels == {"a": text, "b": "1"}


def test_every_quantity_and_unit_has_a_name_that_the_format_allows_and_one_kind():
    kinds = {}
    for quantity, of_table in QUANTITIES.items():
        for unit in [*of_table.units, "furlongs"]:
            metric = metric_of(quantity, unit)
            assert metric.name.replace("_", "a").isalnum()
            assert kinds.setdefault(metric.name, (metric.is_counter, metric.about)) == (metric.is_counter, metric.about)
            assert (metric.unit is None) == (unit != "furlongs")
    page = (ROOT / "docs" / "prometheus.md").read_text()
    assert [name for name in kinds if name not in page] == []


@pytest.mark.parametrize(
    ("quantity", "unit", "value", "name", "text"),
    [
        ("temperature", "degF", 68.0, "freetemp_temperature_celsius", "20"),
        ("humidity", "%", 55.5, "freetemp_humidity_ratio", "0.555"),
        ("wind_gust", "km/h", 36.0, "freetemp_wind_gust_meters_per_second", "10"),
        ("rain_rate", "in/h", 1.0, "freetemp_rain_rate_meters_per_second", "7.05555555556e-06"),
        ("pm25", "ug/m3", 12.0, "freetemp_pm25_grams_per_cubic_meter", "1.2e-05"),
        ("co2", "ppm", 415.0, "freetemp_co2_ratio", "0.000415"),
        ("soil_moisture", "cbar", 20.0, "freetemp_soil_moisture_tension_pascals", "20000"),
        ("lightning_distance", "mi", 1.0, "freetemp_lightning_distance_meters", "1609.344"),
        ("other", "furlongs", 3.0, "freetemp_other", "3"),
    ],
)
def test_a_value_is_converted_to_the_unit_in_its_name(quantity, unit, value, name, text):
    metric = metric_of(quantity, unit)
    assert (metric.name, metric.text_of(value)) == (name, text)
