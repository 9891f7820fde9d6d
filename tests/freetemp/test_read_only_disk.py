"""A real server whose database is on a read-only disk: pages show what is there and say why nothing is new."""

import os
import shutil
import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from freetemp import read_only
from readings import ingest
from readings.ingest.reports import Measurement
from tests.conftest import MAC
from tests.server import Server

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite_only]


class Disk:
    """A folder that can be made read-only: a mounted one for root, whom permissions do not stop."""

    def __init__(self, folder):
        self.folder, self.is_mounted = folder, os.geteuid() == 0
        folder.mkdir()
        if self.is_mounted and not self._mount("-t", "tmpfs", "-o", "size=40m", "tmpfs"):
            pytest.skip("root may not mount here, and is stopped by no permission")

    def make(self, way):
        if self.is_mounted:
            assert self._mount("-o", f"remount,{way}")
        else:
            self.folder.chmod(0o555 if way == "ro" else 0o755)

    def leave(self):
        if self.is_mounted:
            subprocess.run(["umount", "--lazy", self.folder], check=True)
        else:
            self.folder.chmod(0o755)

    def _mount(self, *options):
        return subprocess.run(["mount", *options, self.folder], check=False, capture_output=True).returncode == 0


@pytest.fixture
def disk(tmp_path):
    disk = Disk(tmp_path / "disk")
    yield disk
    disk.leave()


def copy_of_the_database(folder, *, after_a_power_cut):
    """Copy the test's database, with the last reading in its -wal alone if it was cut off."""
    beside = folder.parent / "beside.sqlite3"
    with closing(sqlite3.connect(beside)) as copy, closing(sqlite3.connect(connection.settings_dict["NAME"])) as source:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode=WAL").fetchone()
        with copy:
            copy.execute("UPDATE stations_field SET newest_value = 33.3")
        if not after_a_power_cut:
            copy.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        for suffix in ("", "-wal", "-shm") if after_a_power_cut else ("",):
            shutil.copy(f"{beside}{suffix}", folder / f"freetemp.sqlite3{suffix}")


@pytest.mark.parametrize("after_a_power_cut", [False, True], ids=["clean end", "power cut"])
def test_pages_show_old_readings_and_say_why_and_boards_are_refused_until_it_takes_files(
    disk, tmp_path, station, key, admin_client, after_a_power_cut
):
    ingest.store(station, [Measurement(1, int(time.time() * 1000) - 60_000, 21.4)])
    copy_of_the_database(disk.folder, after_a_power_cut=after_a_power_cut)
    disk.make("ro")
    own = {"DJANGO_SETTINGS_MODULE": "tests.settings", "DATABASE_URL": f"sqlite:///{disk.folder}/freetemp.sqlite3"}
    cookie = f"Cookie: sessionid={admin_client.cookies['sessionid'].value}"

    with Server(tmp_path / "log", **own) as server:

        def ask(path, *headers):
            lines = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1", "Connection: close", *headers, "", ""]
            status, _, body = server.send("\r\n".join(lines).encode())
            return status, body.decode()

        for path in ("/", f"/stations/{station.pk}/"):
            status, page = ask(path)
            assert status == 200, page
            assert "its disk is read-only" in page
            assert "33.3" in page
        assert ask(f"/stations/{station.pk}/readings.csv?period=all")[1].count("21.4") == 1
        assert "Von seinem Speicher lässt sich nur lesen" in ask("/", "Accept-Language: de")[1]
        status, overview = ask("/admin/overview/", cookie)
        assert status == 200
        assert "The disk is read-only" in overview
        report = f"/update/API_key={key}/mac={MAC}/field=1/data=5.5"
        assert ask(report) == (503, "the database cannot take it now")
        assert "Traceback" not in (tmp_path / "log").read_text()
        disk.make("rw")
        assert ask(report) == (200, "OK")


def test_prepare_lets_a_server_start_that_is_ready_and_says_what_it_does(disk, settings, capsys):
    settings.VAR_DIR, settings.STATIC_ROOT = disk.folder, disk.folder / "static"
    settings.STATIC_ROOT.mkdir()
    disk.make("ro")
    with pytest.raises(CommandError, match="is read-only, and not prepared: mend that"):
        call_command("prepare")
    disk.make("rw")
    (settings.STATIC_ROOT / "staticfiles.json").write_text('{"paths": {}}')
    disk.make("ro")
    call_command("prepare")
    assert capsys.readouterr().out == f"{disk.folder} is read-only: pages show what is there, and nothing is stored.\n"


def test_a_folder_tells_whether_it_takes_files_and_pages_ask_seldom(disk):
    assert read_only.takes_files(disk.folder)
    assert not read_only.is_read_only(disk.folder)
    disk.make("ro")
    assert not read_only.takes_files(disk.folder)
    assert not read_only.is_read_only(disk.folder), "it was looked up a moment ago"
    read_only.forget()
    assert read_only.is_read_only(disk.folder)
    read_only.forget()
    assert not list(Path(disk.folder).iterdir()), "nothing is left of it"
