"""Devices that announce themselves: Tasmota, ESPHome by Home Assistant's discovery, Zigbee2MQTT."""

import json

import pytest

from freetemp.fields import now_millis
from readings.foreign.mqtt.formats import read
from readings.foreign.mqtt.inbox import Arrived, Inbox
from readings.foreign.mqtt.listener import the_session
from readings.foreign.mqtt.messages import Message
from readings.models import DeviceState, MqttDevice
from stations.models import Station
from tests.readings.foreign.conftest import values
from tests.readings.foreign.mqtt.conftest import is_connected, listen

TASMOTA = {
    "ip": "192.168.1.9",
    "dn": "Garden",
    "fn": ["Garden"],
    "hn": "tasmota-123456",
    "mac": "A0B1C2D3E4F5",
    "md": "Sonoff TH",
    "ofln": "Offline",
    "onln": "Online",
    "sw": "13.1.0",
    "t": "tasmota_D3E4F5",
    "ft": "%prefix%/%topic%/",
    "tp": ["cmnd", "stat", "tele"],
}
SENSOR = {
    "Time": "2026-11-28T01:00:00",
    "DS18B20-1": {"Id": "000003287CD8", "Temperature": 70.3},
    "BME280": {"Temperature": 69.8, "Humidity": 50.1, "DewPoint": 50.4, "Pressure": 751.2},
    "ESP32": {"Temperature": 120},
    "PressureUnit": "mmHg",
    "TempUnit": "F",
}
ESPHOME = {
    "dev_cla": "temperature",
    "unit_of_meas": "°C",
    "stat_cla": "measurement",
    "name": "Outside",
    "stat_t": "garden/sensor/outside/state",
    "avty_t": "garden/status",
    "uniq_id": "ESPsensoroutside",
    "dev": {"ids": "a0b1c2d3e4f6", "name": "Garden", "sw": "esphome v2026.10.0", "mdl": "d1", "mf": "Espressif"},
}
ZIGBEE = [
    {"ieee_address": "0x00124b0000000001", "friendly_name": "Coordinator", "type": "Coordinator", "definition": None},
    {
        "ieee_address": "0x00124B0012345678",
        "friendly_name": "cellar/north",
        "definition": {
            "model": "WSDCGQ11LM",
            "exposes": [
                {"type": "numeric", "property": "temperature", "unit": "°C"},
                {"type": "numeric", "property": "pressure", "unit": "kPa"},
                {"type": "numeric", "property": "linkquality", "unit": "lqi"},
                {"type": "binary", "property": "tamper"},
            ],
        },
    },
]


@pytest.fixture
def inbox(db):
    return Inbox(the_session(), proves_stations=False)


def send(inbox, *messages, retained=False):
    told = [(topic, payload if isinstance(payload, str) else json.dumps(payload)) for topic, payload in messages]
    inbox.store([Arrived(Message(topic, text.encode(), now_millis(), retained), 0, False) for topic, text in told])


def registered(inbox, identity, device):
    station = Station.objects.create(name="Roof", device=device, identity=identity)
    inbox.devices.look()
    return station


def newest(station):
    return {name: (rows[-1][1], unit) for name, unit in units(station) if (rows := values(station).get(name))}


def units(station):
    return station.fields.values_list("name", "unit")


def test_a_tasmota_is_listed_and_reports_once_it_is_a_station(inbox):
    send(inbox, ("tasmota/discovery/A0B1C2D3E4F5/config", TASMOTA), retained=True)
    send(inbox, ("tele/tasmota_D3E4F5/SENSOR", SENSOR))
    device = MqttDevice.objects.get()
    assert (device.identity, device.name, device.model, device.kind) == (
        "a0b1c2d3e4f5",
        "Garden",
        "Sonoff TH",
        "tasmota",
    )
    station = registered(inbox, "A0:B1:C2:D3:E4:F5", "tasmota")
    send(inbox, ("tele/tasmota_D3E4F5/SENSOR", SENSOR), ("tele/tasmota_D3E4F5/LWT", "Online"))
    assert newest(station) == {
        "DS18B20-1 temperature": (21.277778, "degC"),
        "BME280 temperature": (21.0, "degC"),
        "BME280 humidity": (50.1, "%"),
        "BME280 dew point": (10.222222, "degC"),
        "BME280 pressure": (1001.518, "hPa"),
    }
    assert station.fields.get(number=1).source == "000003287CD8 Temperature"
    send(inbox, ("tele/tasmota_D3E4F5/LWT", "Offline"))
    device.refresh_from_db()
    assert device.offline_since is not None
    assert device.seen_at is not None
    send(inbox, ("tele/tasmota_D3E4F5/LWT", "Online"))
    device.refresh_from_db()
    assert device.offline_since is None


