"""The board's part of a station's page, and the page that flashes the board."""

import html

import pytest
from django.contrib.auth.models import Permission, User
from django.contrib.sessions.models import Session

from audit.models import Event
from firmware.models import Equipment, FlashToken, FurtherSensor, NotReadyError, StationNetwork
from stations.models import Station
from tests.conftest import client_of
from tests.firmware.conftest import make_network
from tests.firmware.ready import add_image, lose
from tests.stations.admin.test_form import inlines, own

pytestmark = pytest.mark.django_db


def board(sensor="mcp9808", wiring="", networks=(), equipment=None, further=(), **changed):
    """Return the board's part of the station's form data. `further` are (sensor, wiring)."""
    sent = {"equipment-TOTAL_FORMS": "1", "equipment-INITIAL_FORMS": "1" if equipment else "0"}
    sent |= {"equipment-0-sensor": sensor, "equipment-0-wiring": wiring, "wifi-INITIAL_FORMS": "0"}
    sent |= {"equipment-0-id": str(equipment.pk)} if equipment else {}
    for n, network in enumerate(networks):
        sent |= {f"wifi-{n}-position": str(n + 1), f"wifi-{n}-network": str(network.pk)}
    for n, (driver, wires) in enumerate(further):
        sent |= {f"further_sensors-{n}-sensor": driver, f"further_sensors-{n}-wiring": wires}
    sent |= {"further_sensors-TOTAL_FORMS": str(len(further)), "further_sensors-INITIAL_FORMS": "0"}
    return sent | {"wifi-TOTAL_FORMS": str(len(networks))} | changed


def url(station, page="change"):
    return f"/admin/stations/station/{station.pk}/{page}/"


def send(client, station, follow=False, **changed):
    return client.post(url(station), own(station) | inlines(station) | board(**changed), follow=follow)


def text(response):
    return html.unescape(response.content.decode())


def test_a_keeper_chooses_sensor_wiring_and_networks(keeping, station):
    networks = [make_network("School"), make_network("Phone")]
    changed = {"sensor": "sht3x", "wiring": "scl=D5 sda=D6 address=0x45", "networks": networks}
    assert send(keeping, station, **changed, **{"equipment-0-battery": "on"}).status_code == 302
    equipment = Equipment.objects.get()
    assert (equipment.sensor, equipment.battery) == ("sht3x", True)
    assert equipment.wiring == {"scl": 14, "sda": 12, "address": 0x45}
    assert [str(each.network) for each in StationNetwork.objects.filter(station=station)] == ["School", "Phone"]


def test_choosing_a_sensor_adds_the_fields_that_it_measures(keeping, station):
    page = send(keeping, station, sensor="bme280", follow=True)
    assert list(station.fields.values_list("name", "unit")) == [
        ("temperature", "degC"),
        ("humidity", "%"),
        ("pressure", "hPa"),
    ]
    assert "A BME280 measures humidity and pressure too: added to the station's fields." in text(page)


def test_a_keeper_adds_rain_and_wind_to_the_same_board(keeping, station):
    further = [("rain_gauge", "data=D5 tip_mm=0.2"), ("anemometer", ""), ("wind_vane", "pull_up=12000")]
    page = text(send(keeping, station, sensor="sht3x", further=further, follow=True))
    kept = FurtherSensor.objects.filter(station=station).values_list("sensor", "wiring")
    assert list(kept) == [
        ("rain_gauge", {"data": 14, "tip_mm": 2000}),
        ("anemometer", {}),
        ("wind_vane", {"pull_up": 12_000}),
    ]
    assert "A SHT3x with a rain gauge with a cup anemometer with a wind vane measures humidity and rain" in page
    assert 'value="data=D5 tip_mm=0.2"' in text(keeping.get(url(station)))
    assert set(station.fields.values_list("quantity", flat=True)) >= {"rain_counter", "wind_gust", "wind_direction"}


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"further": [("rain_gauge", "data=D0")]}, "“D0” is not a pin: use D1, D2, D5, D6, D7, or the GPIO number."),
        ({"further": [("rain_gauge", "data=16")]}, "GPIO 16 has other work on an ESP8266: use D1, D2, D5, D6, D7."),
        ({"further": [("rain_gauge", "tip_mm=0,2")]}, "Write the wiring like “scl=D1 sda=D2”"),
        ({"further": [("rain_gauge", "data=D1")]}, "D1 has the scl of the MCP9808 already"),
        ({"sensor": "dht22", "further": [("ds18b20", "")]}, "D5 has the data of the DHT22 (AM2302) already"),
        ({"further": [("wind_vane", ""), ("wind_vane", "")]}, "A0 is its only analogue input"),
        ({"sensor": "bme280", "further": [("rain_gauge", ""), ("wind_vane", "")]}, "An ESP8266 has no memory for a"),
        ({"further": [("anemometer", "")], "equipment-0-battery": "on"}, "A board on a battery sleeps between its"),
    ],
)
def test_what_one_board_cannot_carry_is_refused_with_a_sentence(keeping, station, sent, sentence):
    response = send(keeping, station, **sent)
    assert response.status_code == 200
    assert sentence in html.unescape(str(response.context["errors"]))
    assert not FurtherSensor.objects.exists()


