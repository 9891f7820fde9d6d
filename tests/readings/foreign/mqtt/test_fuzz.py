"""Whatever a message holds, a format reads it or refuses it with a sentence: none ends the listener."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readings.foreign.mqtt.formats import read
from readings.foreign.mqtt.messages import Announced, Message, Presence, Route
from readings.foreign.mqtt.told import ONLINE
from readings.foreign.upload import Upload
from readings.ingest.reports import NoReportError
from tests.fuzz.examples import examples

pytestmark = [pytest.mark.sqlite_only, pytest.mark.any_day]

NAMES = st.sampled_from(
    [
        *(
            "at",
            "temperature",
            "value",
            "unit",
            "mac",
            "ft",
            "tp",
            "t",
            "dn",
            "onln",
            "dev",
            "device",
            "ids",
            "cns",
            "~",
        ),
        *("identifiers", "cmps", "components", "p", "platform", "stat_t", "avty_t", "val_tpl", "unit_of_meas", "name"),
        *("ieee_address", "friendly_name", "definition", "exposes", "property", "type", "last_seen", "Id", "state"),
    ]
)
TEXTS = st.sampled_from(["sensor", "numeric", "~/state", "%prefix%/%topic%/", "{{ value_json.a }}", "nan", "1e999"])
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | TEXTS
JSON = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=6))
PAYLOADS = JSON.map(lambda told: json.dumps(told).encode()) | st.binary(max_size=40)
TOPICS = st.sampled_from(
    [
        *("freetemp/in/3", "freetemp/in/k/temperature", "freetemp/in/", "channels/3/publish", "channels/x/publish/y"),
        *("channels/3/publish/fields/field1", "tasmota/discovery/x/config", "homeassistant/sensor/a/config"),
        *("homeassistant/sensor/a/b/config", "homeassistant/device/a/config", "zigbee2mqtt/bridge/devices"),
    ]
)
KINDS = st.sampled_from(["tasmota", "esphome", "zigbee2mqtt"])
TOLD = st.sampled_from(
    [{ONLINE: "online"}, {"t": [["a"], 1.0, "temperature", "degC", "t"]}, {"t": [[], 1, "other", "", ""]}]
)


@examples(120)
@given(topic=TOPICS, payload=PAYLOADS, proves=st.booleans())
def test_any_message_of_a_known_topic_is_read_or_refused(topic, payload, proves):
    message = Message(topic, payload, 1_795_900_000_000)
    look_at(lambda: read(message, None, proves_stations=proves))


@examples(80)
@given(kind=KINDS, told=TOLD, payload=PAYLOADS)
def test_any_message_of_an_announced_topic_is_read_or_refused(kind, told, payload):
    message = Message("some/topic", payload, 1_795_900_000_000)
    look_at(lambda: read(message, Route("x", kind, told), proves_stations=False))


def look_at(reading):
    try:
        found = list(reading())
    except NoReportError:
        return
    for each in found:
        assert isinstance(each, Upload | Announced | Presence)
        if isinstance(each, Upload):
            assert all(len(value.known.source) <= 40 and len(value.known.name) <= 40 for value in each.values)