def test_a_tasmotas_topics_follow_its_full_topic():
    config = TASMOTA | {"ft": "home/%topic%/%prefix%/%id%"}
    (told,) = read(Message("tasmota/discovery/x/config", json.dumps(config).encode(), 0), None, proves_stations=False)
    assert list(told.topics) == [f"home/tasmota_D3E4F5/tele/D3E4F5/{name}" for name in ("SENSOR", "STATE", "LWT")]


def test_the_signal_of_a_tasmota_is_that_in_dbm_and_its_state_alone_is_no_sign_of_life(inbox):
    """RSSI is in percent, and Signal in dBm (Tasmota's pull request 7145)."""
    send(inbox, ("tasmota/discovery/A0B1C2D3E4F5/config", TASMOTA), retained=True)
    station = registered(inbox, "A0:B1:C2:D3:E4:F5", "tasmota")
    send(inbox, ("tele/tasmota_D3E4F5/STATE", {"Heap": 24, "Wifi": {"AP": 1, "RSSI": 44, "Signal": -78}}))
    station.refresh_from_db()
    assert station.last_heard_at is None
    assert not DeviceState.objects.exists()
    send(inbox, ("tele/tasmota_D3E4F5/SENSOR", SENSOR))
    assert DeviceState.objects.get().rssi == -78
    send(inbox, ("tele/tasmota_D3E4F5/STATE", "{}"), ("tele/tasmota_D3E4F5/STATE", {"Wifi": {"Signal": 44}}))
    assert DeviceState.objects.get().rssi == -78


def test_a_battery_that_a_zigbee_device_calls_low_is_kept_and_its_link_quality_is_not(inbox):
    send(inbox, ("zigbee2mqtt/bridge/devices", ZIGBEE), retained=True)
    address, name = ZIGBEE[1]["ieee_address"], ZIGBEE[1]["friendly_name"]
    registered(inbox, address, "zigbee2mqtt")
    for is_low, words in ((True, "its own"), (False, "")):
        send(inbox, (f"zigbee2mqtt/{name}", {"temperature": 7.5, "battery_low": is_low, "linkquality": 120}))
        state = DeviceState.objects.get()
        assert (state.low_batteries, state.rssi) == (words, None)
    assert state.low_at is not None


def test_the_configs_for_home_assistant_are_a_catalogue_of_fields(inbox):
    humidity = ESPHOME | {"dev_cla": "humidity", "unit_of_meas": "%", "~": "garden/sensor/rh", "stat_t": "~/state"}
    configs = [("outside", ESPHOME), ("rh", humidity | {"name": "Humidity"})]
    send(inbox, *[(f"homeassistant/sensor/garden/{name}/config", config) for name, config in configs], retained=True)
    station = registered(inbox, "a0b1c2d3e4f6", "esphome")
    send(inbox, ("garden/sensor/outside/state", "20"), retained=True)
    send(inbox, ("garden/sensor/outside/state", "21.5"), ("garden/sensor/rh/state", "nan"), ("garden/status", "online"))
    send(inbox, ("garden/sensor/rh/state", "52"))
    assert values(station).keys() == {"Outside", "Humidity"}
    assert newest(station) == {"Outside": (21.5, "degC"), "Humidity": (52.0, "%")}
    assert MqttDevice.objects.get().kind == "esphome"


def test_a_device_with_all_its_components_may_take_values_out_of_json(inbox):
    config = {
        "dev": {"cns": [["mac", "02:00:00:00:00:09"]], "name": "Weather"},
        "o": {"name": "rtl_433"},
        "stat_t": "rtl/9",
        "cmps": {
            "t": {"p": "sensor", "dev_cla": "temperature", "unit_of_meas": "°F", "val_tpl": "{{ value_json.air.t }}"},
            "r": {"p": "sensor", "dev_cla": "precipitation", "unit_of_meas": "mm", "val_tpl": "{{ value_json['r'] }}"},
            "x": {"p": "sensor", "unit_of_meas": "%", "val_tpl": "{{ 2 * value_json.x }}"},
            "b": {"p": "binary_sensor"},
        },
    }
    send(inbox, ("homeassistant/device/rtl9/config", config), retained=True)
    station = registered(inbox, "02:00:00:00:00:09", "homeassistant")
    send(inbox, ("rtl/9", {"air": {"t": 50}, "r": 3.5, "x": 1}))
    assert newest(station) == {"t": (10.0, "degC"), "r": (3.5, "mm")}
    assert set(station.fields.values_list("quantity", flat=True)) == {"temperature", "rain_counter"}


