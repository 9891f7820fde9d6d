"""`manage.py prepare` gets a server ready for its first start, and is harmless before every later start."""

import os
import time
from datetime import UTC, datetime, timedelta
from io import StringIO
from unittest import mock

import pytest
from django.contrib.auth import authenticate, get_user_model
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder

from freetemp.fields import to_millis
from freetemp.management.commands import prepare
from readings import ingest
from readings.ingest.reports import Measurement
from readings.models import Day
from stations.models import Station

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _var_dir(settings, tmp_path):
    settings.VAR_DIR = tmp_path / "var"
    settings.STATIC_ROOT = settings.VAR_DIR / "static"
    settings.STATICFILES_DIRS = [tmp_path / "sources"]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": "freetemp.staticfiles.ModuleStorage"}}
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "page.css").write_text("p { margin: 0 }")


def printed_by_prepare():
    output = StringIO()
    call_command("prepare", stdout=output)
    return output.getvalue()


def test_the_password_that_is_shown_is_the_administrator_s():
    line = next(line for line in printed_by_prepare().splitlines() if line.startswith("Administrator: "))
    password = line.split("password: ")[1].split()[0]
    assert len(password) >= 16
    assert authenticate(username="admin", password=password).is_superuser


def test_there_is_no_second_administrator():
    get_user_model().objects.create_superuser("ada", password="x")
    assert "password" not in printed_by_prepare()
    assert get_user_model().objects.count() == 1


def test_a_user_admin_who_is_none_is_not_made_one():
    get_user_model().objects.create_user("admin")
    with pytest.raises(CommandError, match="createsuperuser"):
        printed_by_prepare()


def test_static_files_are_collected_once_and_again_when_one_changes(settings, tmp_path):
    assert "Collecting" in printed_by_prepare()
    assert "Collecting" not in printed_by_prepare()
    page = tmp_path / "sources" / "page.css"
    page.write_text("p { margin: 1px }")
    os.utime(page, (later := time.time() + 2, later))  # collectstatic compares times in whole seconds.
    assert "Collecting" in printed_by_prepare()
    assert "margin: 1px" in (settings.STATIC_ROOT / "page.css").read_text()


def test_static_files_that_were_deleted_are_collected_again(settings):
    printed_by_prepare()
    (settings.STATIC_ROOT / "staticfiles.json").unlink()
    assert "Collecting" in printed_by_prepare()


def test_static_files_that_a_power_cut_has_emptied_are_collected_again(settings):
    """ext4 writes the content of a new file up to half a minute after its name."""
    printed_by_prepare()
    for path in (settings.STATIC_ROOT / "staticfiles.json", settings.STATIC_ROOT / "page.css"):
        path.write_text("")
    assert "Collecting" in printed_by_prepare()
    assert (settings.STATIC_ROOT / "page.css").read_text() == "p { margin: 0 }"
    assert "Collecting" not in printed_by_prepare()


def test_static_files_are_all_collected_again_if_collecting_was_cut_short(settings, monkeypatch):
    with monkeypatch.context() as power:
        power.setattr(prepare.os, "sync", mock.Mock(side_effect=KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            printed_by_prepare()
    (settings.STATIC_ROOT / "page.css").write_text("")
    assert "Collecting" in printed_by_prepare()
    assert (settings.STATIC_ROOT / "page.css").read_text() == "p { margin: 0 }"


def test_a_database_that_cannot_be_prepared_is_told_in_a_sentence(monkeypatch):
    def full(*_, **__):
        raise OperationalError("database or disk is full")

    monkeypatch.setattr(prepare, "call_command", full)
    with pytest.raises(CommandError, match="cannot be prepared: database or disk is full"):
        printed_by_prepare()


def test_a_folder_that_cannot_be_made_is_told_in_a_sentence(settings, tmp_path):
    settings.VAR_DIR = tmp_path / "sources" / "page.css" / "var"
    with pytest.raises(CommandError, match="Not a directory"):
        printed_by_prepare()


def test_before_it_upgrades_postgresql_it_says_what_makes_a_copy(monkeypatch):
    if connection.vendor == "sqlite":
        pytest.skip("an SQLite database is copied: tests/upgrade")
    assert "pg_dump" not in printed_by_prepare()  # There is nothing to upgrade.
    MigrationRecorder(connection).record_unapplied("readings", "0004_refused_reports")
    monkeypatch.setattr(prepare, "call_command", lambda *_, **__: None)
    assert "No snapshot is taken of PostgreSQL: pg_dump makes one" in printed_by_prepare()


def test_days_follow_newer_rules_of_a_time_zone(own_rules):
    march = datetime(2026, 3, 1, tzinfo=UTC)
    own_rules("2001a", {"Test/Town": [(None, 1, "OLD")]})
    town = Station.objects.create(name="Town", timezone="Test/Town")
    ingest.store(town, [Measurement(1, to_millis(march), 7.5)])
    assert "divided" not in printed_by_prepare()
    own_rules("2001b", {"Test/Town": [(None, 2, "NEW")]})
    assert "Town: divided the day 2026-03-01 anew, by the rules of Test/Town as of 2001b.\n" in printed_by_prepare()
    assert [day.start for day in Day.objects.all()] == [march - timedelta(hours=2)]
    assert "divided" not in printed_by_prepare()
