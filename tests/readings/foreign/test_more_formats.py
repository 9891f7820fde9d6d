"""AWEKAS, Tasmota and ESPHome over HTTP, and Pimoroni's Enviro."""

import json
from base64 import b64encode
from contextlib import nullcontext
from queue import Queue
from unittest import mock

import pytest
import weewx
import weewx.restx
from django.db import OperationalError
from django.test import Client

from freetemp.fields import now_millis
from readings.ingest.refusals import refusals
from readings.models import Reading, RefusedReport
from tests.readings.foreign.conftest import values

pytestmark = pytest.mark.django_db

AT_MS = 1795829040000  # 2026-11-28T01:24:00Z
STORE = "readings.ingest.store.group_commit.submit"


def get(path):
    answer = Client().get(path)
    return answer.status_code, answer.content.decode()


def post(path, content, **headers):
    body = content if isinstance(content, str) else json.dumps(content)
    answer = Client().generic("POST", path, body.encode(), content_type="application/json", **headers)
    assert answer.headers.keys() == {"Content-Type", "Cache-Control", "Content-Length"}
    return answer.status_code, answer.content.decode()


def newest(station):
    return {name: found[-1][1] for name, found in values(station).items()}


@pytest.fixture
def later():
    """Let it be a day after the reports, whenever the tests run."""
    with mock.patch("readings.foreign.view.shared_now_ms", return_value=AT_MS + 86_400_000):
        yield


# As WeeWX sends it: https://github.com/weewx/weewx, 5.5.2, run with its simulator.
ROW = (
    "{key};5f4dcc3b5aa765d61d8327deb882cf99;28.11.2026;01:24;0.4;80;1053.167;0.25;36.0;360;;;;de;;72.0;0.00;0.00;;;;0.51"
    ";weewx_5.5.2;8.5;50.1"
)


@pytest.mark.usefixtures("later")
@pytest.mark.parametrize("path", ["/eingabe_pruefung.php?val={row}", "/in/{key}/eingabe_pruefung.php?val={other}"])
def test_awekas(made, path):
    station, key = made("awekas")
    path = path.format(key=key, row=ROW.format(key=key), other=ROW.format(key="me"))
    assert [get(path), get(path)] == [(200, "OK\n")] * 2
    assert values(station)["temperature"] == [(AT_MS, 0.4)]
    assert newest(station) == {
        "temperature": 0.4,
        "humidity": 80,
        "sea-level pressure": 1053.167,
        "rain": 0.25,
        "wind speed": 10,
        "wind direction": 360,
        "gust": 20,
        "solar radiation": 0,
        "UV index": 0,
        "rain rate": 0.51,
    }


