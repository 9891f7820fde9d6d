"""Stations for devices of other makers in the admin: from the form to what is typed into the device."""

import re

import pytest
from django.urls import reverse

from stations.models import Claim, Key, Station

pytestmark = pytest.mark.django_db


@pytest.fixture
def roof(db):
    return Station.objects.create(name="Roof", device="wunderground")


def text_of(response):
    assert response.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def test_the_form_offers_devices_and_its_station_needs_no_mac(keeping):
    url = reverse("admin:stations_station_add")
    assert '<option value="thingspeak">' in keeping.get(url).content.decode()
    form = {"name": "Roof", "device": "thingspeak", "mac": "", "timezone": "UTC", "interval_s": "60", "board": ""}
    page = text_of(keeping.post(url, form | {"active": "on", "public": "on"}, follow=True))
    station = Station.objects.get()
    assert (station.device, station.adds_fields, station.mac, station.fields.count()) == ("thingspeak", True, None, 0)
    assert "issue its key , and see what to type into its device" in page
    assert "Flash the board" not in page
    assert "sensor and wiring" not in page


def test_such_a_station_has_no_mac(keeping):
    form = {"name": "Roof", "device": "wunderground", "mac": "6c:ef:7f:3b:9d:e8", "timezone": "UTC", "interval_s": "60"}
    page = text_of(keeping.post(reverse("admin:stations_station_add"), form))
    assert "Such a device proves itself by its key alone" in page
    assert not Station.objects.exists()


def test_keys_lists_what_to_type_with_the_key_once(keeping, roof, settings):
    settings.SERVER_URL = "https://weather.example/freetemp"
    url = reverse("admin:stations_keys", args=[roof.pk])
    assert "(the station's key)" in text_of(keeping.get(url)).replace("&#x27;", "'")
    page = text_of(keeping.post(url, {"issue": "1"}))
    key = re.search("[0-9a-f]{32}", page)[0]
    assert Key.objects.verify([Claim.by_key_alone(key)])
    for row in ("Server, host name weather.example", "Port 80 (443 if it knows HTTPS)", f"Station key, password {key}"):
        assert row in page
    assert f"/freetemp/in/{key}/weatherstation/updateweatherstation.php?" in page
    assert "curl" not in page
    assert key not in text_of(keeping.get(url))


def test_added_fields_are_named_and_their_sources_can_be_changed(client, keeping, roof):
    key = Key.objects.issue(roof)
    client.get(f"/weatherstation/updateweatherstation.php?PASSWORD={key}&dateutc=now&tempf=50")
    overview = text_of(keeping.get("/admin/overview/"))
    assert "reports have added" in overview
    assert "tempf" in overview
    page = keeping.get(reverse("admin:stations_station_change", args=[roof.pk])).content.decode()
    assert 'name="fields-0-source" value="tempf"' in page
    garden = Station.objects.create(name="Garden")
    of_board = keeping.get(reverse("admin:stations_station_change", args=[garden.pk])).content.decode()
    assert "fields-0-source" not in of_board
    assert client.get(roof.get_absolute_url()).status_code == 200


def test_a_station_without_any_field_yet_has_a_page(client, roof):
    for address in ("/", roof.get_absolute_url(), "/compare/", f"/api/v1/stations/{roof.pk}/"):
        assert client.get(address).status_code == 200, address
