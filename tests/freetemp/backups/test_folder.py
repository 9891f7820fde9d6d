"""The folder of backups: the time of the newest one, and the room for another."""

import os
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from freetemp.backups import folder
from freetemp.backups.errors import BackupError


def test_the_newest_backup_is_known_by_its_name(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    assert folder.newest_at() is None
    (tmp_path / "backups").mkdir()
    assert folder.newest_at() is None
    for name in (
        "freetemp-20261122T000512Z.sqlite3",
        "freetemp-20261121T235959Z.sqlite3",
        "freetemp-20261123T000512Z.sqlite3.partial",
        "somebody-elses.sqlite3",
    ):
        (tmp_path / "backups" / name).touch()
    assert folder.newest_at() == datetime(2026, 11, 22, 0, 5, 12, tzinfo=UTC)


def test_backups_of_a_clock_that_was_ahead_are_not_the_newest_and_go_first(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    backups = tmp_path / "backups"
    backups.mkdir()
    now = timezone.now().replace(microsecond=0)
    days = [*(now + timedelta(days=3650 + n) for n in range(3)), *(now - timedelta(days=n) for n in (2, 1, 0))]
    made = [backups / f"freetemp-{day:%Y%m%dT%H%M%SZ}.sqlite3" for day in days]
    for path in made[:3]:
        path.touch()
    assert folder.newest_at() is None, "nobody knows when"
    for path in made[3:]:
        path.touch()
    assert folder.newest_at() == now
    folder.delete_all_but(backups, 4)
    assert folder.backups_in(backups) == made[2:]


def test_a_disk_without_room_is_told_before_it_is_full(tmp_path, monkeypatch):
    monkeypatch.setattr(folder.shutil, "disk_usage", lambda _: folder.shutil._ntuple_diskusage(9, 9, 1_999_999))
    with (tmp_path / "database").open("wb") as file:
        file.truncate(1_999_999)
        folder.check_room(tmp_path / "database", tmp_path)
        file.truncate(2_000_000)
        with pytest.raises(BackupError, match="has room for 2 MB, and a backup needs 2 MB"):
            folder.check_room(tmp_path / "database", tmp_path)


def test_what_cannot_be_deleted_is_told_in_a_sentence(tmp_path):
    for day in (1, 2):
        (tmp_path / f"freetemp-2026010{day}T000000Z.sqlite3").mkdir()  # unlink() does not delete folders
    with pytest.raises(BackupError, match="Once that is mended, run this again"):
        folder.delete_all_but(tmp_path, 1)


def test_a_copy_that_was_killed_under_a_clock_ahead_is_deleted_too(tmp_path):
    path = tmp_path / "freetemp-20360101T000000Z.sqlite3.partial"
    path.touch()
    os.utime(path, (time.time() + 10 * 365 * 86_400,) * 2)
    folder.remove_abandoned(tmp_path)
    assert not path.exists()


def test_what_a_killed_copy_left_is_deleted_and_nothing_of_anybody_else(tmp_path):
    names = ["freetemp-20260101T000000Z.sqlite3", "before-upgrade-20260101T000000Z.sqlite3", "mine.sqlite3"]
    for name in [*names, *(f"{name}.partial" for name in names)]:
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (time.time() - 3_700,) * 2)
    folder.remove_abandoned(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {*names, "mine.sqlite3.partial"}
