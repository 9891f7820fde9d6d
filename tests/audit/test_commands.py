"""What is done by commands, as the operating system's user."""

import getpass
from datetime import timedelta
from unittest import mock

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command

from audit.models import Event
from stations.models import Station

MAC = "6c:ef:7f:3b:9d:e9"


def prepare_import(tmp_path):
    file = tmp_path / "history.csv"
    file.write_text("measured_at,temperature\n2025-06-01T12:00:00Z,21.4\n")
    return str(file)


# By command: its arguments, and the deeds that it writes down.
DEEDS = [
    ("add_station", ["Roof", "--mac", MAC], ["station added", "key issued"]),
    ("set_aside", ["Garden", "--from", "2025-01-01", "--to", "2099-01-01"], ["readings set aside"]),
    ("calibrate", ["Garden", "--field", "1", "--sensor", "BME280"], ["sensor written into the ledger"]),
    ("restore_readings", ["Garden", "--all"], ["readings brought back"]),
    ("remove_readings", ["Garden", "--above", "0", "--yes"], ["readings removed"]),
    ("delete_station", ["Garden", "--yes"], ["station deactivated", "station deleted"]),
    ("import_readings", ["Garden", "FILE"], ["import begun", "import ended"]),
    ("load_demo", [], ["station added"] * 3),
    ("make_push_key", [], ["key for phones made"]),
    ("apply_retention", ["--days", "1"], ["old raw readings removed"]),
    ("rotate_encryption_key", [], ["secrets encrypted anew"]),
    ("prepare", ["--no-snapshot"], ["key for phones made", "user added"]),
]


@pytest.fixture
def ready(station, client, key, tmp_path, settings, monkeypatch):
    from readings import ingest
    from readings.calendar.span import Span
    from readings.ingest.reports import Measurement
    from readings.treatment import set_aside

    ingest.store(station, [Measurement(1, 1_700_000_000_000, 21.4)])
    set_aside(station, 1, Span(1_000, 2_000), "other", "otto")
    for name in ("HISTORY", "DENSE"):
        monkeypatch.setattr(f"readings.demo.{name}", timedelta(days=2))
    settings.VAR_DIR = tmp_path
    settings.ENCRYPTION_KEYS = [*settings.ENCRYPTION_KEYS, *settings.ENCRYPTION_KEYS]
    return prepare_import(tmp_path)


@pytest.mark.django_db
@pytest.mark.parametrize(("command", "arguments", "deeds"), DEEDS, ids=[each[0] for each in DEEDS])
def test_a_command_writes_down_its_deeds(command, arguments, deeds, ready):
    last = Event.objects.first().pk
    given = [ready if each == "FILE" else each for each in arguments]
    with mock.patch("freetemp.management.commands.prepare.Command.collect_static_files"):
        call_command(command, *given)
    written = list(Event.objects.filter(pk__gt=last).order_by("pk"))
    assert [event.deed for event in written] == deeds
    assert {event.person for event in written} == {getpass.getuser()}
    assert all(event.by.startswith("command ") for event in written)


@pytest.mark.django_db
def test_a_dry_run_does_nothing(ready):
    last = Event.objects.first().pk
    call_command("import_readings", "Garden", ready, "--dry-run")
    call_command("set_aside", "Garden", "--from", "2020-01-01", "--dry-run")
    call_command("remove_readings", "Garden", "--above", "0", "--dry-run")
    call_command("apply_retention", "--days", "1", "--dry-run")
    assert not Event.objects.filter(pk__gt=last).exists()


@pytest.mark.django_db
def test_a_deleted_station_is_still_known(ready):
    call_command("delete_station", "Garden", "--yes")
    assert not Station.objects.exists()
    event = Event.objects.first()
    assert (event.deed, event.station_name) == ("station deleted", "Garden")


@pytest.mark.django_db
def test_the_commands_of_django_for_users_write_too(monkeypatch):
    monkeypatch.setattr("sys.argv", ["manage.py", "createsuperuser"])
    call_command("createsuperuser", "--noinput", username="root", email="root@school.example")
    event = Event.objects.first()
    assert (event.deed, event.what, event.by) == ("user added", "root", "command createsuperuser")
    assert "school.example" not in str(Event.objects.values())
    user = User.objects.get()
    user.set_password("another password")
    user.save()
    assert Event.objects.first().details == "password: changed"
