"""Messages of freetemp's own topics, and of ThingSpeak's, become values with their quantities, units and moments."""

import json

import pytest

from readings.foreign.mqtt.formats import read
from readings.foreign.mqtt.messages import Message
from readings.ingest.reports import NoReportError

pytestmark = pytest.mark.sqlite_only

KEY = "0123456789abcdef"


def upload(topic, payload, *, proves_stations=False):
    text = payload if isinstance(payload, str) else json.dumps(payload)
    (told,) = read(Message(topic, text.encode(), 1_795_900_000_000), None, proves_stations=proves_stations)
    return told


def values(told):
    return [(each.known.source, each.known.quantity, each.known.unit, each.value) for each in told.values]


def test_json_has_names_that_tell_the_quantity_and_its_metric_unit():
    told = upload(
        f"freetemp/in/{KEY}", {"temperature": 21.4, "Temp 2": "20", "soil_moisture": 33, "door": 1, "x": None}
    )
    assert told.key == KEY
    assert values(told) == [
        ("temperature", "temperature", "degC", 21.4),
        ("Temp 2", "temperature", "degC", 20.0),
        ("soil_moisture", "soil_moisture", "%", 33.0),
        ("door", "other", None, 1.0),
    ]
    assert {each.moment_ms for each in told.values} == {None}


def test_a_value_may_bring_its_unit():
    told = upload(f"freetemp/in/{KEY}", {"temperature": {"value": 70.1, "unit": "°F"}})
    assert values(told) == [("temperature", "temperature", "degF", 70.1)]


def test_a_message_may_say_its_moment_and_a_list_many_of_them():
    told = upload(f"freetemp/in/{KEY}", [{"at": 1795334400, "wind": 3}, {"at": "2026-11-22T08:00:00Z", "wind": 4}])
    assert [each.moment_ms for each in told.values] == [1_795_334_400_000, 1_795_334_400_000]
    assert told.is_bulk


def test_a_topic_of_one_value_has_its_name():
    assert values(upload(f"freetemp/in/{KEY}/humidity", " 52.5\n")) == [("humidity", "humidity", "%", 52.5)]


@pytest.mark.parametrize(
    ("topic", "payload", "sentence"),
    [
        (KEY, "21.4,", "JSON expected"),
        (KEY, "21.4", "expected {"),
        (KEY, {"at": "noon", "temperature": 1}, "at: "),
        (KEY, {"temperature": {"value": 1, "unit": 3}}, "temperature: "),
        (f"{KEY}/a/b", "1", "a/b: "),
        (KEY, [{"temperature": 1}] * 1001, "at most 1000"),
        (KEY, "[" * 100_000, "JSON expected"),
    ],
)
def test_a_message_that_is_no_report_is_refused_with_a_sentence(topic, payload, sentence):
    with pytest.raises(NoReportError, match=sentence):
        upload(f"freetemp/in/{topic}", payload)


def test_a_number_names_a_station_only_if_the_broker_proves_it():
    assert upload("freetemp/in/3", {}, proves_stations=True).station == 3
    assert upload("freetemp/in/3", {}).station == 0
    assert upload("channels/3/publish", "field1=1", proves_stations=True).station == 3
    assert upload("channels/3/publish", "field1=1").station == 0
    assert upload(f"freetemp/in/{KEY}", {}, proves_stations=True).key == KEY


def test_a_channel_takes_a_form_or_one_field_and_its_key_in_the_topic_or_the_form():
    form = upload(f"channels/12/publish/{KEY}", "field1=45&field2=3.5&status=ok&created_at=2026-11-22T08:00:00Z")
    assert values(form) == [("field1", "other", None, 45.0), ("field2", "other", None, 3.5)]
    assert (form.key, form.values[0].moment_ms) == (KEY, 1_795_334_400_000)
    one = upload(f"channels/12/publish/fields/field3/{KEY}", "7")
    assert (one.key, values(one)) == (KEY, [("field3", "other", None, 7.0)])
    assert upload("channels/12/publish", f"api_key={KEY}&field1=1", proves_stations=True).key == KEY
