"""The demo: a real year that ends now, and boards that continue from there."""

import itertools
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import Avg
from django.test import TestCase
from django.utils import timezone

from freetemp.fields import to_millis
from readings.demo import AIRPORTS, AROUND, load, observations
from readings.demo.weather import FLUTTER, Weather
from readings.models import BoardState, Quarter, Reading
from stations.models import Station
from tests.programs import PATIENCE_S, ended, killed_at_last
from tests.server import ROOT, Server

# A year is stored as measurements are, which other tests try on each database. The last test reports on each.
once = pytest.mark.sqlite_only
NOW = datetime(2027, 3, 15, 18, 30, tzinfo=UTC)
# The fields that the boards report, by MAC: wind and rain too where they were observed.
SENT = {(each.mac, number) for each in AIRPORTS for number in range(1, 6 if each.has_wind_and_rain else 4)}


@once
class TestNewark(TestCase):
    """A year of one airport is loaded once for all that is looked for in it."""

    @classmethod
    def setUpTestData(cls):
        cls.station, cls.stored = load(AIRPORTS[0], NOW)
        # The weather around NOW, and the observations that it is made of, by field and moment.
        known = list(observations(AIRPORTS[0], cls.station, NOW - AROUND, NOW + AROUND))
        cls.weather = Weather(cls.station.fields.all(), known)
        cls.known = {(each.field, each.measured_at_ms): each.value for each in known}

    def test_a_year_ends_now_at_the_right_season_and_hour(self):
        first, last = Reading.objects.span(self.station)
        assert self.stored > 8_000 * 2
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

    def test_a_year_is_complete_but_for_the_gaps_that_show_what_gaps_look_like(self):
        assert_complete(AIRPORTS[0], self.station)

    def test_loaded_again_it_adds_only_what_has_passed_since(self):
        assert load(AIRPORTS[0], NOW)[1] == 0
        station, stored = load(AIRPORTS[0], NOW + timedelta(hours=5))
        assert stored == 5 * 60 * 3
        assert Station.objects.count() == 1
        assert station.simulated

    def test_on_the_hour_the_weather_is_what_was_observed(self):
        inner = [key for key in self.known if abs(key[1] - to_millis(NOW)) < 86_400_000]
        assert len(inner) > 120
        assert {key: self.weather.at(*key) for key in inner} == {key: self.known[key] for key in inner}

    def test_between_two_observations_the_weather_is_between_them_but_for_a_flutter(self):
        hour_ms = to_millis(NOW.replace(hour=17, minute=0))
        for number, field in self.weather.fields.items():
            ends = [self.known[number, hour_ms], self.known[number, hour_ms + 3_600_000]]
            values = [self.weather.at(number, hour_ms + minute * 60_000) for minute in range(61)]
            slack = FLUTTER[field.unit] + 0.5 / 10**field.decimals
            assert min(ends) - slack <= min(values) <= max(values) <= max(ends) + slack
            assert [values[0], values[-1]] == ends


def assert_complete(airport, station):
    lengths = [length for _, length in airport.outages]
    for field in station.fields.all():
        moments = list(Reading.objects.filter(field=field.number).order_by("measured_at").values_list("measured_at"))
        steps = [later - earlier for (earlier,), (later,) in itertools.pairwise(moments)]
        long = [step for step in steps if step > timedelta(hours=1)]
        assert len(long) == len(lengths)
        assert all(length < step <= length + timedelta(hours=1) for step, length in zip(long, lengths, strict=True))
        of_last_week = [each for (each,) in moments if each >= NOW - timedelta(days=7)]
        assert len(of_last_week) >= 7 * 24 * 60 - 101


@once
@pytest.mark.django_db
def test_an_older_demo_gets_the_history_of_what_is_new(monkeypatch):
    monkeypatch.setattr("readings.demo.HISTORY", timedelta(days=20))
    station, _ = load(AIRPORTS[2], NOW)
    every = Reading.objects.count()
    Reading.objects.filter(field__in=(4, 5)).delete()
    station.fields.filter(number__in=(4, 5)).delete()
    load(AIRPORTS[2], NOW)
    assert Reading.objects.count() == every


@pytest.mark.parametrize("airport", AIRPORTS[1:], ids=lambda airport: airport.file)
@once
@pytest.mark.django_db
def test_every_year_is_complete_and_no_value_is_out_of_its_place(airport):
    """An observation of JFK on 9 May is 24 degrees below its neighbours: it is left out.

    969 mm of rain fell on La Guardia in 2013, whatever day the year ends.
    """
    station, _ = load(airport, NOW)
    assert_complete(airport, station)
    values = list(Reading.objects.filter(field=1).order_by("measured_at").values_list("value", flat=True))
    assert max(abs(later - earlier) for earlier, later in itertools.pairwise(values)) < 12
    amounts = Quarter.objects.filter(station=station, field=5).values_list("sum", flat=True)
    assert sum(amounts) == pytest.approx(968.8 if airport.has_wind_and_rain else 0, abs=1)


@once
@pytest.mark.django_db
def test_a_leap_day_is_there_though_it_was_never_observed(monkeypatch):
    monkeypatch.setattr("readings.demo.HISTORY", timedelta(days=20))
    _station, _ = load(AIRPORTS[0], datetime(2028, 3, 1, 12, tzinfo=UTC))
    of_the_day = Reading.objects.filter(field=1, measured_at__gte=datetime(2028, 2, 29, 5, tzinfo=UTC))
    assert of_the_day.filter(measured_at__lt=datetime(2028, 3, 1, 5, tzinfo=UTC)).count() == 24 * 60


@pytest.mark.django_db(transaction=True)
def test_its_boards_report_through_the_device_url(tmp_path, monkeypatch):
    # The others have fewer kinds of fields.
    airports = AIRPORTS if connection.vendor == "sqlite" else [each for each in AIRPORTS if each.has_wind_and_rain]
    monkeypatch.setattr("readings.management.commands.load_demo.AIRPORTS", airports)
    for name in ("HISTORY", "DENSE"):  # The tests above look at whole years.
        monkeypatch.setattr(f"readings.demo.{name}", timedelta(days=2))
    sent = {(mac, number) for mac, number in SENT if mac in {each.mac for each in airports}}
    call_command("load_demo", verbosity=0)
    before = timezone.now()
    with Server(tmp_path / "log") as server:
        command = [sys.executable, "manage.py", "report_demo", "--url", server.url, "--interval", "0.2"]
        with (tmp_path / "stderr").open("w") as stderr:
            process = subprocess.Popen(command, cwd=ROOT, env=server.environment, stderr=stderr)
        with killed_at_last(process):
            deadline = time.monotonic() + PATIENCE_S
            reported = Reading.objects.filter(measured_at__gte=before)
            while reported.count() < 2 * len(sent) and time.monotonic() < deadline:
                time.sleep(0.1)
            ended(process, signal.SIGINT)
    assert (tmp_path / "stderr").read_text() == ""
    assert reported.count() >= 2 * len(sent)
    assert set(reported.values_list("station__mac", "field")) == sent
    assert {station.status() for station in Station.objects.all()} == {"alive"}
    told = BoardState.objects.values_list("station__mac", "start", "reset_cause")
    assert set(told) == {(mac, 1, 6) for mac, _ in sent}
