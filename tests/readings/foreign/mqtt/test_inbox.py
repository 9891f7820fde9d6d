"""Messages are stored together, each once, and what is refused is counted for staff."""

import json
from unittest import mock

import pytest
from django.db import OperationalError

from freetemp.fields import now_millis
from readings.foreign.mqtt.inbox import Arrived, Inbox
from readings.foreign.mqtt.listener import the_session
from readings.foreign.mqtt.messages import Message
from readings.ingest.refusals import refusals
from readings.models import MqttSession, RefusedReport
from tests.readings.foreign.conftest import values

pytestmark = pytest.mark.django_db


@pytest.fixture
def inbox():
    return Inbox(the_session(), proves_stations=False)


@pytest.fixture
def roof(made):
    return made("mqtt")


def arrived(topic, payload, number=1, *, again=False, now_ms=None, retained=False):
    text = payload if isinstance(payload, str) else json.dumps(payload)
    return Arrived(Message(topic, text.encode(), now_ms or now_millis(), retained), number, again)


def refused():
    assert refusals.flush()
    return list(RefusedReport.objects.order_by("reason").values_list("reason", "network", "answer", "example"))


def test_the_first_messages_add_the_fields_of_each_station(inbox, made):
    (roof, key), (shed, other) = made("mqtt"), made("mqtt", "Shed")
    told = [(key, {"temperature": 21.4, "humidity": 50}), (other, {"temperature": 3}), (key, {"temperature": 21.5})]
    inbox.store([arrived(f"freetemp/in/{who}", each, n) for n, (who, each) in enumerate(told, 1)])
    assert [value for _, value in values(roof)["temperature"]] == [21.4, 21.5]
    assert [value for _, value in values(shed)["temperature"]] == [3.0]
    assert list(roof.fields.values_list("name", "unit")) == [("temperature", "degC"), ("humidity", "%")]
    roof.refresh_from_db()
    assert roof.last_heard_at is not None


def test_a_repeat_is_not_stored_again_even_by_another_process(inbox, roof):
    station, key = roof
    message = arrived(f"freetemp/in/{key}/temperature", "21.4", 7, now_ms=now_millis() - 60_000)
    inbox.store([message])
    again = message._replace(is_repeat=True, message=message.message._replace(now_ms=now_millis()))
    inbox.store([again])
    Inbox(MqttSession.objects.get(), proves_stations=False).store([again])
    assert len(values(station)["temperature"]) == 1


def test_a_message_of_the_same_number_is_another_one_unless_it_is_a_repeat_of_the_same(inbox, roof):
    station, key = roof
    topic, before_ms = f"freetemp/in/{key}/temperature", now_millis() - 60_000
    inbox.store([arrived(topic, "21.4", 7, now_ms=before_ms)])
    inbox.store([arrived(topic, "21.4", 7, now_ms=before_ms + 1000)])
    inbox.store([arrived(topic, "21.5", 7, again=True, now_ms=before_ms + 2000)])
    inbox.store([arrived(topic, "21.4", 8, again=True, now_ms=before_ms + 3000)])
    assert [value for _, value in values(station)["temperature"]] == [21.4, 21.4, 21.5, 21.4]


def test_values_of_a_topic_that_came_in_one_millisecond_are_all_there(inbox, roof):
    station, key = roof
    now_ms = now_millis()
    inbox.store([arrived(f"freetemp/in/{key}/temperature", str(n % 3), n + 1, now_ms=now_ms) for n in range(150)])
    assert len(values(station)["temperature"]) == 150


def test_nothing_is_remembered_if_nothing_could_be_stored(inbox, roof):
    station, key = roof
    message = arrived(f"freetemp/in/{key}/temperature", "21.4", 7)
    with (
        mock.patch("readings.ingest.group_commit.store_together", side_effect=OperationalError("database is locked")),
        pytest.raises(OperationalError),
    ):
        inbox.store([message])
    inbox.store([message._replace(is_repeat=True)])
    assert len(values(station)["temperature"]) == 1


def test_a_retained_value_is_no_reading(inbox, roof):
    station, key = roof
    inbox.store([arrived(f"freetemp/in/{key}/temperature", "21.4", retained=True)])
    assert values(station) == {}


def test_refused_messages_are_counted_without_their_keys_and_the_others_are_stored(inbox, roof):
    station, key = roof
    wrong = "f" * 32
    told = [
        (f"freetemp/in/{wrong}", {"temperature": 1}),
        (f"freetemp/in/{key}", "no JSON"),
        (f"freetemp/in/{key}/temperature", "abc"),
        ("channels/3/publish", "field1=1"),
        (f"channels/3/publish/{key}", "field1=1&field9=2"),
        (f"freetemp/in/{key}", {"temperature": 21.4}),
    ]
    inbox.store([arrived(topic, each, n) for n, (topic, each) in enumerate(told, 1)])
    assert [value for _, value in values(station)["temperature"]] == [21.4]
    assert refused() == [
        ("key_alone", "MQTT", "unknown station or key", "channels/3/publish"),
        ("malformed", "MQTT", "JSON expected, in UTF-8", "freetemp/in/***"),
        ("name", "MQTT", "", f"station {station.pk}: field9"),
        ("rejected", "MQTT", "a finite number expected", "freetemp/in/***/temperature"),
    ]


def test_a_number_opens_nothing_unless_the_broker_proves_it(inbox, roof):
    station, _ = roof
    inbox.store([arrived(f"freetemp/in/{station.pk}", {"temperature": 1})])
    assert values(station) == {}
    proving = Inbox(the_session(), proves_stations=True)
    proving.store([arrived(f"freetemp/in/{station.pk}", {"temperature": 2}), arrived("freetemp/in/999", {"a": 1}, 2)])
    assert [value for _, value in values(station)["temperature"]] == [2.0]
    assert station.keys.get().state == "live"  # It was pending: its user has it as the password.
