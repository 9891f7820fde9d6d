"""WeeWX itself, with its simulator, uploads to the real server: every record is there, and its rain adds up."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from configobj import ConfigObj

from freetemp.fields import to_millis
from readings.models import Day, Reading
from stations.models import Key, Station
from stations.units import conversion
from tests.programs import PATIENCE_S, kill, waited
from tests.server import Server

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite_only]

START = "2021-05-01T00:00"
RECORDS = int(os.environ.get("WEEWX_RECORDS", "60"))  # of five minutes each; a long run has 5,000


def make_weewx(folder, url, key):
    """Make a WeeWX that simulates as fast as it can, from a day of its own on."""
    weectl = Path(sys.executable).with_name("weectl")
    command = [weectl, "station", "create", folder, "--no-prompt"]
    subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE_S, env=os.environ | {"HOME": str(folder)})
    config = ConfigObj(str(folder / "weewx.conf"), file_error=True)
    config["StdRESTful"]["Wunderground"] = {
        "enable": "true",
        "station": "freetemp1",
        "password": key,
        "server_url": f"{url}/weatherstation/updateweatherstation.php",
        "rapidfire": "true",
        "archive_post": "true",
    }
    config["Simulator"].update({"mode": "generator", "start": START, "loop_interval": "60"})  # |= would not be written
    config["StdArchive"].update({"archive_interval": "300", "record_generation": "software"})
    config["StdReport"] = {}
    config["Engine"]["Services"]["report_services"] = ""
    config["log_success"] = config["log_failure"] = "false"
    config["Logging"] = {"root": {"handlers": ["console"], "level": "WARNING"}}
    config.write()
    return Path(sys.executable).with_name("weewxd"), folder / "weewx.conf"


def archived(folder):
    with sqlite3.connect(folder / "archive" / "weewx.sdb") as database:
        rows = database.execute("SELECT dateTime, outTemp, rain FROM archive ORDER BY dateTime").fetchall()
    return {at: (temperature, rain) for at, temperature, rain in rows}


def stored(station, source):
    number = station.fields.filter(source=source).values_list("number", flat=True).first()
    rows = Reading.objects.filter(station=station, field=number).order_by("measured_at")
    return {to_millis(row.measured_at): row.value for row in rows}


def test_every_archived_record_is_there_and_the_rain_is_weewxs_own(tmp_path):
    station = Station.objects.create(name="Roof", device="wunderground", timezone="UTC", interval_s=300)
    key = Key.objects.issue(station)
    folder = tmp_path / "weewx"
    with Server(tmp_path / "log") as server:
        command = make_weewx(folder, server.url, key)
        environment = os.environ | {"TZ": "UTC"}
        with (tmp_path / "weewx.log").open("wb") as log:
            weewx = subprocess.Popen(command, stdout=log, stderr=log, env=environment, start_new_session=True)
        try:
            deadline = time.monotonic() + PATIENCE_S / 3 + RECORDS
            while len([at for at in stored(station, "tempf") if at % 1000 == 0]) < RECORDS:
                assert weewx.poll() is None, (tmp_path / "weewx.log").read_text()[-3000:]
                assert time.monotonic() < deadline, (tmp_path / "weewx.log").read_text()[-3000:]
                time.sleep(0.2)
            weewx.send_signal(signal.SIGTERM)
            waited(weewx)
        finally:
            kill(weewx)
    of_weewx, temperatures = archived(folder), stored(station, "tempf")
    means = {at: value for at, value in temperatures.items() if at % 1000 == 0}
    expected = list(of_weewx)[: len(means)]
    assert list(means) == [at * 1000 for at in expected], "none is missing, none is there twice"
    for at in expected:
        assert means[at * 1000] == pytest.approx(conversion("degF", "degC").apply(of_weewx[at][0]), abs=0.03)
    assert len(temperatures) > len(means), "rapidfire, too"
    check_rain(station, of_weewx, expected)
    assert key not in (tmp_path / "log").read_text()


def check_rain(station, of_weewx, expected):
    """The sums of days are WeeWX's own. Its first record is where the counter begins."""
    field = station.fields.get(source="dailyrainin")
    sums = {}
    for at in expected[1:]:
        day = datetime.fromtimestamp(at - 1, UTC).date()
        sums[day] = sums.get(day, 0) + (of_weewx[at][1] or 0) * 25.4
    days = Day.objects.filter(station=station, field=field.number)
    assert {row.start.astimezone(UTC).date(): pytest.approx(row.sum, abs=0.3) for row in days} == sums
    assert sum(sums.values()) > 0
