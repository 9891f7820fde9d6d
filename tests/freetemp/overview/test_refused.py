"""The overview names refused reports until they are mended, and readings that are dated ahead."""

from datetime import timedelta

import pytest
from django.utils import timezone

from freetemp.clock import Clock
from freetemp.fields import to_millis
from freetemp.overview.concerns import Urgency
from readings.models import RefusedReport, StoredAhead
from readings.models.refused_report import Reason
from stations.models import Station
from tests.conftest import MAC
from tests.freetemp.overview.seen import hear, notes, of_station, pressing, refuse

pytestmark = pytest.mark.django_db


def is_refused(overview):
    """Return where refused reports are shown: under what needs attention, or under what is worth knowing."""
    places = {"pressing": pressing(overview), "notes": notes(overview)}
    return [place for place, found in places.items() if any(kind.startswith("refused-") for kind in found)]


def test_a_board_of_a_station_that_is_refused_needs_attention_and_a_stranger_is_worth_knowing(overview, station):
    hear(station, hours=2)
    refuse("wrong_key", MAC)
    refuse("unknown_mac", "0a:00:00:00:00:01", count=1234)
    item = of_station(overview(), "refused-wrong_key")
    assert item.what == "Garden"
    assert item.detail.startswith("from 192.0.2.1, 3 times in 2\N{NO-BREAK SPACE}hours, the last one ")
    assert pressing(overview())["refused-wrong_key"].advice == Reason.WRONG_KEY.advice
    assert "refused-unknown_mac-once" in notes(overview())
    assert "1\N{NARROW NO-BREAK SPACE}234 times" in notes(overview())["refused-unknown_mac-once"].items[0].detail
    RefusedReport.objects.update(last_at=timezone.now() - timedelta(hours=25))
    assert "refused-wrong_key" not in pressing(overview())
    assert "refused-unknown_mac-once" not in notes(overview())


def test_a_board_that_is_registered_by_now_is_not_to_be_registered(overview):
    stranger = "0a:00:00:00:00:01"
    refuse("unknown_mac", stranger, ago=timedelta(seconds=1), count=900)
    assert is_refused(overview()) == ["notes"]
    Station.objects.create(name="Registered", mac=stranger)
    assert is_refused(overview()) == []


@pytest.mark.parametrize("reason", ["wrong_key", "malformed", "field", "too_large", "too_often"])
def test_a_person_s_own_tries_are_worth_knowing_and_need_no_attention(overview, station, reason):
    refuse(reason, MAC, count=40, during=timedelta(minutes=9), part="7")
    assert is_refused(overview()) == ["notes"]
    RefusedReport.objects.all().delete()
    refuse(reason, MAC, count=2, during=timedelta(hours=3), part="7")
    assert is_refused(overview()) == ["notes"]
    RefusedReport.objects.all().delete()
    refuse(reason, MAC, count=3, during=timedelta(minutes=10), part="7")
    assert is_refused(overview()) == ["pressing"], "a board goes on"


def test_a_wrong_key_is_done_when_the_board_has_the_right_one(overview, station):
    hear(station, minutes=10)
    refuse("wrong_key", MAC, ago=timedelta(minutes=5))
    assert is_refused(overview()) == ["pressing"]
    hear(station, minutes=4)
    assert is_refused(overview()) == []


def test_an_inactive_station_s_reports_are_done_when_it_is_active(overview, station):
    Station.objects.update(active=False)
    refuse("inactive", MAC)
    assert is_refused(overview()) == ["pressing"]
    Station.objects.update(active=True)
    assert is_refused(overview()) == []


def test_an_unknown_field_is_done_when_the_station_has_it(overview, station):
    hear(station, seconds=1)
    refuse("field", MAC, ago=timedelta(seconds=2), part="12")
    refuse("field", MAC, ago=timedelta(seconds=2), part="2")
    assert [item.what for item in pressing(overview())["refused-field"].items] == ["Garden", "Garden"]
    station.fields.create(number=12, name="pressure")
    assert len(pressing(overview())["refused-field"].items) == 1
    station.fields.create(number=2, name="humidity")
    assert is_refused(overview()) == []


@pytest.mark.parametrize("reason", ["malformed", "field", "too_large", "too_often"])
def test_what_a_board_sent_wrong_is_done_when_it_reports_and_nothing_more_is_refused(overview, station, reason):
    refuse(reason, MAC, ago=timedelta(minutes=2), part="9")
    hear(station, seconds=1)
    assert is_refused(overview()) == ["pressing"], "every other report may be right"
    RefusedReport.objects.update(last_at=timezone.now() - timedelta(minutes=4))
    assert is_refused(overview()) == []


@pytest.mark.parametrize("reason", ["credentials", "guessing", "method", "various"])
def test_what_no_station_is_known_for_is_worth_knowing_for_a_day(overview, reason):
    refuse(reason, count=900)
    assert is_refused(overview()) == ["notes"]
    RefusedReport.objects.update(last_at=timezone.now() - timedelta(hours=25))
    assert is_refused(overview()) == []


def test_a_database_that_stores_again_is_done(overview, station):
    hear(station, hours=2)
    refuse("database")
    assert is_refused(overview()) == ["pressing"]
    hear(station, seconds=1)
    assert is_refused(overview()) == []


def test_a_clock_for_which_nothing_more_is_refused_is_done(overview):
    refuse("clock", ago=timedelta(minutes=9))
    assert is_refused(overview()) == ["pressing"]
    RefusedReport.objects.update(last_at=timezone.now() - timedelta(minutes=11))
    assert is_refused(overview()) == []


@pytest.mark.parametrize("reason", ["clock", "database"])
def test_what_the_server_itself_could_not_take_comes_first(overview, reason):
    hear(Station.objects.create(name="Late"), minutes=10)
    refuse(reason, ago=timedelta(minutes=5))
    assert [concern.kind for concern in overview().pressing] == [f"refused-{reason}", "late"]


def test_a_clock_that_is_known_to_be_in_the_past(overview, monkeypatch):
    assert overview().pressing == []
    monkeypatch.setattr(Clock, "is_behind", lambda self, now_ms: True)
    Station.objects.create(name="Ahead", last_heard_at=timezone.now() + timedelta(hours=2))
    (concern,) = overview().pressing
    assert (concern.kind, concern.urgency) == ("clock", Urgency.NOW)
    assert concern.title.startswith(f"This server's clock is in the past: it says {timezone.now():%Y-%m-%d}")


def test_readings_dated_ahead_are_listed_by_their_stations_before_and_after_they_are_noted(overview):
    at = timezone.now() + timedelta(hours=2)
    garden = Station.objects.create(name="Garden", last_heard_at=at)
    Station.objects.create(name="Pond", last_heard_at=timezone.now())
    (concern,) = overview().pressing
    assert (concern.kind, [item.what for item in concern.items]) == ("ahead", [f"{garden.pk} Garden"])
    assert f"python manage.py remove_readings {garden.pk} --ahead " in concern.advice
    assert concern.items[0].detail == f"up to {at:%Y-%m-%d %H:%M}, its own time"
    hear(garden, seconds=1)
    assert overview().pressing == []
    StoredAhead(station=garden, by_field={}).add({1: [to_millis(at)]}, timezone.now())
    (concern,) = overview().pressing
    assert concern.items[0].detail == f"1 reading, from {at:%Y-%m-%d %H:%M} to {at:%Y-%m-%d %H:%M}, its own time"
