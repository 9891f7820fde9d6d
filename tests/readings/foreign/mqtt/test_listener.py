"""The listener with a real mosquitto, configured as shipped."""

import logging
from socket import SHUT_RDWR

import pytest
from django.core.management import call_command
from django.db import OperationalError

from freetemp.conf.mqtt_url import broker as parsed
from freetemp.fields import now_millis, to_millis
from readings.foreign.mqtt.connection import Connection, TakenOverError
from readings.foreign.mqtt.inbox import Inbox
from readings.foreign.mqtt.listener import Listener
from readings.models import MqttSession, Reading
from stations.models import Key
from tests.mosquitto import Mosquitto
from tests.programs import comes_true
from tests.readings.foreign.conftest import values
from tests.readings.foreign.mqtt.conftest import Until, broker_of, is_connected, listen

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite_only]


def stored(count):
    return lambda: Reading.objects.count() >= count


def test_what_is_published_while_nobody_listens_is_kept_and_stored_though_it_came_at_qos_0(broker, made, caplog):
    caplog.set_level(logging.INFO)
    station, key = made("mqtt")
    listen(broker)  # From now on, the broker keeps what comes.
    topic = f"freetemp/in/{key}/temperature"
    broker.publish(*[(topic, str(n)) for n in range(300)], qos=0)
    listen(broker, stored(300))
    assert [value for _, value in values(station)["temperature"]] == [*range(300)]
    session = MqttSession.objects.get()
    assert session.waited_count == 300
    assert to_millis(session.waited_since) <= to_millis(session.waited_until)
    assert "300 messages had waited at the broker" in caplog.text


def test_what_waits_while_a_connection_is_lost_is_told_as_what_waits_for_a_start(tmp_path, made):
    _, key = made("mqtt")
    topic, stages = f"freetemp/in/{key}/temperature", []
    with Mosquitto(tmp_path / "broker") as broker:
        listener = Listener(broker_of(broker), proves_stations=False)

        def holds():
            if not stages and is_connected():
                broker.publish((topic, "0"))
                stages.append(now_millis())
            if len(stages) == 1 and Reading.objects.exists():
                broker.end()
                broker.start()
                broker.publish((topic, "1"), (topic, "2"))
                stages.append(now_millis())
            return Reading.objects.count() == 3

        listener.ending = Until(holds)
        listener.run()
    session = MqttSession.objects.get()
    assert session.waited_count == 2
    first_ms, lost_ms = stages
    assert first_ms <= to_millis(session.waited_since) <= lost_ms


def test_what_the_broker_keeps_while_the_database_is_unable_is_told_and_the_rest_has_its_moment(
    broker, made, monkeypatch
):
    """The broker hands over 200 at once. They have the moment at which they came, and all others a later one."""
    _, key = made("mqtt")
    listener, store, tries = Listener(broker_of(broker), proves_stations=False), Inbox.store, []
    monkeypatch.setattr("readings.foreign.mqtt.listener.UNABLE_S", 0.3)

    def store_at_last(inbox, arrived):
        tries.append(now_millis())
        if len(tries) == 1:
            broker.publish(*[(f"freetemp/in/{key}/temperature", str(n)) for n in range(1, 300)])
        if len(tries) < 5:
            raise OperationalError("database is locked")
        store(inbox, arrived)

    def holds():
        if is_connected() and not tries:
            broker.publish((f"freetemp/in/{key}/temperature", "0"))
        return Reading.objects.count() == 300 and MqttSession.objects.get().waited_count

    monkeypatch.setattr(Inbox, "store", store_at_last)
    listener.ending = Until(holds)
    listener.run()
    session = MqttSession.objects.get()
    late = Reading.objects.filter(measured_at__gte=tries[4])
    assert session.waited_count == late.count() >= 100
    assert tries[0] <= to_millis(session.waited_since) <= tries[4] <= to_millis(session.waited_until)


