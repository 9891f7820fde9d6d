"""The overview says what happened lately: stations that were lost together are one line."""

from datetime import timedelta

import pytest
from django.utils import timezone

from freetemp.overview.concerns import Survey
from freetemp.overview.server import look
from outages.causes import Cause
from outages.concerns import outage_concerns
from outages.models import Outage, ServerRun
from stations.models import Station
from tests.outages.conftest import NOON

pytestmark = pytest.mark.django_db
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def add(name, began_at, cause, length=HOUR, **own):
    station, _ = Station.objects.get_or_create(name=name, defaults={"timezone": "Europe/Berlin"})
    return Outage.objects.create(station=station, began_at=began_at, ended_at=began_at + length, cause=cause, **own)


def told(at=NOON):
    found = [each for each in outage_concerns(Survey(at, [], look())) if each]
    return [(item.what, item.detail) for each in found for item in each.items]


def test_stations_that_lost_power_together_are_one_line():
    night = NOON - 11 * HOUR + 14 * MINUTE
    for minute, name in enumerate(["Roof", "Shed", "Pier"]):
        add(name, night + minute * MINUTE / 2, Cause.POWER, is_sure=True, together=3, of=5)
    add("Mast", night + 5 * MINUTE, Cause.UNKNOWN)
    add("Roof", NOON - 70 * HOUR, Cause.POWER)
    assert told() == [
        ("Mast fell silent for a reason that is not known at 02:19", "back after 1\xa0hour"),
        ("3 of 5 stations lost power together at 02:14", "Pier, Shed, Roof: back after 1\xa0hour"),
    ]


def test_one_of_yesterday_names_its_day_and_how_sure_it_is():
    add("Roof", NOON - 30 * HOUR, Cause.BATTERY)
    assert told() == [("Roof probably lost power from an empty battery at 07:00 on Monday", "back after 1\xa0hour")]


def test_quiet_days_have_no_line():
    add("Roof", NOON - 50 * HOUR, Cause.POWER)
    Outage.objects.create(station=Station.objects.create(name="Shed"), began_at=NOON - HOUR)
    assert told() == []


def test_the_admin_shows_outages_and_the_servers_record(admin_client):
    outage = add("Roof", timezone.now() - 5 * HOUR, Cause.CRASH, is_sure=True, expected=59, together=2, of=4)
    ServerRun.objects.note(timezone.now())
    page = admin_client.get("/admin/outages/outage/").content.decode()
    assert "crash" in page
    assert "1 of 3 others" in page
    page = admin_client.get(f"/admin/outages/outage/{outage.pk}/change/").content.decode()
    assert "its watchdog restarted it" in page
    assert "Save" not in page
    assert admin_client.get("/admin/outages/serverrun/").status_code == 200
    assert "Roof crashed" in admin_client.get("/admin/overview/").content.decode()
