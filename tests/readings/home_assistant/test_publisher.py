"""What stations publish for Home Assistant: announcements that it takes, newest values, and whether they are heard."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from readings import ingest
from readings.foreign.mqtt.listener import Listener
from readings.home_assistant.discovery import CLASSES, config
from readings.home_assistant.publisher import Publisher
from readings.ingest.reports import Measurement
from readings.models import MqttDevice, MqttSession
from stations.models import Station
from stations.quantities import QUANTITIES
from tests.readings.foreign.mqtt.conftest import Until, broker_of

pytestmark = pytest.mark.django_db

# homeassistant 2026.2.3: DEVICE_CLASS_UNITS and DEVICE_CLASS_STATE_CLASSES of its sensor component, for the classes
# that are used here. A sensor with another unit is refused.
_PRESSURES = {"mPa", "Pa", "hPa", "kPa", "bar", "cbar", "mbar", "mmHg", "inHg", "inH₂O", "psi"}
_SPEEDS = {"Beaufort", "ft/s", "in/s", "m/min", "m/s", "km/h", "kn", "mph", "mm/s"}
_LENGTHS = {"mm", "cm", "m", "km", "in", "ft", "yd", "mi", "nmi"}
ANY_STATE_CLASS = {"measurement", "measurement_angle", "total", "total_increasing"}
UNITS = {
    "temperature": {"°C", "°F", "K"},
    "humidity": {"%"},
    "moisture": {"%"},
    "atmospheric_pressure": _PRESSURES,
    "wind_speed": _SPEEDS,
    "wind_direction": {"°"},
    "precipitation": {"in", "mm", "cm"},
    "precipitation_intensity": {"in/d", "in/h", "mm/d", "mm/h"},
    "irradiance": {"W/m²", "BTU/(h⋅ft²)"},
    "illuminance": {"lx"},
    "pm25": {"μg/m³"},
    "pm10": {"μg/m³"},
    "carbon_dioxide": {"ppm"},
    "distance": _LENGTHS,
    "voltage": {"V", "mV", "kV", "MV", "μV"},
    "signal_strength": {"dB", "dBm"},
}
STATE_CLASSES = {
    "wind_direction": {"measurement_angle"},
    "precipitation": ANY_STATE_CLASS,
    "distance": ANY_STATE_CLASS,
}
OPTIONS = {
    *("platform", "unique_id", "name", "value_template", "suggested_display_precision", "device_class"),
    *("state_class", "unit_of_measurement"),
}
OF_DEVICE = {"identifiers", "name", "manufacturer", "model", "configuration_url", "suggested_area"}


@pytest.fixture
def everything(db):
    """A station with a field of each quantity in each of its units."""
    station = Station.objects.create(name="Roof", place="School", timezone="UTC")
    station.fields.all().delete()
    pairs = [(key, unit) for key, each in QUANTITIES.items() for unit in each.units or ("", "apples")]
    for number, (quantity, unit) in enumerate(pairs, 1):
        station.fields.create(number=number, name=f"{quantity} {unit}", quantity=quantity, unit=unit)
    return station


def test_every_unit_fits_its_device_class_and_every_state_class_too(everything):
    components = config("freetemp-1", everything)["components"]
    assert len(components) == everything.fields.count()
    for each in components.values():
        of_class = each.get("device_class")
        assert each.keys() <= OPTIONS
        if of_class is not None:
            assert each["unit_of_measurement"] in UNITS[of_class]
            assert each.get("state_class", "measurement") in STATE_CLASSES.get(of_class, {"measurement"})
        assert each.get("state_class") != "measurement_angle" or each["unit_of_measurement"] == "°"
    assert {each.name for each in CLASSES.values() if each.name} <= {
        each.get("device_class") for each in components.values()
    }


def test_a_device_has_what_home_assistant_requires(everything):
    told = config("freetemp-1", everything)
    assert told["device"]["identifiers"] == [f"freetemp-1-{everything.pk}"]
    assert told["device"].keys() <= OF_DEVICE
    assert told["origin"]["name"] == "freetemp"
    assert len({each["unique_id"] for each in told["components"].values()}) == len(told["components"])
    assert {each["platform"] for each in told["components"].values()} == {"sensor"}


class Retaining(dict):
    """A broker's memory, and the number of messages."""

    count = 0

    def __call__(self, topic, text):
        self.count += 1
        self[topic] = text
        if not text:
            del self[topic]


def told_of(retained, station):
    state = json.loads(retained[f"freetemp/out/{station.pk}"])
    return state, retained[f"freetemp/out/{station.pk}/availability"]


def heard(station, value, at):
    ingest.store(station, [Measurement(1, int(at.timestamp() * 1000), value)])
    Station.objects.filter(pk=station.pk).update(last_heard_at=at)


def test_newest_values_follow_and_nothing_is_said_twice(station):
    now, retained = timezone.now(), Retaining()
    heard(station, 21.4, now)
    publisher = Publisher("freetemp-1", ["homeassistant/device/freetemp-1-999/config"])
    publisher.begin(retained)
    assert retained["freetemp/out/server"] == "online"
    assert "homeassistant/device/freetemp-1-999/config" not in retained
    assert told_of(retained, station) == ({"1": 21.4, "at": int(now.timestamp())}, "online")
    count = retained.count
    assert not publisher.follow(retained)
    assert retained.count == count
    heard(station, 21.5, now + timedelta(seconds=1))
    publisher.follow(retained)
    assert (told_of(retained, station)[0]["1"], retained.count) == (21.5, count + 1)


def test_a_late_station_is_offline_a_silent_field_has_no_value_and_a_private_one_is_gone(station):
    retained, publisher = Retaining(), Publisher("freetemp-1", [])
    heard(station, 21.4, timezone.now() - timedelta(hours=1))
    station.fields.create(number=2, name="humidity", unit="%", newest_value=50, newest_at=timezone.now())
    publisher.follow(retained)
    state, availability = told_of(retained, station)
    assert (state["1"], state["2"], availability) == (None, 50, "offline")
    Station.objects.update(public=False)
    assert publisher.follow(retained)
    assert retained == {}


@pytest.mark.sqlite_only
def test_a_broker_retains_it_and_says_when_freetemp_has_gone(broker, station):
    heard(station, 21.4, timezone.now())
    publisher = Publisher("freetemp-1", [])
    told = {}
    with broker.client() as client:
        client.on_message = lambda client, data, message: told.update({message.topic: message.payload.decode()})
        client.subscribe([("freetemp/out/#", 1), ("homeassistant/#", 1)])
        listener = Listener(broker_of(broker), proves_stations=False, publishing=publisher)
        listener.ending = Until(lambda: len(told) >= 4)
        listener.run()
        while told["freetemp/out/server"] != "offline":
            pass
        assert told_of(told, station) == (json.loads(told[f"freetemp/out/{station.pk}"]), "online")
        assert len(MqttSession.objects.get().published) == 3
        Station.objects.update(active=False)
        publisher.retained = dict.fromkeys(MqttSession.objects.get().published, "?")
        listener.ending = Until(lambda: f"homeassistant/device/freetemp-1-{station.pk}/config" in gone(told))
        listener.run()
    assert not MqttDevice.objects.exists()  # It does not take its own announcements for those of a device.
    broker.publish(("freetemp/out/server", ""), retain=True)


def gone(told):
    return {topic for topic, text in told.items() if not text}