def test_what_had_waited_is_counted_though_the_connection_is_lost_while_it_comes(broker, made, monkeypatch):
    _, key = made("mqtt")
    listen(broker)
    broker.publish(*[(f"freetemp/in/{key}/temperature", str(n)) for n in range(450)])
    read, groups = Connection.read, []

    def read_and_lose(connection):
        groups.append(read(connection))
        if len(groups) == 1:
            connection._client.socket().shutdown(SHUT_RDWR)
        return groups[-1]

    monkeypatch.setattr(Connection, "read", read_and_lose)
    listen(broker, lambda: Reading.objects.count() == 450 and MqttSession.objects.get().waited_count)
    assert MqttSession.objects.get().waited_count == 450


def test_retained_values_are_no_readings_however_often_it_connects(broker, made):
    station, key = made("mqtt")
    topic = f"freetemp/in/{key}/temperature"
    broker.publish((topic, "1"), retain=True)
    try:
        listen(broker)
        broker.publish((topic, "2"), retain=True)
        listen(broker, stored(1))
        broker.publish((f"freetemp/in/{key}/humidity", "50"))
        listen(broker, stored(2))
        assert [value for _, value in values(station)["temperature"]] == [2.0]
    finally:
        broker.publish((topic, ""), retain=True)


def begun(connection):
    Listener(connection.broker, proves_stations=False)
    connection.open()


def test_a_second_listener_takes_the_session_over_and_the_first_ends_with_a_sentence(broker):
    first = Listener(broker_of(broker), proves_stations=False)
    second = Connection(broker_of(broker), first.session.client_id)
    first.ending = Until(lambda: is_connected() and not second.is_kept and begun(second))
    with pytest.raises(TakenOverError):
        first.run()
    second.close()


def test_a_broker_that_is_away_or_refuses_is_named_in_one_line(tmp_path, caplog):
    caplog.set_level(logging.INFO)
    with Mosquitto(tmp_path / "closed", more="") as closed:
        pass
    seen = []
    listener = Listener(parsed(closed.url), proves_stations=False)
    listener.ending = Until(lambda: seen.append(MqttSession.objects.get().trouble) or len(seen) > 3)
    listener.run()
    assert f"127.0.0.1:{closed.port} cannot be reached" in seen[2]
    assert caplog.text.count("cannot be reached") == 1


def test_a_station_may_write_only_what_is_its_own(tmp_path, made, settings, capsys):
    """The users that mosquitto_users writes, with a real broker: a key is the password, and ends with it."""
    (roof, key), (shed, other) = made("mqtt"), made("thingspeak", "Shed")
    made("wunderground", "Console")
    settings.MQTT_BROKER = parsed("mqtt://freetemp:p%40ss@127.0.0.1")
    call_command("mosquitto_users", str(tmp_path))
    with Mosquitto(tmp_path, users=True) as broker:
        broker.url = f"mqtt://freetemp:p%40ss@127.0.0.1:{broker.port}"
        listen(broker, proves_stations=True)
        own, channel = f"freetemp/in/{roof.pk}/temperature", f"channels/{shed.pk}/publish"
        broker.publish((own, "1"), (channel, "field1=9"), user=str(roof.pk), password=key)
        broker.publish((own, "2"), (channel, "field1=3"), user=str(shed.pk), password=other)
        listen(broker, stored(2), proves_stations=True)
        assert [value for _, value in values(roof)["temperature"]] == [1.0]
        assert [value for _, value in values(shed)["field1"]] == [3.0]
        Key.objects.filter(station=roof).end()
        call_command("mosquitto_users", str(tmp_path))
        broker.reload()
        broker.publish((channel, "field1=4"), user=str(shed.pk), password=other)
        # It reads the files anew when it comes to it.
        assert comes_true(lambda: not broker.lets_in(str(roof.pk), key))
        listen(broker, stored(3), proves_stations=True)
    assert f"2 stations and freetemp are in {tmp_path}" in capsys.readouterr().out
    assert (tmp_path / "passwords").stat().st_mode & 0o777 == 0o640