@pytest.mark.usefixtures("later")
def test_weewx_s_own_uploader_makes_the_row_and_understands_the_answers(made):
    station, key = made("awekas")
    record = {"dateTime": AT_MS // 1000, "usUnits": weewx.US, "outTemp": 50.0, "dayRain": 1.0, "windSpeed": 10.0}
    for user, error in [(key, None), ("wrong", weewx.restx.BadLogin)]:
        uploader = weewx.restx.AWEKASThread(
            Queue(), user, "anything", 50.1, 8.5, None, server_url="/eingabe_pruefung.php"
        )
        lines = get(uploader.format_url(record))[1].encode().splitlines()
        with pytest.raises(error) if error else nullcontext():
            uploader.check_response(lines)
    assert newest(station) == {"temperature": 10, "rain": 25.4, "wind speed": 4.472222}


def test_awekas_answers_words_upon_which_weewx_keeps_what_follows(made):
    _, key = made("awekas")
    assert get(f"/eingabe_pruefung.php?val={ROW.format(key='wrong')}") == (200, "Benutzer/Passwort Fehler\n")
    with mock.patch(STORE, side_effect=OperationalError("disk full")):
        answer = get(f"/eingabe_pruefung.php?val={ROW.format(key=key)}")
    assert answer == (200, "Benutzer/Passwort Fehler: try later\n")
    assert get("/eingabe_pruefung.php") == (200, "Benutzer/Passwort Fehler\n")


SENSOR = {
    "Time": "2026-11-28T01:00:00",
    "Epoch": AT_MS // 1000,
    "DS18B20-1": {"Id": "000003287CD8", "Temperature": 70.7},
    "BME280": {"Temperature": 69.8, "Humidity": 50.1, "DewPoint": 50, "Pressure": 751, "SeaPressure": None},
    "BH1750": {"Illuminance": 812},
    "ESP32": {"Temperature": 130},
    "ANALOG": {"Temperature1": 20},
    "ENERGY": {"Power": 3},
    "PressureUnit": "mmHg",
    "TempUnit": "F",
}


@pytest.mark.usefixtures("later")
@pytest.mark.parametrize("wrap", [lambda each: each, lambda each: {"StatusSNS": each}])
def test_tasmota_s_message_of_its_sensors(made, wrap):
    station, key = made("tasmota")
    assert post(f"/in/{key}/tasmota", wrap(SENSOR)) == (200, "OK")
    # A second probe at the wire: the first is another one by its name now, and still itself by its Id.
    more = SENSOR | {
        "Epoch": AT_MS // 1000 + 60,
        "DS18B20-2": SENSOR["DS18B20-1"],
        "DS18B20-1": {"Id": "000", "Temperature": 32},
    }
    assert post(f"/in/{key}/tasmota/", wrap(more)) == (200, "OK")
    assert values(station)["DS18B20-1 temperature"] == [(AT_MS, 21.5), (AT_MS + 60_000, 21.5)]
    assert newest(station) == {
        "DS18B20-1 temperature": 21.5,
        "DS18B20-1 temperature (2)": 0,
        "BME280 temperature": 21,
        "BME280 humidity": 50.1,
        "BME280 dew point": 10,
        "BME280 pressure": 1001.251,
        "BH1750 illuminance": 812,
    }
    refusals.flush()
    assert {row.part for row in RefusedReport.objects.all()} == {"ANALOG Temperatu", "ENERGY Power"}


def test_tasmota_s_rules_send_one_value_at_a_time(made):
    station, key = made("tasmota")
    before_ms = now_millis()
    assert get(f"/in/{key}/tasmota?BME280.Temperature=21.3") == (200, "OK")
    assert get(f"/in/{key}/tasmota?DS18B20-1.Temperature=50&BME280.Pressure=30&PressureUnit=inHg&TempUnit=F")[0] == 200
    assert newest(station) == {"BME280 temperature": 21.3, "DS18B20-1 temperature": 10, "BME280 pressure": 1015.9167}
    assert before_ms <= values(station)["BME280 temperature"][0][0] <= now_millis()


def test_esphome_s_names_with_their_units(made):
    station, key = made("esphome")
    sent = {
        "temperature [°C]": "21.300",
        "Humidity [%]": 50,
        "wind gust [mph]": "10",
        "noise [dB]": 40,
        "level": 3,
        "pressure [hPa]": "nan",
        "empty": None,
    }
    assert post(f"/in/{key}/esphome", sent) == (200, "OK")
    assert newest(station) == {"temperature": 21.3, "Humidity": 50, "wind gust": 4.4704, "noise": 40, "level": 3}
    fields = {each.name: (each.quantity, each.unit, each.decimals) for each in station.fields.all()}
    assert fields == {
        "temperature": ("temperature", "degC", 1),
        "Humidity": ("humidity", "%", 0),
        "wind gust": ("wind_gust", "m/s", 1),
        "noise": ("other", "dB", 1),
        "level": ("other", "", 1),
    }


@pytest.mark.parametrize("name", ["a\0b", "\ud800", "x" * 41, "", "a [b] c", "[degC]", "a [\0]"])
@pytest.mark.parametrize("form", ["{}", "{} [degC]"])
def test_what_can_be_no_name_of_a_field_is_counted_and_the_rest_is_stored(made, name, form):
    station, key = made("esphome")
    assert post(f"/in/{key}/esphome", {form.format(name): 1, "y" * 40: 2})[0] == 200
    assert newest(station) == {"y" * 34: 2}
    station, key = made("tasmota", "Other")
    assert post(f"/in/{key}/tasmota", {name * 20 or "x" * 41: {"Temperature": 1}, "A": {"Temperature": 2}})[0] == 200
    assert newest(station) == {"A temperature": 2}


def test_a_station_that_is_full_gets_no_more_fields(made):
    station, key = made("esphome")
    for start in (0, 200):
        assert post(f"/in/{key}/esphome", {f"n{n}": n for n in range(start, start + 200)}) == (200, "OK")
    assert station.fields.count() == 255
    assert Reading.objects.count() == 255


ENVIRO = {
    "nickname": "weather-test",
    "model": "weather",
    "uid": "e6614c775b8c4035",
    "timestamp": "2026-11-28T01:24:00Z",
    "readings": {
        "temperature": 27.57,
        "humidity": 49.33,
        "pressure": 996.22,
        "luminance": 0.41,
        "wind_speed": 1.5,
        "rain": 0.5588,
        "rain_per_second": 0.0006,
        "wind_direction": 315,
        "moisture_a": 12.5,
        "pm2_5": 3,
        "new": 1,
    },
}


@pytest.mark.usefixtures("later")
@pytest.mark.parametrize("is_in_path", [True, False])
def test_enviro(made, is_in_path):
    station, key = made("enviro")
    path = f"/in/{key}/enviro" if is_in_path else "/enviro"
    headers = {} if is_in_path else {"HTTP_AUTHORIZATION": f"Basic {b64encode(f'freetemp:{key}'.encode()).decode()}"}
    assert [post(path, ENVIRO, **headers) for _ in range(2)] == [(200, "OK")] * 2
    assert values(station)["temperature"] == [(AT_MS, 27.57)]
    assert newest(station) == {
        "temperature": 27.57,
        "humidity": 49.33,
        "pressure": 996.22,
        "brightness": 0.41,
        "wind speed": 1.5,
        "rain": 0.5588,
        "wind direction": 315,
        "soil moisture a": 12.5,
        "PM2.5": 3,
    }
    older = ENVIRO | {"readings": {"rain": 0.8}}
    assert post(path, older, **headers) == (200, "OK")
    assert newest(station)["rain in the last hour"] == 0.8
    assert station.fields.get(name="rain").quantity == "rain_amount"


@pytest.mark.parametrize("name", ["tasmota", "esphome", "enviro"])
def test_what_is_refused(made, name):
    _, key = made(name)
    path = f"/in/{key}/{name}"
    for body in ("[", "[]", "1", json.dumps({f"n{n}": 1 for n in range(301)}), "\xff"):
        assert post(path, body) == (400, "names and values expected")
    assert post(path, "x" * 262_145) == (413, "too large")
    assert post(f"/in/wrong/{name}", {"A": {"Temperature": 1}}) == (403, "unknown station or key")
    with mock.patch(STORE, side_effect=OperationalError("disk full")):
        assert post(path, {"A": {"Temperature": 1}}) == (503, "try later")
    assert not Reading.objects.exists()


def test_basic_without_a_password_is_no_key(made):
    made("enviro")
    for said in ("", "Basic", "Basic !", "Basic eA==", "Bearer x"):
        assert post("/enviro", ENVIRO, HTTP_AUTHORIZATION=said)[0] == 403


def test_staff_see_refused_reports_without_keys():
    get(f"/eingabe_pruefung.php?val={ROW.format(key='hunter22hunter22')}")
    get("/in/hunter22hunter22/tasmota?hunter22.Temperature=1")
    post("/in/hunter22hunter22/esphome", {"hunter22": 1})
    post("/in/hunter22hunter22/enviro", {"uid": "hunter22"})
    refusals.flush()
    assert "hunter22" not in str(list(RefusedReport.objects.values()))
    assert RefusedReport.objects.get().count == 4
