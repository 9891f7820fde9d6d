"""Every change of readings, rollups or their settings first locks the station's fields, in one order."""

import re
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from freetemp.fields import from_millis, to_millis
from readings import ingest
from readings.ingest.reports import Measurement, SingleValue
from readings.ingest.store_group import store_together
from readings.models import Reading
from readings.rollups.locks import locked_fields
from readings.rollups.rebuild import rebuild
from stations.models import Claim, Key, Station

pytestmark = pytest.mark.django_db

NOON_MS = to_millis(datetime(2026, 6, 1, 12, tzinfo=UTC))
NOON = from_millis(NOON_MS)
WRITES = ("INSERT", "UPDATE", "DELETE")


def change_zone(station):
    station.timezone = "Asia/Kathmandu"
    station.save()


def change_limits(station):
    field = station.fields.get()
    field.largest = 0.5
    field.save()


CHANGES = {
    "store": lambda station: ingest.store(station, [Measurement(1, NOON_MS + 5, 1.0)]),
    "report": lambda station: store_together([SingleValue(Claim.of(station.mac, Key.objects.issue(station)), 1, 1.0)]),
    "correct": lambda station: ingest.correct(station, 1, NOON, 2.0),
    "remove": lambda station: ingest.remove(station, 1, NOON, from_millis(NOON_MS + 1)),
    "summarise": lambda station: list(ingest.summarise(station, from_millis(NOON_MS + 900_000))),
    "rebuild": lambda station: (Reading.objects.all()._raw_delete("default"), rebuild(station)),
    "time zone": change_zone,
    "limits": change_limits,
}


@pytest.mark.parametrize("name", CHANGES)
def test_the_fields_are_locked_before_anything_of_the_station_is_written(station, name):
    ingest.store(station, [Measurement(1, NOON_MS, 1.0)])
    with CaptureQueriesContext(connection) as queries:
        CHANGES[name](station)
    statements = [each["sql"] for each in queries if "keys" not in each["sql"] and "select_for" not in each["sql"]]
    locks = [n for n, sql in enumerate(statements) if "bucket_empty_at" in sql and sql.startswith("SELECT id,")]
    of_station = [not re.search("stations_key|audit_event", sql) for sql in statements]
    writes = [n for n, sql in enumerate(statements) if sql.startswith(WRITES) and of_station[n]]
    if name == "rebuild":
        writes = [n for n in writes if "readings_reading" not in statements[n]]
    assert locks, "the fields are locked"
    assert writes, "something is written"
    assert locks[0] < writes[0]


def test_from_when_on_readings_are_kept_is_said_under_the_lock(station):
    """This is in its own transaction: earlier locks are free by then."""
    ingest.store(station, [Measurement(1, NOON_MS, 1.0)])
    with CaptureQueriesContext(connection) as queries:
        list(ingest.summarise(station, from_millis(NOON_MS + 900_000)))
    statements = [each["sql"] for each in queries]
    written = next(n for n, sql in enumerate(statements) if sql.startswith("UPDATE") and "raw_since" in sql)
    begun = max(n for n, sql in enumerate(statements[:written]) if sql.startswith("SAVEPOINT"))
    assert any("bucket_empty_at" in sql for sql in statements[begun:written])


def test_the_fields_that_are_locked_are_those_of_the_stations_and_the_numbers(station):
    pond = Station.objects.create(name="Pond")
    for each, numbers in ((station, (2, 3)), (pond, (3,))):
        for number in numbers:
            each.fields.create(number=number, name=f"field {number}", smallest=-number, largest=number)
    Station.objects.create(name="Roof")
    assert locked_fields({station.pk}).keys() == {(station.pk, number) for number in (1, 2, 3)}
    assert locked_fields({station.pk, pond.pk}, {1, 3, 9}).keys() == {
        *((station.pk, 1), (station.pk, 3), (pond.pk, 1), (pond.pk, 3)),
    }
    field = station.fields.get(number=2)
    state = locked_fields({station.pk})[station.pk, 2]
    assert (state.id, state.newest_ms, state.newest_value, state.empty_at_ms) == (field.pk, 0, None, 0)
    assert [state.is_plausible(value) for value in (-2.1, -2, 2, 2.1)] == [False, True, True, False]
    assert not state.changed
