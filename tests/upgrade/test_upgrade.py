"""An upgrade from the first freetemp that stored readings keeps everything, and there is a way back."""

import json
import re
import sqlite3
from contextlib import closing

import pytest

from freetemp.backups.folder import backups_in
from tests.migrated import migrated_file
from tests.place import everything_in
from tests.server import Server

pytestmark = pytest.mark.sqlite_only

GARDEN, ROOF = "6c:ef:7f:3b:9d:e8", "02:00:00:00:00:01"
DAY = "/stations/1/?period=day&date=2026-10-25"  # 25 hours long
PAGES = [
    *("/", "/stations/1/", DAY, "/stations/1/?period=all", "/stations/3/", "/stations/1/embed/"),
    *(
        "/stations/1/readings.csv?period=all",
        "/stations/1/readings.xlsx?period=all",
        "/stations/1/chart.svg?period=all",
    ),
    *("/api/v1/stations/", "/api/v1/stations/1/", "/api/v1/schema/", "/account/login/"),
]
TABLES = ["readings_reading", "stations_key", "stations_station", "stations_field", "auth_user", "auth_group"]
# Runs the real command on a full disk.
WITHOUT_ROOM = """
import shutil, sys
import django
from django.core.management import execute_from_command_line
shutil.disk_usage = lambda path: shutil._ntuple_diskusage(10**9, 10**9, 1_000)
execute_from_command_line(["manage.py", "prepare", *sys.argv[1:]])
"""


def rows(path, statement):
    with closing(sqlite3.connect(path)) as database:
        return database.execute(statement).fetchall()


def columns(path, table):
    return [name for _, name, *_ in rows(path, f"PRAGMA table_info({table})")]


@pytest.fixture(scope="module")
def server(upgrade, tmp_path_factory):
    """The upgraded server, on a copy: a board reports to it."""
    folder = tmp_path_factory.mktemp("server")
    place = upgrade.place.copy_to(folder / "var")
    own = {name: place.environment[name] for name in ("DATABASE_URL", "VAR_DIR")}
    with Server(folder / "log", **own) as server:
        yield server


def get(server, path):
    status, headers, body = server.send(f"GET {path} HTTP/1.0\r\n\r\n".encode())
    return status, headers.get("content-type", ""), body


@pytest.mark.parametrize(
    "table", ["readings_reading", "stations_key", "stations_station", "stations_field", "auth_user"]
)
def test_every_row_is_as_it_was(upgrade, table):
    named = f"SELECT {', '.join(columns(upgrade.before, table))} FROM {table}"  # noqa: S608 - our names
    before = rows(upgrade.before, named)
    assert len(before) > 0
    assert rows(upgrade.place.database, named) == before


def test_rollups_are_what_the_readings_say(upgrade):
    checked = upgrade.place.manage("rebuild_rollups", "--check")
    assert (checked.returncode, checked.stdout) == (0, "0 rollups differ.\n")
    of_readings = rows(
        upgrade.before,
        "SELECT station_id, field, count(*), min(value), max(value) FROM readings_reading"
        " WHERE NOT (field = 2 AND value > 100) GROUP BY 1, 2",  # One reading is not plausible.
    )
    for table in ("quarter", "day"):
        of_rollups = f"SELECT station_id, field, sum(count), min(min), max(max) FROM readings_{table} GROUP BY 1, 2"  # noqa: S608
        assert rows(upgrade.place.database, of_rollups) == of_readings


def test_the_database_is_that_of_a_new_server(upgrade, tmp_path_factory):
    """Every table and index has the same form: an omission in a migration would show only years later."""
    fresh = migrated_file(tmp_path_factory)
    form = "SELECT type, name, tbl_name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY 1, 2"
    assert rows(upgrade.place.database, form) == rows(fresh, form)
    assert (
        "WITHOUT ROWID"
        in rows(upgrade.place.database, "SELECT sql FROM sqlite_master WHERE name LIKE '%_reading'")[0][0]
    )


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_there(server, path):
    assert get(server, path)[0] == 200


def test_pages_show_what_was_measured_then(server):
    station = json.loads(get(server, "/api/v1/stations/1/")[2])
    assert station["name"] == "Garden"
    assert [field["newest"]["value"] for field in station["fields"]] == [21.4, 101.5]
    path = "/api/v1/stations/1/series/?field=1&start=2026-10-24T14:00:00&end=2026-10-26T16:00:00&points=100"
    series = json.loads(get(server, path)[2])
    assert len([value for value in series["mean"] if value is not None]) == 91
    assert get(server, "/stations/2/")[0] == 404  # It is not public.


