"""A peer of listen_mqtt: each value of a message becomes a row of SQLite, 200 messages a transaction, and no more."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import sys
import time
from typing import Any
from urllib.parse import urlsplit

from paho.mqtt.client import Client, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

AT_ONCE = 200


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    database = sqlite3.connect(sys.argv[1], isolation_level=None)
    database.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;")
    database.execute("CREATE TABLE IF NOT EXISTS readings_reading (topic TEXT, name TEXT, at REAL, value REAL)")
    client = Client(CallbackAPIVersion.VERSION2, "plain", protocol=MQTTv5, manual_ack=True)
    waiting: list[Any] = []
    client.on_message = lambda client, data, message: waiting.append(message)
    client.on_connect = lambda client, *_: client.subscribe("freetemp/in/#", qos=1)
    client.on_subscribe = lambda *_: print("Listening", file=sys.stderr, flush=True)
    asked = Properties(PacketTypes.CONNECT)
    asked.SessionExpiryInterval, asked.ReceiveMaximum = 86_400, AT_ONCE
    where = urlsplit(os.environ["MQTT_URL"])
    client.connect(str(where.hostname), where.port or 1883, clean_start=False, properties=asked)
    since = time.monotonic()
    while client.loop(0.2) == 0:
        if len(waiting) >= AT_ONCE or (waiting and time.monotonic() > since + 0.2):
            store(database, waiting)
            for each in waiting:
                client.ack(each.mid, each.qos)
            waiting.clear()
            since = time.monotonic()


def store(database: sqlite3.Connection, messages: list[Any]) -> None:
    rows = [(each.topic, name, time.time(), value) for each in messages for name, value in values(each)]
    database.execute("BEGIN IMMEDIATE")
    database.executemany("INSERT INTO readings_reading VALUES (?, ?, ?, ?)", rows)
    database.execute("COMMIT")


def values(message: Any) -> Any:
    told = json.loads(message.payload)
    return told.items() if isinstance(told, dict) else [("value", told)]


if __name__ == "__main__":
    main()
