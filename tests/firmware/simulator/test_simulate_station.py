"""manage.py simulate_station: the board's very files, run on this computer against a real server."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from readings.models import Reading
from stations.models import Key, Station
from tests.programs import PATIENCE_S, ended, kill, waited
from tests.server import ROOT, Server, database_url

pytestmark = pytest.mark.sqlite_only


@pytest.fixture
def simulated(transactional_db):
    """A station with only the required parts of the admin's form: it needs no WiFi network."""
    return Station.objects.create(name="Greenhouse", simulated=True, latitude=52.5, longitude=13.4)


@pytest.fixture
def simulate(simulated, tmp_path):
    """Start simulate_station as its own program, with its output in a file."""
    started = []

    def simulate(url, *options, printed="printed"):
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "freetemp.settings",
            "DATABASE_URL": database_url(),
            "SERVER_URL": url,
            "VAR_DIR": str(tmp_path),
            "PYTHONUNBUFFERED": "1",
        }
        with (tmp_path / printed).open("w") as output:
            process = subprocess.Popen(
                [sys.executable, "manage.py", "simulate_station", "Greenhouse", *options],
                cwd=ROOT,
                env=environment,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        started.append(process)
        return process

    yield simulate
    for process in started:
        kill(process)


def wait_until(is_so, process, printed):
    deadline = time.monotonic() + PATIENCE_S
    while not is_so():
        assert process.poll() is None, printed.read_text()
        assert time.monotonic() < deadline, printed.read_text()
        time.sleep(0.1)


def processes_in(folder):
    """Return the processes with this working directory, from Linux's /proc."""
    return [link for link in Path("/proc").glob("[0-9]*/cwd") if _leads_to(link) == folder]


def _leads_to(link):
    try:
        return link.readlink()
    except OSError:  # Another user's process, or one that has just ended.
        return None


def waiting(board):
    """Return how many readings the board's outbox holds: 24 bytes each (docs/outbox.md)."""
    return sum(path.stat().st_size for path in board.glob("outbox/*.seg")) // 24


def stored_since(moment):
    return Reading.objects.filter(measured_at__gte=moment)


def test_a_simulated_station_s_weather_arrives_and_it_goes_on_where_it_was_stopped(simulated, simulate, tmp_path):
    printed, again = tmp_path / "printed", tmp_path / "again"
    board = tmp_path / "simulated" / str(simulated.pk) / "board"
    with Server(tmp_path / "log") as server:
        process = simulate(server.url, "--interval", "1")
        wait_until(lambda: "Its first reading is stored" in printed.read_text(), process, printed)
        assert printed.read_text().startswith(f"Greenhouse is simulated and reports to {server.url} every 1 s. ")
        assert (
            f"Its first reading is stored: it is on {server.url}{simulated.get_absolute_url()}\n" in printed.read_text()
        )
        wait_until(lambda: f"\n{server.url} has stored " in printed.read_text(), process, printed)
        first = Key.objects.live().get()
        server.stop(signal.SIGTERM)
        away_since = timezone.now()
        wait_until(lambda: waiting(board) >= 5, process, printed)
        wait_until(lambda: f"\n{server.url} does not answer (" in printed.read_text(), process, printed)
        assert ended(process, signal.SIGINT) == 0, printed.read_text()
        assert printed.read_text().splitlines()[-1] == "Stopped: it goes on from here next time."
        assert not processes_in(board)
        stopped_at = timezone.now()
        assert not stored_since(away_since).exists()

        server.start()
        process = simulate(server.url, "--interval", "1", printed="again")
        wait_until(lambda: stored_since(stopped_at).exists(), process, again)
        assert ended(process, signal.SIGTERM) == 0, again.read_text()
        assert not processes_in(board)
    assert stored_since(away_since).filter(measured_at__lt=stopped_at).exists(), "what waited in its outbox"
    assert Key.objects.live().get() != first
    assert json.loads((board / "config.json").read_text())["server"] == server.url
    assert Station.objects.get().mac.startswith("02:")
    assert all(-20 < value < 45 for value in Reading.objects.filter(field=1).values_list("value", flat=True))


def test_a_second_simulation_of_a_station_is_refused(simulated, simulate, tmp_path):
    printed = tmp_path / "printed"
    process = simulate("http://127.0.0.1:9")
    wait_until(lambda: "Greenhouse is simulated" in printed.read_text(), process, printed)
    assert printed.read_text().startswith(
        "No server runs at http://127.0.0.1:9, and the readings wait until one does: "
    )
    key = Key.objects.pending().get()
    other = simulate("http://127.0.0.1:9", printed="other")
    assert waited(other) == 1
    assert "is being simulated already: stop that one first" in (tmp_path / "other").read_text()
    assert Key.objects.pending().get() == key
    assert ended(process, signal.SIGINT) == 0


@pytest.mark.django_db
def test_a_real_station_gets_no_made_up_weather(station):
    with pytest.raises(CommandError, match="Garden is a real station, and nobody's real station gets made-up weather"):
        call_command("simulate_station", "Garden")
    assert not Key.objects.exists()


@pytest.mark.django_db
def test_without_a_micropython_for_this_computer_it_says_what_brings_one(station, monkeypatch):
    Station.objects.update(simulated=True)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("firmware.simulator.vm.sys.executable", "/nowhere/python")
    with pytest.raises(CommandError, match="pip install -r requirements/simulator"):
        call_command("simulate_station", "Garden")
    assert not Key.objects.exists()


@pytest.mark.django_db
def test_a_place_that_cannot_be_written_is_a_sentence(station, settings, tmp_path):
    Station.objects.update(simulated=True)
    settings.VAR_DIR = tmp_path / "var"
    settings.VAR_DIR.write_text("a file")
    with pytest.raises(CommandError, match=r"cannot be written: .*set VAR_DIR"):
        call_command("simulate_station", "Garden")


@pytest.mark.django_db
@pytest.mark.parametrize("interval", ["0", "-1", "soon", "86401", "1.5"])
def test_an_interval_that_is_none_is_refused(station, interval):
    with pytest.raises(CommandError, match="is not a number of seconds from 1 to 86400"):
        call_command("simulate_station", "Garden", f"--interval={interval}")


@pytest.mark.django_db
@pytest.mark.parametrize("url", ["127.0.0.1:8000", "ftp://x", "https://freetemp.example"])
def test_an_address_that_no_board_can_use_is_refused(station, url):
    Station.objects.update(simulated=True)
    with pytest.raises(CommandError, match=r"is not a server address|boards speak plain HTTP"):
        call_command("simulate_station", "Garden", "--url", url)
