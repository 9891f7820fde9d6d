"""The JSON API's series of rain, gusts and directions: their shapes are part of docs/http-api.md."""

from datetime import UTC, datetime

import pytest

from freetemp.fields import to_millis
from readings import ingest
from readings.ingest.reports import Measurement

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
STRETCH = "start=2026-06-01T12:00:00Z&end=2026-06-01T16:00:00Z"


@pytest.fixture
def roof(station):
    station.fields.create(number=2, name="rain", unit="mm")
    station.fields.create(number=3, name="wind direction", unit="deg")
    station.fields.create(number=4, name="gust", unit="m/s")
    minutes = range(0, 120, 10)
    rows = [(2, n, 0.5) for n in minutes]
    rows += [(3, n, direction) for n, direction in zip(minutes, [350.0, 10.0] * 6, strict=True)]
    rows += [(4, n, float(n)) for n in minutes]
    ingest.store(station, [Measurement(number, to_millis(NOON) + n * 60_000, value) for number, n, value in rows])
    return station


@pytest.fixture
def asked(client, roof):
    def asked(field, **more):
        query = "".join(f"&{name}={value}" for name, value in more.items())
        return client.get(f"/api/v1/stations/{roof.pk}/series/?field={field}&{STRETCH}{query}").json()

    return asked


def test_an_amount_comes_as_sums_of_whole_buckets_that_say_where_they_end(asked):
    start = NOON.timestamp()
    answer = asked(2)
    assert (answer["kind"], answer["per"], answer["end"]) == ("sum", "quarter", "2026-06-01T16:00:00Z")
    # A report stands for the time before it: the one at noon belongs to the quarter that ends then.
    assert answer["sum"] == [0.5, 1.0, 0.5, 1.0, 0.5, 1.0, 0.5, 0.5]
    assert answer["time"] == [start + n * 900 for n in range(8)]
    assert answer["until"] == [start + n * 900 for n in range(1, 9)]
    assert not answer.keys() & {"step_s", "mean", "min", "max"}


def test_sums_are_packed_as_they_are(asked):
    assert asked(2, packed=1) == asked(2)


def test_a_direction_comes_with_its_steadiness_and_without_a_lowest_and_highest(asked):
    raw = asked(3)
    assert (raw["kind"], raw["step_s"]) == ("direction", None)
    assert raw["mean"] == [350.0, 10.0] * 6
    assert raw["steadiness"] == [None] * 12
    buckets = asked(3, points=10)
    assert buckets["step_s"] >= 900
    assert all(mean < 12 or mean > 348 for mean in buckets["mean"]), "not south"
    assert all(0.9 < each <= 1 for each in buckets["steadiness"])
    assert not buckets.keys() & {"min", "max"}


def test_packed_directions_are_tenths_of_degrees_and_percents(asked):
    plain, packed = asked(3, points=10), asked(3, points=10, packed=1)
    means, mean = [], 0
    for distance in packed["mean"]:
        mean += distance
        means.append(mean / 10 ** packed["decimals"])
    assert means == pytest.approx(plain["mean"], abs=0.051)
    assert packed["steadiness"] == [int(100 * each) for each in plain["steadiness"]]
    assert asked(3, packed=1)["steadiness"] == []


def test_a_gust_is_a_level_for_programs(asked):
    answer = asked(4)
    assert list(answer) == [
        "station",
        "field",
        "unit",
        "start",
        "end",
        "corrections",
        "step_s",
        "time",
        "mean",
        "min",
        "max",
    ]


def test_the_description_has_the_shapes_of_every_kind(client):
    shapes = client.get("/api/v1/schema/?format=json").json()["components"]["schemas"]
    of_series = {f"#/components/schemas/{name}" for name in shapes if name.endswith("Series") and name != "AnySeries"}
    assert {each["$ref"] for each in shapes["AnySeries"]["oneOf"]} == of_series
    assert {f"#/components/schemas/{name}" for name in ("SumSeries", "DirectionSeries")} <= of_series