def test_a_further_sensor_that_is_removed_makes_room_for_another(keeping, station):
    rain = FurtherSensor.objects.create(station=station, sensor="rain_gauge")
    sent = {
        "further_sensors-INITIAL_FORMS": "1",
        "further_sensors-0-id": str(rain.pk),
        "further_sensors-0-DELETE": "on",
    }
    further = [("rain_gauge", ""), ("ds18b20", "data=D6")]
    assert send(keeping, station, further=further, **sent).status_code == 302
    assert list(FurtherSensor.objects.values_list("sensor", flat=True)) == ["ds18b20"]


def test_a_station_whose_sensor_nobody_touched_has_none_of_its_own(keeping, station):
    assert send(keeping, station).status_code == 302
    assert not Equipment.objects.exists()
    assert Equipment.objects.of(station).sensor == "mcp9808"


def test_a_saved_sensor_is_shown_as_it_was_written_and_changed(keeping, station):
    equipment = Equipment.objects.create(station=station, sensor="ds18b20", wiring={"data": 12})
    page = text(keeping.get(url(station)))
    assert 'value="data=D6"' in page
    assert '<option value="ds18b20" selected>' in page
    send(keeping, station, sensor="ds18b20", wiring="", equipment=equipment)
    equipment.refresh_from_db()
    assert equipment.wiring == {}


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"wiring": "scl=D0"}, "“D0” is not a pin: use D1, D2, D5, D6, D7, or the GPIO number."),
        ({"wiring": "nonsense"}, "Write the wiring like “scl=D1 sda=D2”"),
        ({"wiring": "address=0x30"}, "A MCP9808 answers at 0x18"),
        ({"sensor": "nose"}, "nose is not one of the available choices"),
    ],
)
def test_a_slip_in_the_wiring_is_refused_with_a_sentence_beside_it(keeping, station, wrong, sentence):
    response = send(keeping, station, **wrong)
    assert response.status_code == 200
    assert sentence in html.unescape(str(response.context["errors"]))
    assert not Equipment.objects.exists()


def test_one_network_twice_is_refused(keeping, station, network):
    response = send(keeping, station, networks=[network, network])
    assert response.status_code == 200
    assert not StationNetwork.objects.exists()


def test_what_is_missing_before_flashing_is_said_in_sentences(keeping, station):
    page = text(keeping.get(url(station)))
    assert "Garden has no WiFi network: choose one above." in page
    assert "There is no MicroPython yet: run <code>python manage.py fetch_micropython</code>" in page
    assert "SERVER_URL is http://127.0.0.1:8000, which an ESP8266 cannot reach" in page
    assert f"python manage.py flash_station {station.pk} --port PORT" in page


def test_an_inactive_station_is_not_ready_and_no_board_is_made_for_it(keeping, connected):
    Station.objects.update(active=False)
    assert "Garden is inactive, so its reports are refused: activate it" in text(keeping.get(url(connected)))
    with pytest.raises(NotReadyError, match="Garden is inactive"):
        Equipment.objects.recipe(Station.objects.get(), "k" * 32, "http://192.0.2.20:8000")


def test_a_server_port_with_tls_is_listed_as_missing(keeping, station, settings):
    settings.SERVER_URL = "https://freetemp.example:8443"
    assert "a port with TLS, and boards speak plain HTTP" in text(keeping.get(url(station)))


def test_nothing_is_missing_once_all_is_there(keeping, connected, settings):
    settings.SERVER_URL = "http://192.0.2.20:8000"
    add_image()
    page = text(keeping.get(url(connected)))
    assert "Before the command can run" not in page
    assert f"python manage.py flash_station {connected.pk} --port PORT" in page


def test_an_image_whose_file_is_gone_is_missing(keeping, connected):
    lose(add_image(version="0.0.1", content=b"\xe9 gone"))
    assert "There is no MicroPython yet" in text(keeping.get(url(connected)))


def test_a_password_that_cannot_be_read_is_missing(keeping, connected, settings):
    settings.ENCRYPTION_KEYS = []
    page = keeping.get(url(connected))
    assert page.status_code == 200
    assert "The password of the WiFi network Weather cannot be read" in text(page)


def test_a_sensor_that_this_version_does_not_know_is_missing(keeping, connected):
    Equipment.objects.create(station=connected, sensor="nose")
    page = keeping.get(url(connected))
    assert page.status_code == 200
    assert "Garden has a sensor nose that is not known: choose another in the admin." in text(page)


def test_a_missing_field_of_the_sensor_is_listed(keeping, connected):
    connected.fields.update(unit="degF")
    assert "Garden has no field in degC" in text(keeping.get(url(connected)))


def test_a_simulated_station_is_simulated_and_not_flashed(keeping, connected):
    Station.objects.update(simulated=True)
    for page in map(text, (keeping.get(url(connected)), keeping.get(url(connected, "flash")))):
        assert f"python manage.py simulate_station {connected.pk}" in page
        assert "flash_station" not in page
        assert "MicroPython yet" not in page
    assert keeping.post(url(connected, "flash"), {"make": "1"}).status_code == 200
    assert not FlashToken.objects.exists()


