"""A new station's page shows the way to its first reading, and its form explains the fields."""

import re

import pytest
from django.utils import timezone

from firmware.models import WiFiNetwork
from stations.models import Key, Station

pytestmark = pytest.mark.django_db


def page_of(client, station):
    return client.get(f"/admin/stations/station/{station.pk}/change/").content.decode()


def steps(page):
    """Map the names of the steps to whether each is done."""
    found = re.findall(r'<li class="(done|open)">\s*<strong>([^<]+)</strong>', page)
    return {name: state == "done" for state, name in found}


def test_a_new_station_shows_its_steps_and_a_key_is_one(keeping, station):
    page = page_of(keeping, station)
    assert steps(page) == {
        "Registered": True,
        "Ready to flash": False,
        "Key issued": False,
        "First report": False,
    }
    assert f'<a href="/admin/stations/station/{station.pk}/keys/">Key and address</a></p>' in page
    Key.objects.issue(station)
    assert steps(page_of(keeping, station))["Key issued"]
    Key.objects.end()
    assert not steps(page_of(keeping, station))["Key issued"]


def test_a_simulated_station_with_nothing_missing_is_ready(keeping, station):
    Station.objects.update(simulated=True)
    page = page_of(keeping, station)
    assert steps(page)["Ready to simulate"]
    to_do = page.partition('id="steps-heading"')[2].partition("</section>")[0]
    assert to_do.count(f"<code>python manage.py simulate_station {station.pk}</code>") == 2
    assert "board" not in to_do


def test_the_first_reading_is_the_end_of_the_steps(keeping, station):
    Station.objects.update(last_heard_at=timezone.now())
    assert steps(page_of(keeping, station)) == {}


def test_without_permissions_for_boards_only_the_registry_s_steps_are_shown(viewing, station):
    assert list(steps(page_of(viewing, station))) == ["Registered", "Key issued", "First report"]


def test_each_input_of_a_row_says_which_it_is_of_what(keeping, station):
    station.wifi.create(network=WiFiNetwork.objects.create(ssid="Weather"))
    page = page_of(keeping, station)
    for label in (
        "Number, 1 temperature [degC]",
        "Smallest plausible, 1 temperature [degC]",
        "Delete, 1 temperature [degC]",
        "Number, new row",
        "Position, 1. Weather",
        "WiFi network, 1. Weather",
    ):
        assert f'aria-label="{label}"' in page


def test_the_form_suggests_places_that_other_stations_have(keeping, station):
    for name in ("One", "Two"):
        Station.objects.create(name=name, place="The pond")
    assert page_of(keeping, station).count("<option>The pond</option>") == 1


def test_the_form_says_what_a_mac_a_time_zone_an_interval_and_limits_are_for(keeping, station):
    page = page_of(keeping, station)
    for taught in ("esptool prints it", "days begin at midnight", "after 3 minutes and an hour", "Limits that make"):
        assert taught in page
