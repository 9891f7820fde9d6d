"""The number of readings a second that listen_mqtt stores, with the processor time of it and of its broker.

    .venv/bin/python -m benchmarks.mqtt [--messages 20000] [--values 1 5] [--rounds 3]

The messages wait at a real mosquitto as shipped, so that listen_mqtt never waits for them: 200 stations, one value or
five a message, each acknowledged once it is durable. It has one core. Beside it, as a fair peer: a program of 60 lines
that reads the same messages by the same client and inserts each value into a table of SQLite without anything else,
200 messages a transaction. Afterwards the database must hold exactly the published readings. TMPDIR chooses the disk.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path
from typing import NamedTuple

from benchmarks import machine
from benchmarks.peers import SERVER_CORE, freetemp, scratch
from tests.mosquitto import Mosquitto
from tests.programs import ended
from tests.server import ROOT

STATIONS = 200
NAMES = ["temperature", "humidity", "pressure", "wind speed", "illuminance"]
PEER = "benchmarks.peers.plain_mqtt"


class Round(NamedTuple):
    readings: int
    wall_s: float
    processor_s: float
    broker_s: float


def main() -> None:
    parser = argparse.ArgumentParser(description="How many readings a second come from an MQTT broker.")
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--values", type=int, nargs="+", default=[1, 5])
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with scratch() as directory:
        freetemp.create(directory)
        keys = list(stations())
        print(machine(directory), f"{options.messages:,} messages, the best of {options.rounds} rounds.", end="\n\n")
        print("| | values a message | readings/s | processor µs a reading | of the broker |\n|---|---:|---:|---:|---:|")
        for values in options.values:
            for name, command, database in programs(directory):
                rounds = [
                    play(
                        directory / f"{name}-{values}-{n}", command, database, messages(keys, options.messages, values)
                    )
                    for n in range(options.rounds)
                ]
                show(name, values, rounds)


def stations() -> Iterator[str]:
    from django.db import connection, transaction

    from stations.models import Key, Station

    with transaction.atomic():
        for number in range(1, STATIONS + 1):
            yield Key.objects.issue(Station.objects.create(name=f"Station {number}", device="mqtt"))
    connection.close()


def programs(directory: Path) -> Iterator[tuple[str, list[str], Path]]:
    yield "listen_mqtt", ["manage.py", "listen_mqtt"], directory / "freetemp.sqlite3"
    yield "plain inserts", ["-m", PEER, str(directory / "plain.sqlite3")], directory / "plain.sqlite3"


def messages(keys: list[str], count: int, values: int) -> Iterator[tuple[str, str]]:
    for key in islice(cycle(keys), count):
        told = {name: round(random.gauss(15, 8), 2) for name in NAMES[:values]}
        if values == 1:
            yield f"freetemp/in/{key}/{NAMES[0]}", str(told[NAMES[0]])
        else:
            yield f"freetemp/in/{key}", json.dumps(told)


def play(folder: Path, command: list[str], database: Path, published: Iterator[tuple[str, str]]) -> Round:
    """Have messages wait at a broker, start the program, and wait until they are stored."""
    with Mosquitto(folder) as broker:
        ended(start(command, broker, until_it_listens=True))  # Its session is there: the broker keeps what comes.
        before, told = stored(database), list(published)
        with broker.client() as client:
            for sent in [client.publish(topic, text, qos=1) for topic, text in told]:
                sent.wait_for_publish()
        expected = before + sum(text.count(":") or 1 for _, text in told)
        of_broker = processor_s(broker.process.pid)
        started = time.perf_counter()
        program = start(command, broker)
        begun_s = processor_s(program.pid) if wait_for(database, before + 1) else 0.0
        begun, count = time.perf_counter(), stored(database)
        wait_for(database, expected)
        wall_s, used_s = time.perf_counter() - begun, processor_s(program.pid) - begun_s
        ended(program)
        assert stored(database) == expected, (stored(database), expected, started)
        return Round(expected - count, wall_s, used_s, processor_s(broker.process.pid) - of_broker)


def start(command: list[str], broker: Mosquitto, *, until_it_listens: bool = False) -> subprocess.Popen[bytes]:
    log = broker.folder / "program.log"
    with log.open("ab") as file:
        program = subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT,
            env=os.environ | {"MQTT_URL": broker.url},
            stderr=file,
            preexec_fn=lambda: os.sched_setaffinity(0, {SERVER_CORE}),
        )
    while until_it_listens and "Listening" not in log.read_text():
        time.sleep(0.1)
        assert program.poll() is None, log.read_text()
    if until_it_listens:
        time.sleep(1)  # Its subscriptions follow.
    return program


def wait_for(database: Path, count: int) -> bool:
    while stored(database) < count:
        time.sleep(0.05)
    return True


def stored(database: Path) -> int:
    return freetemp.stored(database=database) if database.exists() else 0


def processor_s(pid: int) -> float:
    ticks = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


def show(name: str, values: int, rounds: list[Round]) -> None:
    best = min(rounds, key=lambda each: each.processor_s / each.readings)
    a_second = max(each.readings / each.wall_s for each in rounds)
    micros = [1e6 * cost / best.readings for cost in (best.processor_s, best.broker_s)]
    print(f"| {name} | {values} | {a_second:,.0f} | {micros[0]:.0f} | {micros[1]:.0f} |", flush=True)


if __name__ == "__main__":
    main()