def test_what_freetemp_announces_itself_is_no_device(inbox):
    config = ESPHOME | {"origin": {"name": "freetemp"}}
    send(inbox, ("homeassistant/sensor/garden/outside/config", config), retained=True)
    assert not MqttDevice.objects.exists()


def test_a_zigbee_sensor_is_known_by_its_address_and_may_say_its_moment(inbox):
    send(inbox, ("zigbee2mqtt/bridge/devices", ZIGBEE), retained=True)
    station = registered(inbox, "0x00124b0012345678", "zigbee2mqtt")
    told = {"temperature": 12.5, "pressure": 99.5, "linkquality": 80, "last_seen": "2026-11-22T08:00:00Z"}
    send(inbox, ("zigbee2mqtt/cellar/north", told), ("zigbee2mqtt/cellar/north", told))
    assert values(station) == {
        "temperature": [(1_795_334_400_000, 12.5)],
        "pressure": [(1_795_334_400_000, 995.0)],
    }
    ZIGBEE[1]["friendly_name"] = "attic"
    send(inbox, ("zigbee2mqtt/bridge/devices", ZIGBEE), ("zigbee2mqtt/attic/availability", {"state": "offline"}))
    assert list(inbox.devices.routes) == ["zigbee2mqtt/attic", "zigbee2mqtt/attic/availability"]


@pytest.mark.parametrize(
    ("topic", "payload"),
    [
        ("tasmota/discovery/x/config", {"mac": "A0B1C2D3E4F5", "ft": "#/%topic%", "tp": ["a", "b", "c"]}),
        ("tasmota/discovery/x/config", ["no object"]),
        ("homeassistant/sensor/a/config", {"dev": {"ids": [3]}, "stat_t": 7}),
        ("homeassistant/device/a/config", {"dev": {"ids": ["x"]}, "cmps": {"a": {"p": "sensor", "stat_t": "#"}}}),
        ("zigbee2mqtt/bridge/devices", {"not": "a list"}),
        ("zigbee2mqtt/bridge/devices", [None, 3, {"definition": {"exposes": [7]}}]),
    ],
)
def test_nonsense_announces_nothing(inbox, topic, payload):
    send(inbox, (topic, payload), retained=True)
    assert not MqttDevice.objects.exists()


@pytest.mark.sqlite_only
def test_the_broker_tells_of_devices_again_and_their_topics_are_read(broker, db):
    announced = ("tasmota/discovery/A0B1C2D3E4F5/config", json.dumps(TASMOTA))
    broker.publish(announced, ("tele/tasmota_D3E4F5/LWT", "Online"), retain=True)
    try:
        listen(broker, MqttDevice.objects.exists)
        station = Station.objects.create(name="Roof", device="tasmota", identity="a0b1c2d3e4f5")
        listen(broker, is_connected)
        broker.publish(("tele/tasmota_D3E4F5/SENSOR", json.dumps(SENSOR)), qos=0)
        listen(broker, station.fields.exists)
        assert len(values(station)) == 5
    finally:
        broker.publish((announced[0], ""), ("tele/tasmota_D3E4F5/LWT", ""), retain=True)


def test_staff_make_a_station_of_a_device_by_a_click(inbox, keeping):
    send(inbox, ("tasmota/discovery/A0B1C2D3E4F5/config", TASMOTA), retained=True)
    page = keeping.get("/admin/readings/mqttdevice/").content.decode()
    assert "add/?name=Garden&amp;device=tasmota&amp;identity=a0b1c2d3e4f5" in page
    form = keeping.get("/admin/stations/station/add/?name=Garden&device=tasmota&identity=a0b1c2d3e4f5")
    assert 'value="a0b1c2d3e4f5"' in form.content.decode()
    registered(inbox, "a0b1c2d3e4f5", "tasmota")
    assert "Nothing: it is" in keeping.get("/admin/readings/mqttdevice/").content.decode()