def test_keys_are_good_and_the_one_that_waits_takes_over(server):
    def report(key, mac, value):
        return get(server, f"/update/API_key={key}/mac={mac}/field=1/data={value}")[2]

    assert report("the-roof-s-first-key", ROOF, 3.25) == b"OK"
    assert report("the-garden-s-first-key", GARDEN, 4.25) == b"OK"
    assert report("the-garden-s-second-key", GARDEN, 5.25) == b"OK"
    assert report("the-garden-s-first-key", GARDEN, 6.25) == b"unknown station or key"


def test_rain_of_an_earlier_freetemp_is_summed_up_from_now_on(upgrade, tmp_path):
    place = upgrade.place.copy_to(tmp_path / "var")
    averaged = "UPDATE stations_field SET quantity = '', name = 'rain', unit = 'mm' WHERE station_id = 1 AND number = 2"
    with closing(sqlite3.connect(place.database)) as database, database:
        database.execute(averaged)
    prepared = place.manage("prepare")
    assert prepared.returncode == 0, prepared.stdout
    assert "Field 2 rain [mm] of Garden is taken for rain since the reading before, so" in prepared.stdout
    assert rows(place.database, "SELECT count(*) FROM readings_pending") == [(0,)]
    assert place.manage("rebuild_rollups", "--check").returncode == 0
    assert "is taken for" not in place.manage("prepare").stdout


def test_the_snapshot_is_the_database_as_it_was(upgrade):
    assert everything_in(upgrade.snapshot) == everything_in(upgrade.before)
    assert f"The database as it was is {upgrade.snapshot} now. To go back: " in upgrade.printed
    assert upgrade.snapshot.stat().st_mode & 0o777 == 0o600


def test_a_snapshot_is_no_daily_backup(upgrade, tmp_path):
    place = upgrade.place.copy_to(tmp_path / "var")
    assert backups_in(place.backups) == []
    assert place.manage("backup", "--keep", 1).returncode == 0
    assert sorted(path.name.split("-2")[0] for path in place.backups.iterdir()) == ["before-upgrade", "freetemp"]


def test_there_is_a_way_back_and_forth_again(upgrade, tmp_path):
    """Forth again without room for a snapshot, as somebody may ask for."""
    place = upgrade.place.copy_to(tmp_path / "var")
    (snapshot,) = place.backups.iterdir()
    command, file = re.search(r"run `python manage.py (\w+) (\S+)`,", upgrade.printed).groups()
    assert file == str(upgrade.snapshot)
    back = place.manage(command, snapshot, "--yes")
    assert back.returncode == 0, back.stdout
    assert everything_in(place.database) == everything_in(upgrade.before)
    assert place.run("-c", WITHOUT_ROOM, "--no-snapshot").returncode == 0
    days = "SELECT * FROM readings_day"
    assert rows(place.database, days) == rows(upgrade.place.database, days)
    assert place.manage("rebuild_rollups", "--check").returncode == 0
    assert list(place.backups.iterdir()) == [snapshot]


def test_what_is_up_to_date_is_not_copied_again(upgrade, tmp_path):
    place = upgrade.place.copy_to(tmp_path / "var")
    again = place.manage("prepare")
    assert (again.returncode, "snapshot" in again.stdout) == (0, False)
    assert len(list(place.backups.iterdir())) == 1


def test_an_upgrade_without_room_for_a_snapshot_changes_nothing(first):
    before = everything_in(first.database)
    refused = first.run("-c", WITHOUT_ROOM)
    assert refused.returncode == 1
    assert "has room for 0 MB, and a backup needs 0 MB. Nothing was changed." in refused.stdout
    assert "manage.py prepare --no-snapshot" in refused.stdout
    assert (everything_in(first.database), list(first.backups.iterdir())) == (before, [])


def test_a_damaged_database_is_not_upgraded(first):
    with first.database.open("r+b") as file:
        file.seek(20 * 4096)
        file.write(b"\xff" * 4096)
    refused = first.manage("prepare")
    assert (refused.returncode, "The database cannot be copied: " in refused.stdout) == (1, True), refused.stdout
