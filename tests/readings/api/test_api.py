"""The JSON API."""

import gzip
import json
import re
from datetime import UTC, datetime, timedelta
from itertools import groupby

import pytest
from django.utils import timezone

from freetemp.fields import to_millis
from readings import ingest
from readings.ingest.reports import Measurement
from stations.models import Station

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def roof(station):
    Station.objects.filter(pk=station.pk).update(latitude=52.5, longitude=13.4, last_heard_at=timezone.now())
    ingest.store(station, [Measurement(1, to_millis(NOON) + n * 60_000, 20.0 + n) for n in range(5)])
    return station


def test_a_station_has_its_fields_with_their_newest_values(client, roof):
    answer = client.get(f"/api/v1/stations/{roof.pk}/").json()
    assert answer["name"] == "Garden"
    assert answer["status"] == "alive"
    assert answer["timezone"] == "Europe/Berlin"
    (field,) = answer["fields"]
    assert field["unit"] == "degC"
    assert field["newest"] == {"value": 24.0, "at": "2026-06-01T12:04:00Z", "plausible": True}
    assert not answer.keys() & {"notes", "mac", "keys"}


def test_the_list_has_every_public_station_and_its_queries_do_not_grow(client, roof, django_assert_num_queries):
    for count in (1, 20):
        while Station.objects.count() < count:
            Station.objects.create(name=f"Station {Station.objects.count()}")
        with django_assert_num_queries(2):
            assert len(client.get("/api/v1/stations/").json()) == count


def test_coordinates_are_for_staff_unless_the_station_is_on_the_map(client, admin_client, roof):
    address = f"/api/v1/stations/{roof.pk}/"
    assert client.get(address).json()["latitude"] is None
    assert admin_client.get(address).json()["latitude"] == 52.5
    Station.objects.update(on_map=True)
    assert client.get(address).json()["longitude"] == 13.4


def test_a_series_is_columns_of_equal_length(client, roof):
    answer = client.get(
        f"/api/v1/stations/{roof.pk}/series/?field=1&start={NOON.timestamp()}&end=2026-06-01T14:03"
    ).json()
    assert answer["unit"] == "degC"
    assert answer["step_s"] is None
    assert answer["time"] == [NOON.timestamp() + 60 * n for n in range(3)]
    assert answer["mean"] == answer["min"] == answer["max"] == [20.0, 21.0, 22.0]


def test_a_series_takes_two_queries_to_find_its_field_and_two_to_read_it(client, roof, django_assert_num_queries):
    address = f"/api/v1/stations/{roof.pk}/series/?start={NOON.timestamp()}"
    for rest in ("&points=500", "&points=2", f"&points=2&end={NOON.timestamp() + 600}"):
        with django_assert_num_queries(4):
            client.get(address + rest)


def test_a_series_is_compressed_for_whom_can_take_it(client, roof):
    address = f"/api/v1/stations/{roof.pk}/series/?start={NOON.timestamp()}&end={NOON.timestamp() + 600}"
    plain, packed = (client.get(address, headers={"accept-encoding": each}) for each in ("identity", "br, gzip"))
    assert "Content-Encoding" not in plain
    assert packed["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed["Vary"]
    assert int(packed["Content-Length"]) == len(packed.content)
    assert json.loads(gzip.decompress(packed.content)) == plain.json()


def test_without_a_range_it_is_the_last_day(client, station):
    now = to_millis(timezone.now())
    day_ms = to_millis(timezone.now() - timedelta(days=1))
    ingest.store(station, [Measurement(1, now - 1000, 1.0), Measurement(1, day_ms - 60_000, 2.0)])
    assert client.get(f"/api/v1/stations/{station.pk}/series/").json()["mean"] == [1.0]


@pytest.mark.parametrize(
    "query",
    [
        *("field=0", "field=x", "field=999", "points=1", "points=2001", "points=x", "points=1e9"),
        *("start=x", "end=1e308", "start=9999-12-31", "start=2026-06-02&end=2026-06-01", "start=%00", "end=-1"),
    ],
)
def test_a_question_that_cannot_be_answered_is_a_400_that_names_the_part(client, roof, query):
    response = client.get(f"/api/v1/stations/{roof.pk}/series/?{query}")
    assert response.status_code == 400
    assert response.json().keys() <= {"field", "points", "start", "end"}


def test_what_is_not_there_is_a_404_in_json(client, roof):
    addresses = [f"/api/v1/stations/{rest}" for rest in ("99999/", "garden/", "garden/series/", "1/2/3/", "%00/")]
    for address in (*addresses, f"/api/v1/stations/{roof.pk}/series/?field=2"):
        response = client.get(address)
        assert (response.status_code, response["Content-Type"]) == (404, "application/json")


def test_a_private_station_is_not_there_but_for_staff(client, admin_client, roof):
    Station.objects.update(public=False)
    for address in (f"/api/v1/stations/{roof.pk}/", f"/api/v1/stations/{roof.pk}/series/", f"/stations/{roof.pk}/"):
        assert client.get(address).status_code == 404
        assert admin_client.get(address).status_code == 200
    assert client.get("/api/v1/stations/").json() == []
    assert len(admin_client.get("/api/v1/stations/").json()) == 1


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_nothing_is_changed_through_it(client, roof, method):
    answer = client.generic(method, f"/api/v1/stations/{roof.pk}/")
    assert answer.status_code == 405


def test_the_schema_describes_every_address_and_its_page_for_people_loads_no_foreign_script(client):
    schema = client.get("/api/v1/schema/").content.decode()
    for path in ("/api/v1/stations/:", "/api/v1/stations/{id}/:", "/api/v1/stations/{id}/series/:"):
        assert path in schema
    assert "/readings.csv?period=" in schema, "files are no part of the API, but programs want them"
    page = client.get("/api/v1/docs/")
    assert page.status_code == 200
    assert "https://" not in page.content.decode()
    assert "script-src 'self';" in page["Content-Security-Policy"] + ";"


def test_the_description_begins_with_what_programs_want_and_ends_with_flashing(client):
    described = client.get("/api/v1/schema/?format=json").json()
    tags = [next(iter(methods.values()))["tags"] for methods in described["paths"].values()]
    assert [tag for [tag], _ in groupby(tags)] == ["stations", "boards", "flashing"]
    assert [tag["name"] for tag in described["tags"]] == ["stations", "boards", "flashing"]
    assert list(described["paths"])[:3] == [f"/api/v1/stations/{rest}" for rest in ("", "{id}/", "{id}/series/")]
    for path in list(described["paths"])[:3]:
        assert {} in described["paths"][path]["get"]["security"], "a public station needs no key"


def test_the_examples_of_the_description_can_be_run(client, roof, settings):
    described = client.get("/api/v1/schema/?format=json").json()["info"]["description"]
    examples = re.findall(rf"{settings.SERVER_URL}(/[^\s\"]+)", described)
    assert len(examples) == 4
    for address in examples:
        assert client.get(address.replace("stations/1/", f"stations/{roof.pk}/")).status_code == 200
