"""An event is written in the transaction of its deed, and nothing changes or removes it."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from audit.deeds import record, record_each
from audit.models import Event, Pruning, WrittenDownError
from audit.triggers import make_triggers
from audit.wording import Change
from freetemp.fields import EPOCH, to_millis
from stations.models import Station

pytestmark = pytest.mark.django_db


def recorded(deed="station changed", **about):
    with transaction.atomic():
        return record(deed, **about)


def test_it_says_what_was_done_to_which_station(station):
    before = timezone.now()
    recorded(station=station, what="its place", details={"place": Change("", "Roof"), "on map": Change(False, True)})
    event = Event.objects.get()
    assert before <= event.at.replace(microsecond=999_999) <= timezone.now().replace(microsecond=999_999)
    assert (event.station, event.station_name, event.what) == (station.pk, "Garden", "its place")
    assert event.details.splitlines() == ["place: nothing → Roof", "on map: no → yes"]
    assert str(event) == "station changed: its place"


def test_it_outlives_its_station(station):
    recorded("station deleted", station=station)
    Station.objects.all().delete()
    assert Event.objects.get().station_name == "Garden"


def test_it_is_about_a_row_by_its_model_and_number(station):
    recorded(of=station)
    event = Event.objects.of_object(station).get()
    assert (event.of, event.of_number, event.what) == ("stations.station", str(station.pk), "Garden")
    assert list(Event.objects.of_object(station.fields.get())) == []


def test_a_deed_that_is_rolled_back_has_no_event(station):
    with transaction.atomic():
        record("station changed", station=station)
        transaction.set_rollback(True)
    assert not Event.objects.exists()


def test_a_deed_without_a_transaction_is_not_written_down(station):
    with pytest.raises(transaction.TransactionManagementError):
        record("station changed", station=station)


@transaction.atomic
def rename(station):
    Station.objects.update(name="Roof")
    record("station changed", station=station)


@pytest.mark.django_db(transaction=True)
def test_an_event_that_cannot_be_written_undoes_its_deed(station, monkeypatch):
    def fail(*args, **options):
        raise IntegrityError("no room")

    monkeypatch.setattr(Event, "save", fail)
    with pytest.raises(IntegrityError):
        rename(station)
    assert Station.objects.get().name == "Garden"


def test_a_deed_of_500_stations_takes_few_statements(django_assert_max_num_queries):
    stations = [Station(pk=number, name=f"Station {number}") for number in range(1, 501)]
    with transaction.atomic(), django_assert_max_num_queries(10):
        assert len(record_each("station deactivated", stations)) == 500
    assert Event.objects.get(station=500).station_name == "Station 500"


def test_breaks_of_lines_make_no_line_of_their_own(station):
    station.name = "Roof\nperson: anna"
    recorded(station=station, details={"name": Change("Garden", station.name)})
    event = Event.objects.get()
    assert (event.station_name, event.details) == ("Roof person: anna", "name: Garden → Roof person: anna")


def test_a_text_of_any_length_is_taken(station):
    station.name = "x" * 999
    recorded("d" * 999, station=station, what="w" * 999, details={f"name {n}": "y" * 99_999 for n in range(99)})
    assert len(Event.objects.get().details) < 20_000


@pytest.mark.parametrize(
    "secret",
    ["0123456789abcdef0123456789abcdef", "Bearer 0123456789abcdef", "https://anna:secret@freetemp.example/"],
)
def test_what_looks_like_a_secret_is_masked(secret):
    recorded(what=f"it is {secret} here", details={"note": Change(secret, secret)})
    event = Event.objects.get()
    assert "0123456789abcdef" not in f"{event.what} {event.details}"
    assert "anna:secret" not in f"{event.what} {event.details}"


WAYS = {
    "save": lambda event: event.save(),
    "delete": lambda event: event.delete(),
    "update": lambda event: Event.objects.update(person="nobody"),
    "delete of many": lambda event: Event.objects.all().delete(),
    "bulk_update": lambda event: Event.objects.bulk_update([event], ["person"]),
    "update_or_create": lambda event: Event.objects.update_or_create({"person": "nobody"}, pk=event.pk),
    "upsert": lambda event: Event.objects.bulk_create(
        [event], update_conflicts=True, update_fields=["person"], unique_fields=["id"]
    ),
    "raw save": lambda event: event.save_base(raw=True),
    "base manager's update": lambda event: Event._base_manager.update(person="nobody"),
    "base manager's delete": lambda event: Event._base_manager.all().delete(),
    "raw delete": lambda event: Event._base_manager.all()._raw_delete("default"),
    "SQL UPDATE": lambda event: run("UPDATE audit_event SET person = 'nobody'"),
    "SQL DELETE": lambda event: run("DELETE FROM audit_event"),
}


def run(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize("way", WAYS)
def test_nothing_changes_or_removes_it(way):
    event = recorded()
    event.person = "nobody"
    with pytest.raises((WrittenDownError, IntegrityError)), transaction.atomic():
        WAYS[way](event)
    assert Event.objects.get().person == ""


@pytest.mark.sqlite_only
def test_sqlite_lets_no_row_take_its_place():
    recorded()
    names = "deed, station_name, what, details, person, by, address, of, of_number"
    with pytest.raises(IntegrityError), transaction.atomic():
        run(f"INSERT OR REPLACE INTO audit_event (id, at, {names}) SELECT id, 0, {names} FROM audit_event")  # noqa: S608
    assert Event.objects.get().at > EPOCH


def test_an_old_one_can_be_removed_once_the_limit_is_past_it():
    old = recorded()
    Pruning.objects.create(until=to_millis(old.at) + 1)
    Event._base_manager.filter(pk=old.pk)._raw_delete("default")
    assert not Event.objects.exists()


@pytest.mark.sqlite_only
def test_the_triggers_come_back_after_a_migration_that_made_the_table_anew():
    for name in ("no_change", "no_removal", "no_replacement"):
        run(f"DROP TRIGGER audit_{name}")
    make_triggers("default")
    recorded()
    with pytest.raises(IntegrityError), transaction.atomic():
        run("UPDATE audit_event SET person = 'nobody'")
