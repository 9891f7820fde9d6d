"""The last part of a disk is kept for single values and logins. The disk is the real one; the reserve is a setting."""

import base64
import json

import pytest
from django.core.management import CommandError, call_command

from freetemp.disk_reserve import LOOK_EVERY_S, DiskReserve, database_folder, disk_reserve, reserve
from freetemp.overview.report import Overview
from readings.models import Reading

MB, GB = 10**6, 10**9
MORE_THAN_THERE_IS_MB = 10**12


@pytest.fixture(autouse=True)
def _look_at_once(monkeypatch):
    monkeypatch.setattr("freetemp.disk_reserve.LOOK_EVERY_S", -1)


@pytest.mark.parametrize(
    ("disk", "kept"),
    [(2_000 * GB, GB), (64 * GB, 640 * MB), (8 * GB, 100 * MB), (GB, 100 * MB), (200 * MB, 50 * MB)],
)
def test_a_hundredth_of_a_disk_is_kept_within_limits(settings, disk, kept):
    settings.DISK_RESERVE_MB = None
    assert reserve(disk) == kept
    settings.DISK_RESERVE_MB = 7
    assert reserve(disk) == 7 * MB


def test_a_disk_is_looked_at_every_two_seconds(settings, tmp_path, monkeypatch):
    monkeypatch.setattr("freetemp.disk_reserve.LOOK_EVERY_S", LOOK_EVERY_S)
    now = [50.0]
    monkeypatch.setattr("freetemp.disk_reserve.time.monotonic", lambda: now[0])
    disk = DiskReserve()
    settings.DISK_RESERVE_MB = MORE_THAN_THERE_IS_MB
    assert disk.is_reached(tmp_path)
    settings.DISK_RESERVE_MB = 0
    assert disk.is_reached(tmp_path)
    now[0] += LOOK_EVERY_S + 0.1
    assert not disk.is_reached(tmp_path)


def test_a_folder_that_is_gone_and_another_servers_disk_are_not_full(settings, tmp_path):
    settings.DISK_RESERVE_MB = MORE_THAN_THERE_IS_MB
    assert not disk_reserve.is_reached(tmp_path / "unmounted")
    assert not disk_reserve.is_reached(None)


@pytest.fixture
def post(client, key):
    token = base64.b64encode(f"6cef7f3b9de8:{key}".encode()).decode()
    report = json.dumps({"boot": 1, "readings": [{"seq": 1, "field": 1, "value": 21.4, "age": 0}]})
    headers = {"authorization": f"Basic {token}"}
    return lambda: client.post("/api/v1/readings/", report, "application/json", headers=headers)


@pytest.mark.django_db
@pytest.mark.sqlite_only
def test_reports_of_many_and_imports_wait_and_single_values_do_not(settings, client, key, post, tmp_path, keeper):
    settings.DISK_RESERVE_MB = MORE_THAN_THERE_IS_MB
    refused = post()
    assert (refused.status_code, refused["Retry-After"]) == (503, "60")
    assert refused.content == b"the server's disk is nearly full"
    assert client.get(f"/update/API_key={key}/mac=6c:ef:7f:3b:9d:e8/field=1/data=1").status_code == 200
    file = tmp_path / "readings.csv"
    file.write_text("measured_at,temperature\n2026-06-01T12:00:00Z,21.4\n")
    with pytest.raises(CommandError, match="only its reserve left"):
        call_command("import_readings", "Garden", str(file))
    call_command("import_readings", "Garden", str(file), "--dry-run")
    assert Reading.objects.count() == 1
    (concern,) = (each for each in Overview.of(keeper).concerns if each.kind == "disk")
    assert "only its reserve left" in concern.title
    settings.DISK_RESERVE_MB = 0
    assert post().status_code == 200


@pytest.mark.django_db
def test_only_sqlite_has_a_folder_to_look_after(settings, post):
    settings.DISK_RESERVE_MB = MORE_THAN_THERE_IS_MB
    assert post().status_code == (503 if database_folder() else 200)
