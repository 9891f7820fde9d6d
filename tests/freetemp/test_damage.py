"""A damaged database is named in the overview, and pages that meet the damage say so with 503."""

import sqlite3
from contextlib import closing
from datetime import timedelta

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, OperationalError, connection
from django.test import Client
from django.utils import timezone

from freetemp import damage
from freetemp.fields import to_millis
from freetemp.overview.report import Overview
from readings import ingest
from readings.ingest.group_commit import group_commit
from readings.ingest.reports import Measurement
from tests.conftest import MAC

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.VAR_DIR = tmp_path


@pytest.fixture
def client():
    return Client(raise_request_exception=False)


@pytest.fixture
def measured(station, key):
    now = timezone.now()
    ingest.store(station, [Measurement(1, to_millis(now - timedelta(minutes=n)), 21.4) for n in range(50)])
    return station


@pytest.fixture
def damaged(measured, tmp_path, monkeypatch):
    """Go on with a copy of the database, in which the page is overwritten where the readings' table begins."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT rootpage FROM sqlite_master WHERE name = 'readings_reading'")
        (page,) = cursor.fetchone()
        cursor.execute("PRAGMA page_size")
        (size,) = cursor.fetchone()
    path = tmp_path / "damaged.sqlite3"
    with closing(sqlite3.connect(path)) as copy:
        connection.connection.backup(copy)
    connection.close()
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xa5" * size)
    monkeypatch.setitem(connection.settings_dict, "NAME", str(path))
    monkeypatch.setattr(group_commit, "_writer", None)
    yield measured
    connection.close()
    if group_commit._writer:
        group_commit._writer.close()


def concern(admin_user):
    return next((each for each in Overview.of(admin_user).concerns if each.kind == "damage"), None)


@pytest.mark.sqlite_only
def test_what_requests_meet_is_a_503_with_a_sentence_and_is_named_in_the_overview(
    client, damaged, key, admin_user, admin_client
):
    assert concern(admin_user) is None
    page = client.get(f"/stations/{damaged.pk}/readings.csv?period=all")
    assert page.status_code in (200, 503), "its header may have been sent before"
    page = client.get(f"/api/v1/stations/{damaged.pk}/series/?field=1")
    assert (page.status_code, page["Retry-After"]) == (503, "30")
    assert "A part of its database is damaged" in page.json()["detail"]
    found = concern(admin_user)
    assert found.title == "The database is damaged"
    assert "manage.py restore" in found.advice
    assert "malformed" in found.advice
    assert "The database is damaged" in admin_client.get("/admin/overview/").content.decode()


@pytest.mark.sqlite_only
def test_what_a_board_meets_is_named_too(client, damaged, key, admin_user):
    answer = client.get(f"/update/API_key={key}/mac={MAC}/field=1/data=21.4")
    assert (answer.status_code, answer.content) == (503, b"the database cannot take it now")
    assert concern(admin_user) is not None


@pytest.mark.sqlite_only
def test_a_backup_that_finds_damage_notes_it_and_the_next_whole_one_takes_the_note_away(
    damaged, admin_user, request, monkeypatch, tmp_path
):
    with pytest.raises(CommandError, match="cannot be copied"):
        call_command("backup", to=tmp_path / "backups")
    assert concern(admin_user) is not None
    monkeypatch.setattr("freetemp.backups.copy.check_integrity", lambda path: None)
    call_command("backup", to=tmp_path / "backups")
    assert concern(admin_user) is None


def test_an_error_of_postgresql_tells_damage_by_its_state():
    error = DatabaseError("invalid page in block 7 of relation base/1/2")
    error.__cause__ = psycopg.errors.DataCorrupted()
    assert damage.is_damage(error)
    busy = OperationalError("database is locked")
    busy.__cause__ = sqlite3.OperationalError("database is locked")
    assert not damage.is_damage(busy)
    assert not damage.is_damage(None)


def test_a_note_survives_a_restart_a_disk_that_takes_none_and_a_file_of_nonsense(tmp_path, settings):
    error = sqlite3.DatabaseError("database disk image\n is malformed")
    error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    assert damage.note(error)
    assert damage.noted().words == "database disk image is malformed"
    (tmp_path / "database-is-damaged").write_text("{")
    assert damage.noted() is None
    settings.VAR_DIR = tmp_path / "nowhere"
    assert damage.note(error)
    assert damage.noted().words == "database disk image is malformed"
    damage.forget()
    assert damage.noted() is None
