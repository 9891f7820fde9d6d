"""readings.csv."""

import csv
import io
import json
import tracemalloc
from datetime import UTC, datetime

import pytest

from freetemp.fields import to_millis
from readings.files import ReadingsFile
from readings.models import Reading
from readings.reports import Measurement

pytestmark = pytest.mark.django_db

NOON_MS = to_millis(datetime(2026, 6, 1, 12, tzinfo=UTC))


@pytest.fixture
def export(client, station):
    station.fields.create(number=2, name="humidity", unit="%")
    station.fields.create(number=3, name="count, of drops", unit="")
    measurements = [Measurement(1, NOON_MS, 21.4), Measurement(2, NOON_MS, 60), Measurement(1, NOON_MS + 61_001, 21.5)]
    Reading.objects.store(station, measurements)

    def export(query="?date=2026-06-01"):
        response = client.get(f"/stations/{station.pk}/readings.csv{query}")
        return response, list(csv.reader(io.StringIO(response.getvalue().decode())))

    return export


def test_a_moment_is_a_line_in_the_zone_of_the_station_with_units_in_the_header(export):
    response, rows = export()
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="garden-2026-06-01.csv"'
    assert rows == [
        ["measured_at", "temperature [degC]", "humidity [%]", "count, of drops"],
        ["2026-06-01T14:00:00.000+02:00", "21.4", "60.0", ""],
        ["2026-06-01T14:01:01.001+02:00", "21.5", "", ""],
    ]


def test_it_holds_what_the_page_shows_and_no_more(export):
    assert len(export("?date=2026-06-02")[1]) == 1
    assert len(export("?start=2026-06-01T14:01&end=2026-06-01T15:00")[1]) == 2
    assert len(export("?period=all")[1]) == 3


@pytest.mark.parametrize("query", ["?date=tomorrow", "?period=eon", "?start=x", "?start=2026-06-02&end=2026-06-01"])
def test_an_address_that_names_no_period_is_a_400_with_a_sentence(export, query):
    response, _ = export(query)
    assert response.status_code == 400
    assert response["Content-Type"] == "text/plain; charset=utf-8"


def test_a_private_station_has_no_file_but_for_staff(client, station, admin_client):
    station.public = False
    station.save()
    for name in ("readings.csv", "readings.json"):
        address = f"/stations/{station.pk}/{name}"
        assert client.get(address).status_code == 404
        assert admin_client.get(address).status_code == 200


def test_queries_do_not_grow_with_the_readings(client, station, django_assert_num_queries):
    for count in (1, 5_000):
        Reading.objects.store(station, (Measurement(1, NOON_MS + n, 1.0) for n in range(count)))
        with django_assert_num_queries(3):
            client.get(f"/stations/{station.pk}/readings.csv?date=2026-06-01").getvalue()


def test_json_holds_the_same_with_null_where_a_field_has_no_reading(client, station, export):
    response = client.get(f"/stations/{station.pk}/readings.json?period=all")
    assert response["Content-Disposition"].endswith('.json"')
    answer = json.loads(response.getvalue())
    assert answer["columns"] == ["measured_at", "temperature [degC]", "humidity [%]", "count, of drops"]
    assert answer["data"][1] == ["2026-06-01T14:01:01.001+02:00", 21.5, None, None]


def test_json_of_a_period_without_readings_has_no_data(client, station, export):
    assert json.loads(client.get(f"/stations/{station.pk}/readings.json?date=2026-06-02").getvalue())["data"] == []


@pytest.mark.parametrize("sign", "=+-@")
def test_a_field_name_is_no_formula_and_still_imports(export, station, sign):
    field = station.fields.create(number=4, name=f"{sign}1+1", unit="")
    header = export()[1][0]
    assert header[-1] == f"'{sign}1+1"
    station = type(station).objects.get(pk=station.pk)
    assert ReadingsFile(station, [",".join(["measured_at", header[-1]])]).columns == [field]


@pytest.mark.parametrize("suffix", ["csv", "json"])
def test_a_long_file_takes_no_more_memory_than_its_chunks(client, station, suffix):
    Reading.objects.store(station, (Measurement(1, NOON_MS + n, 1.0) for n in range(100_000)))
    response = client.get(f"/stations/{station.pk}/readings.{suffix}?period=all")
    tracemalloc.start()
    try:
        size = sum(map(len, response))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert size > 3_000_000
    assert peak < 1_500_000