def test_a_simulated_station_needs_no_wifi(keeping, station):
    Station.objects.update(simulated=True)
    assert "Before the command can run" not in text(keeping.get(url(station)))
    station.refresh_from_db()
    assert Equipment.objects.recipe(station, "key", "http://127.0.0.1:8000").networks == (("simulated", ""),)


def make(client, station):
    response = client.post(url(station, "flash"), {"make": "1"})
    assert response.status_code == 200
    return response.context["token"], response


def test_a_token_is_shown_in_the_answer_to_the_click_that_made_it_and_nowhere_after(keeping, keeper, station):
    token, answer = make(keeping, station)
    page = text(answer)
    assert f"<code>{token}</code>" in page
    assert f"flash_station {station.pk} --port PORT --server http://127.0.0.1:8000" in page
    assert FlashToken.objects.claim(token).made_by == "keeper"
    assert "no-store" in answer["Cache-Control"]
    later = [url(station), url(station, "flash"), url(station, "history"), "/admin/"]
    assert not any(token in text(keeping.get(page)) for page in later)
    assert token not in str([session.get_decoded() for session in Session.objects.all()])
    assert [event.deed for event in Event.objects.filter(person=keeper.username)] == ["flash token made"]


def test_a_keeper_ends_a_token(keeping, station):
    token, _ = make(keeping, station)
    page = keeping.post(url(station, "flash"), {"end": "1"}, follow=True)
    assert "The token has ended" in text(page)
    with pytest.raises(FlashToken.DoesNotExist):
        FlashToken.objects.claim(token)
    assert 'name="end"' not in text(page)


def test_every_use_of_a_token_is_listed(keeping, station):
    token, _ = make(keeping, station)
    FlashToken.objects.claim(token).log("took the <files>", "192.0.2.7")
    page = keeping.get(url(station, "flash")).content.decode()
    assert "<td>192.0.2.7</td>" in page
    assert "<td>took the &lt;files&gt;</td>" in page
    assert "<td>keeper</td>" in page


def test_a_forged_click_makes_no_token(keeper, station):
    browser = client_of(keeper)
    browser.handler.enforce_csrf_checks = True
    assert browser.post(url(station, "flash"), {"make": "1"}).status_code == 403
    assert not FlashToken.objects.exists()


def test_an_empty_post_makes_nothing(keeping, station):
    assert keeping.post(url(station, "flash")).status_code == 200
    assert not FlashToken.objects.exists()


def test_view_permission_alone_neither_makes_nor_ends_a_token(viewing, station):
    token = FlashToken.objects.make(station)
    page = text(viewing.get(url(station, "flash")))
    assert 'name="make"' not in page
    assert 'name="end"' not in page
    for click in ("make", "end"):
        assert viewing.post(url(station, "flash"), {click: "1"}).status_code == 403
    assert FlashToken.objects.claim(token)


def test_view_permission_alone_shows_sensor_and_networks(viewing, connected):
    Equipment.objects.create(station=connected, sensor="ds18b20", wiring={"data": 12})
    page = text(viewing.get(url(connected)))
    assert "ds18b20" in page
    assert "Weather" in page
    assert 'name="equipment-0-sensor"' not in page
    assert f"python manage.py flash_station {connected.pk} --port PORT" in page


def test_without_permissions_for_boards_only_the_registry_is_shown(station):
    user = User.objects.create_user("mover", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=["view_station", "change_station"]))
    browser = client_of(user)
    page = text(browser.get(url(station)))
    assert "flash_station" not in page
    assert 'name="equipment-TOTAL_FORMS"' not in page
    assert browser.get(url(station, "flash")).status_code == 403


def test_a_station_that_is_not_there_is_not_found(keeping):
    assert keeping.get("/admin/stations/station/999/flash/").status_code == 404


def test_the_pages_obey_the_strict_content_security_policy(keeping, connected):
    for page in (url(connected), url(connected, "flash"), "/admin/firmware/wifinetwork/add/"):
        response = keeping.get(page)
        assert "script-src 'self';" in response["Content-Security-Policy"] + ";"
        assert " style=" not in response.content.decode()
        assert " onclick=" not in response.content.decode()


def test_the_station_page_asks_as_much_with_thirty_networks_as_with_one(
    keeping, connected, network, django_assert_max_num_queries
):
    for n in range(29):
        StationNetwork.objects.create(station=connected, network=make_network(f"School {n}"), position=n + 2)
    keeping.get(url(connected))
    with django_assert_max_num_queries(22):
        keeping.get(url(connected))


def test_the_flash_page_asks_as_much_for_many_uses_as_for_one(keeping, connected, django_assert_num_queries):
    token, _ = make(keeping, connected)
    for n in range(40):
        FlashToken.objects.claim(token).log(f"use {n}", "192.0.2.7")
    # Session, user, two for permissions, station, equipment, further sensors, networks, fields, image, token, uses.
    with django_assert_num_queries(12):
        keeping.get(url(connected, "flash"))
