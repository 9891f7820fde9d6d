"""readings.csv and readings.json."""

import csv
import gc
import gzip
import io
import json
import re
import tracemalloc
from datetime import UTC, date, datetime

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from freetemp.fields import to_millis
from readings import ingest
from readings.calendar.periods import Period
from readings.files.csv_import import ReadingsFile
from readings.files.csv_json import csv_file
from readings.files.places import AT_ONCE, OF_ONE_NETWORK
from readings.ingest.insert import insert_readings
from readings.ingest.reports import Measurement
from stations.models import Station
from tests.fuzz.examples import examples

pytestmark = pytest.mark.django_db

NOON_MS = to_millis(datetime(2026, 6, 1, 12, tzinfo=UTC))


@pytest.fixture
def export(client, station):
    station.fields.create(number=2, name="humidity", unit="%")
    station.fields.create(number=3, name="count, of drops", unit="")
    measurements = [Measurement(1, NOON_MS, 21.4), Measurement(2, NOON_MS, 60), Measurement(1, NOON_MS + 61_001, 21.5)]
    ingest.store(station, measurements)

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


def test_all_has_a_reading_that_a_clock_has_dated_ahead(export, station):
    ingest.store(station, [Measurement(1, NOON_MS + 40 * 3_600_000, 23.0)])
    station.fields.update(newest_at=NOON_MS)  # As once the clock is set back.
    response, rows = export("?period=all")
    assert [row[1] for row in rows[1:]] == ["21.4", "21.5", "23.0"]
    assert "garden-2026-06-01-to-2026-06-03.csv" in response["Content-Disposition"]


@pytest.mark.parametrize("query", ["?date=tomorrow", "?period=eon", "?start=x", "?start=2026-06-02&end=2026-06-01"])
def test_an_address_that_names_no_period_is_a_400_with_a_sentence(export, query):
    response, _ = export(query)
    assert response.status_code == 400
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert b"__all__" not in response.getvalue()


def test_a_private_station_has_no_file_but_for_staff(client, station, admin_client):
    station.public = False
    station.save()
    for name in ("readings.csv", "readings.json"):
        address = f"/stations/{station.pk}/{name}"
        assert client.get(address).status_code == 404
        assert admin_client.get(address).status_code == 200


def test_a_file_is_read_in_pieces_of_some_thousands(client, station, django_assert_num_queries):
    for count, pieces in ((1, 1), (5_000, 3)):
        ingest.store(station, (Measurement(1, NOON_MS + n, 1.0) for n in range(count)))
        with django_assert_num_queries(2 + pieces):
            client.get(f"/stations/{station.pk}/readings.csv?date=2026-06-01").getvalue()


def test_asking_for_the_headers_alone_reads_nothing(client, station, django_assert_num_queries):
    with django_assert_num_queries(2):
        response = client.head(f"/stations/{station.pk}/readings.csv?date=2026-06-01")
        assert response["Content-Type"] == "text/csv; charset=utf-8"


def test_a_file_is_named_by_its_station_and_its_days(client, station):
    def name(query):
        return client.get(f"/stations/{station.pk}/readings.csv?{query}")["Content-Disposition"].partition('"')[2][:-1]

    assert name("date=2026-06-01") == "garden-2026-06-01.csv"
    assert name("period=year&date=2026-06-01") == "garden-2026-01-01-to-2026-12-31.csv"


@pytest.mark.parametrize("suffix", ["csv", "json"])
def test_who_can_take_it_gets_it_compressed(client, station, export, suffix):
    address = f"/stations/{station.pk}/readings.{suffix}?period=all"
    packed = client.get(address, headers={"accept-encoding": "br, gzip"})
    assert packed["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed["Vary"]
    assert gzip.decompress(packed.getvalue()) == client.get(address).getvalue()


@pytest.fixture
def download(client, station, export):
    address = f"/stations/{station.pk}/readings.csv?period=all"
    return lambda network: client.get(address, REMOTE_ADDR=network)


def test_so_many_files_at_once_and_no_more(download):
    on_their_way = [download(f"192.0.2.{number}") for number in range(AT_ONCE)]
    refused = download("192.0.2.99")
    assert (refused.status_code, refused["Retry-After"]) == (503, "60")
    on_their_way.pop()
    gc.collect()  # Like a server that drops a response when its connection breaks before anything is sent.
    for _ in range(AT_ONCE + 1):
        assert download("192.0.2.99").getvalue().count(b"\n") == 3


def test_nobody_keeps_all_files_from_everybody_else(download):
    on_their_way = [download(f"2001:db8::{number}") for number in range(OF_ONE_NETWORK)]
    assert download("2001:db8::ffff").status_code == 503
    assert download("192.0.2.1").getvalue().count(b"\n") == 3
    on_their_way.pop()
    gc.collect()
    assert download("2001:db8::ffff").getvalue().count(b"\n") == 3


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
    assert ReadingsFile(station, [",".join(["measured_at", header[-1]])]).header.columns[0].field == field


NAMES = st.text("""=+-@;,|\t"' ab[]%\uff1d""", min_size=1, max_size=12).map(str.strip).filter(bool)


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("x;=1+1;y", "x;'=1+1;y"),
        ("x\t@SUM(A1)", "x\t'@SUM(A1)"),
        ('x;"=1+1', "x;'\"=1+1"),
        ("x, -1", "x,' -1"),
        ("\uff1d1", "'\uff1d1"),
        ("soil - 10 cm, a=b", "soil - 10 cm, a=b"),
    ],
)
def test_a_formula_is_none_wherever_a_spreadsheet_may_part_the_cells(export, station, name, header):
    station.fields.create(number=4, name=name, unit="")
    assert export()[1][0][-1] == header


@pytest.mark.any_day
@examples(100)
@given(NAMES, st.one_of(st.just(""), NAMES))
def test_no_name_and_no_unit_makes_a_formula_and_each_is_found_by_an_import(db, name, unit):
    with transaction.atomic():
        station = Station.objects.create(name="Pond", mac=None)
        station.fields.update(name=name, unit=unit)
        first_line = next(csv_file(station.fields.all(), Period.containing(date(2026, 6, 1), "day", UTC))).rstrip(
            "\r\n"
        )
        for separator in ";,|\t":
            assert not [cell for cell in first_line.split(separator) if re.match('["\\s]*[=+@\uff1d-]', cell)]
        header = ReadingsFile(station, [first_line]).header
        assert [(column.field.name, column.conversion) for column in header.columns] == [(name, None)]
        transaction.set_rollback(True)


@pytest.mark.any_day
@pytest.mark.parametrize("suffix", ["csv", "json"])
def test_a_long_file_takes_no_more_memory_than_its_chunks(client, station, suffix):
    # Without rollups, which take longer.
    insert_readings({(station.pk, 1, NOON_MS + n): 1.0 for n in range(1, 99_999)})
    ingest.store(station, [Measurement(1, NOON_MS + n, 1.0) for n in (0, 99_999)])
    response = client.get(f"/stations/{station.pk}/readings.{suffix}?period=all")
    tracemalloc.start()
    try:
        size = sum(map(len, response))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert size > 3_000_000
    assert peak < 2_000_000
