"""The demo: a real year that ends now, and boards that continue from there."""

import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db.models import Avg
from django.utils import timezone

from readings.demo import AIRPORTS, Weather, load
from readings.models import Reading
from stations.models import Station
from tests.programs import PATIENCE_S, ended, killed_at_last
from tests.server import ROOT, Server

NOW = datetime(2027, 3, 15, 18, 30, tzinfo=UTC)


@pytest.mark.django_db
def test_a_year_ends_now_at_the_right_season_and_hour():
    station, stored = load(AIRPORTS[0], NOW)
    first, last = Reading.objects.span(station)
    assert stored > 8_000 * 2
    assert timedelta(0) <= NOW - last < timedelta(hours=3)
    assert timedelta(0) <= first - (NOW - timedelta(days=365)) < timedelta(hours=3)
    july = Reading.objects.filter(
        field=1, measured_at__range=(datetime(2026, 7, 1, tzinfo=UTC), datetime(2026, 8, 1, tzinfo=UTC))
    )
    january = Reading.objects.filter(
        field=1, measured_at__range=(datetime(2027, 1, 2, tzinfo=UTC), datetime(2027, 2, 1, tzinfo=UTC))
    )
    mean = Avg("value")
    assert july.aggregate(mean=mean)["mean"] > 20 + january.aggregate(mean=mean)["mean"]


@pytest.mark.django_db
def test_loaded_again_it_adds_only_what_has_passed_since():
    load(AIRPORTS[0], NOW)
    assert load(AIRPORTS[0], NOW)[1] == 0
    station, stored = load(AIRPORTS[0], NOW + timedelta(hours=5))
    assert 0 < stored <= 15
    assert Station.objects.count() == 1
    assert station.simulated


@pytest.mark.django_db
def test_between_two_observations_the_weather_is_between_them():
    station, _ = load(AIRPORTS[0], NOW)
    field = station.fields.get(number=1)
    weather = Weather(AIRPORTS[0], station, NOW)
    hours = [weather.at(field, NOW.replace(hour=hour, minute=51)) for hour in (17, 18)]
    between = weather.at(field, NOW.replace(hour=18, minute=20))
    assert min(hours) <= between <= max(hours)


@pytest.mark.django_db(transaction=True)
def test_its_boards_report_through_the_device_url(tmp_path):
    call_command("load_demo", verbosity=0)
    before = timezone.now()
    with Server(tmp_path / "log") as server:
        command = [sys.executable, "manage.py", "report_demo", "--url", server.url, "--interval", "0.2"]
        with (tmp_path / "stderr").open("w") as stderr:
            process = subprocess.Popen(command, cwd=ROOT, env=server.environment, stderr=stderr)
        with killed_at_last(process):
            deadline = time.monotonic() + PATIENCE_S
            while Reading.objects.filter(measured_at__gte=before).count() < 18 and time.monotonic() < deadline:
                time.sleep(0.1)
            ended(process, signal.SIGINT)
    assert (tmp_path / "stderr").read_text() == ""
    reported = Reading.objects.filter(measured_at__gte=before)
    assert reported.count() >= 18
    assert set(reported.values_list("station__mac", "field")) == {(each.mac, n) for each in AIRPORTS for n in (1, 2, 3)}
    assert {station.status() for station in Station.objects.all()} == {"alive"}
