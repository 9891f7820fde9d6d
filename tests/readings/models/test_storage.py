"""The storage of readings in the database, and its durability."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import ProtectedError

from freetemp.fields import to_millis
from readings import ingest
from readings.ingest.reports import Measurement
from readings.models import Reading
from stations.models import Station

pytestmark = pytest.mark.django_db

NOON_MS = to_millis(datetime(2026, 6, 1, 12, tzinfo=UTC))


@pytest.mark.parametrize("table", ["reading", "quarter", "day", "boot"])
def test_the_tables_on_sqlite_have_no_rowid(table):
    """Django loses this when it rebuilds tables on SQLite: a migration must set it again."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL has no such tables")
    with connection.cursor() as cursor:
        cursor.execute("SELECT sql FROM sqlite_master WHERE name = %s", [f"readings_{table}"])
        assert cursor.fetchone()[0].endswith("WITHOUT ROWID")


def test_the_primary_key_is_the_only_index():
    with connection.cursor() as cursor:
        constraints = connection.introspection.get_constraints(cursor, "readings_reading")
    indexes = [
        each["columns"] for each in constraints.values() if each["index"] or each["unique"] or each["primary_key"]
    ]
    assert indexes == [["station_id", "field", "measured_at"]]


def test_sqlite_writes_ahead_and_waits_for_the_disk():
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL's own defaults are durable")
    with connection.cursor() as cursor:
        assert cursor.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert cursor.execute("PRAGMA synchronous").fetchone() == (2,), "FULL"
        assert cursor.execute("PRAGMA busy_timeout").fetchone() == (4000,)


def test_of_a_repeat_the_first_value_stays(station):
    assert ingest.store(station, [Measurement(1, NOON_MS, 1.0), Measurement(1, NOON_MS, 2.0)]) == 1
    assert ingest.store(station, [Measurement(1, NOON_MS, 3.0), Measurement(1, NOON_MS + 1, 4.0)]) == 1
    assert list(Reading.objects.order_by("measured_at").values_list("value", flat=True)) == [1.0, 4.0]


def test_many_thousand_readings_are_stored_in_one_go(station):
    assert ingest.store(station, (Measurement(1, NOON_MS + n, n) for n in range(2_501))) == 2_501
    assert Reading.objects.count() == 2_501


def test_a_late_reading_does_not_become_the_newest(station):
    ingest.store(station, [Measurement(1, NOON_MS, 1.0)])
    ingest.store(station, [Measurement(1, NOON_MS - 60_000, 2.0)])
    ingest.store(station, [Measurement(1, NOON_MS, 3.0)])
    field = station.fields.get()
    assert (field.newest_value, to_millis(field.newest_at)) == (1.0, NOON_MS)


def test_what_was_imported_was_not_heard(station):
    ingest.store(station, [Measurement(1, NOON_MS, 1.0)])
    station.refresh_from_db()
    assert station.last_heard_at is None


def test_a_store_that_fails_stores_nothing(station):
    def measurements():
        yield from (Measurement(1, NOON_MS + n, 1.0) for n in range(600))
        raise OSError("the file ended")

    with pytest.raises(OSError, match="the file ended"):
        ingest.store(station, measurements())
    assert not Reading.objects.exists()


def test_a_moment_comes_back_as_it_was_stored(station):
    moment = datetime(2026, 11, 22, 10, 59, 59, 999_000, tzinfo=UTC)
    Reading.objects.create(station=station, field=1, measured_at=moment, value=0.1)
    reading = Reading.objects.get(pk=(station.pk, 1, moment))
    assert (reading.measured_at, reading.value) == (moment, 0.1)
    assert Reading.objects.filter(measured_at__lt=moment + timedelta(milliseconds=1)).count() == 1
    assert not Reading.objects.filter(measured_at__lt=moment).exists()


def test_a_station_with_readings_is_not_deleted_by_a_slip(station):
    ingest.store(station, [Measurement(1, NOON_MS, 1.0)])
    with pytest.raises(ProtectedError):
        station.delete()
    assert Station.objects.filter(pk=station.pk).exists()


def test_delete_station_asks_for_the_name_and_deletes_nothing_without_it(station, monkeypatch, capsys):
    ingest.store(station, [Measurement(1, NOON_MS, 1.0)])
    monkeypatch.setattr("builtins.input", lambda prompt: "y")
    with pytest.raises(CommandError, match="Nothing was deleted"):
        call_command("delete_station", str(station.pk))
    assert Reading.objects.count() == 1
    assert "1 readings" in capsys.readouterr().out


def test_delete_station_takes_its_readings_and_no_other(station, monkeypatch):
    other = Station.objects.create(name="Other")
    for each in (station, other):
        each.fields.create(number=2, name="humidity", unit="%")
        measurements = (Measurement(f, NOON_MS + n, 1.0) for f in (1, 2) for n in range(700))
        ingest.store(each, measurements)
    monkeypatch.setattr("readings.ingest.corrections.ROWS_A_DELETE", 300)
    monkeypatch.setattr("builtins.input", lambda prompt: station.name)
    call_command("delete_station", str(station.pk))
    assert list(Station.objects.all()) == [other]
    assert Reading.objects.count() == 1_400
