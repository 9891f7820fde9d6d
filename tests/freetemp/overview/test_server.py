"""The overview's concerns about the server itself: disk, database, backups, migrations, settings."""

import shutil
from datetime import timedelta

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from firmware.concerns import board_concerns
from freetemp.overview.concerns import Survey
from freetemp.overview.server import BYTES_A_READING, Condition, look, server_concerns

pytestmark = pytest.mark.django_db

GB = 10**9
NOW = timezone.now()


@pytest.fixture(autouse=True)
def _settings(settings, tmp_path):
    settings.VAR_DIR, settings.DEBUG, settings.ENCRYPTION_KEYS = tmp_path, False, ["there is one"]


def server(**changed):
    well = {"free": 50 * GB, "disk": 100 * GB, "database": GB, "backup_at": NOW, "pending_migrations": []}
    return Condition(**(well | changed))


def found(**changed):
    survey = Survey(NOW, [], server(**changed))
    return {each.kind: each for each in (*server_concerns(survey), *board_concerns(survey)) if each}


def backup(folder, at):
    folder.mkdir(exist_ok=True)
    (folder / at.strftime("freetemp-%Y%m%dT%H%M%SZ.sqlite3")).touch()


def test_a_server_that_is_well_says_nothing():
    assert found() == {}


def test_it_knows_its_disk_and_the_size_of_its_database(tmp_path):
    here = look()
    assert here.disk == shutil.disk_usage(tmp_path).total
    assert 0 < here.free < here.disk
    assert 50_000 < here.database < GB


def test_a_disk_that_is_gone_is_said(settings, tmp_path):
    settings.VAR_DIR = tmp_path / "unmounted"
    assert look().free is None
    assert found(free=None)["disk"].title == "VAR_DIR cannot be read"


@pytest.mark.parametrize(
    ("free", "database", "title"),
    [
        (100_000_000, GB, "The disk is full but for 95.4\N{NO-BREAK SPACE}MB"),
        (4 * GB, GB, "The disk is nearly full: 3.7\N{NO-BREAK SPACE}GB are left"),
    ],
)
def test_a_disk_that_fills_up_is_said_in_time(free, database, title):
    assert found(free=free, database=database)["disk"].title == title


@pytest.mark.sqlite_only
def test_a_disk_without_room_for_a_backup_is_said():
    assert "no room for a backup" in found(free=8 * GB, database=9 * GB)["disk"].title


@pytest.mark.sqlite_only
def test_the_age_of_the_last_backup_is_known_by_its_name(settings):
    folder = settings.VAR_DIR / "backups"
    assert look().backup_at is None
    folder.mkdir()
    (folder / "somebody-elses.sqlite3").touch()
    assert look().backup_at is None
    for days in (9, 3):
        backup(folder, NOW - timedelta(days=days))
    assert look().backup_at == (NOW - timedelta(days=3)).replace(microsecond=0)
    assert found(backup_at=look().backup_at)["backup"].title == "The last backup is 3 days old"
    assert found(backup_at=None)["backup"].title == "There is no backup"
    assert "backup" not in found(backup_at=NOW - timedelta(hours=25))


def test_a_backup_that_is_named_by_a_day_that_there_is_not_tells_nothing(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    (tmp_path / "backups").mkdir()
    (tmp_path / "backups" / "freetemp-20269999T000000Z.sqlite3").touch()
    assert look().backup_at is None


def test_postgresql_s_backups_are_not_its_to_know():
    if connection.vendor == "postgresql":
        assert "backup" not in found(backup_at=None)


def test_a_migration_that_was_not_applied_is_named():
    assert look().pending_migrations == []
    MigrationRecorder(connection).record_unapplied("readings", "0004_refused_reports")
    assert look().pending_migrations == ["readings 0004_refused_reports"]
    concern = found(pending_migrations=look().pending_migrations)["migrations"]
    assert "readings 0004_refused_reports" in concern.advice


def test_passwords_over_plain_http_on_the_internet_are_said(settings):
    settings.SERVER_URL, settings.TLS = "http://freetemp.example", False
    assert "passwords cross the internet unencrypted" in found()["http"].title
    settings.SERVER_URL = "http://192.168.1.20:8000"
    assert "http" not in found()


def test_settings_that_are_missing_or_meant_for_a_test_are_said(settings):
    settings.DEBUG, settings.ENCRYPTION_KEYS = True, []
    assert {"debug", "encryption"} <= set(found())


def test_growth_is_that_of_as_many_readings_as_arrive_a_day():
    assert server().growth(4320) == 4320 * BYTES_A_READING[connection.vendor]
