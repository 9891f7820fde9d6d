"""Kills listen_mqtt, and the broker, under load, and compares what the broker acknowledged with the stored readings.

python -m tests.crash.mqtt [--messages 2000] [--seconds 12] [--broker] [--seed N]

Half of the messages say their moment, and are stored once whatever happens. The others have only the broker's number
for them. With --broker the broker is killed as well: it may lose what it acknowledged in the last seconds before, since
it writes down what it has once a second, and nothing else may be lost.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any, Self

from paho.mqtt.client import Client, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion

from tests.crash.__main__ import start_django
from tests.mosquitto import Mosquitto
from tests.programs import ended, kill
from tests.server import ROOT

STATIONS = 4
LASTS_S = 120  # The time, after the last kill, for everything to be acknowledged and stored.
MAY_LOSE_S = 6  # It writes down every other second, and later if the machine is busy.
FIRST_S = 1_795_000_000


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.crash.mqtt", description=__doc__.splitlines()[0])
    parser.add_argument("--messages", type=int, default=2_000)
    parser.add_argument("--seconds", type=float, default=12, help="How long to publish and kill.")
    parser.add_argument("--broker", action="store_true", help="Kill the broker as well.")
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="freetemp-crash-") as name:
        folder = Path(name)
        start_django(f"sqlite:///{folder}/crash.sqlite3")
        with Mosquitto(folder / "broker") as broker, Listening(broker, folder) as listening:
            return report(options, Trial(broker, listening, options).run())


class Listening:
    """listen_mqtt as a program."""

    def __init__(self, broker: Mosquitto, folder: Path) -> None:
        self.broker, self.folder = broker, folder

    def __enter__(self) -> Self:
        self.start()
        while "Listening" not in self.log.read_text():  # Its session is there: nothing is lost from now on.
            assert self.process.poll() is None, self.log.read_text()
            time.sleep(0.05)
        time.sleep(1)
        return self

    def __exit__(self, *exc: object) -> None:
        assert ended(self.process) == 0, self.log.read_text()

    @property
    def log(self) -> Path:
        return self.folder / "listen.log"

    def start(self) -> None:
        environment = os.environ | {"MQTT_URL": self.broker.url, "VAR_DIR": str(self.folder)}
        with self.log.open("ab") as log:
            command = [sys.executable, "manage.py", "listen_mqtt"]
            self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=log)

    def kill(self) -> None:
        kill(self.process)


class Trial:
    """Publishes, kills, waits until everything is stored, and counts."""

    def __init__(self, broker: Mosquitto, listening: Listening, options: argparse.Namespace) -> None:
        self.broker, self.listening, self.options = broker, listening, options
        self.random = random.Random(options.seed)
        self.killed: Counter[str] = Counter()
        self.acknowledged: dict[int, float] = {}  # when it was
        self.broker_killed: list[float] = []
        self.topics = list(stations())
        self.all_published = threading.Event()

    def run(self) -> Trial:
        publishing = threading.Thread(target=self.publish)
        publishing.start()
        ways = {"listen_mqtt": self.listening} | ({"mosquitto": self.broker} if self.options.broker else {})
        while not self.all_published.is_set():
            name = self.random.choice(list(ways))
            time.sleep(self.random.uniform(0.3, 2.5))
            ways[name].kill()
            self.killed[name] += 1
            if name == "mosquitto":
                self.broker_killed.append(time.monotonic())
            time.sleep(self.random.uniform(0, 0.5))
            ways[name].start()
        publishing.join()
        self.wait()
        return self

    def publish(self) -> None:
        """Publish as devices do, one after the other, and note what the broker has acknowledged, and when."""
        client = Client(CallbackAPIVersion.VERSION2, "devices", protocol=MQTTv5)
        client.reconnect_delay_set(1, 1)
        client.connect("127.0.0.1", self.broker.port)
        client.loop_start()
        waiting: dict[int, Any] = {}
        for n in range(1, self.options.messages + 1):
            waiting[n] = client.publish(*self.message(n), qos=1)
            self.note(waiting)
            time.sleep(self.options.seconds / self.options.messages)
        self.all_published.set()
        deadline = time.monotonic() + LASTS_S
        while waiting and time.monotonic() < deadline:
            self.note(waiting)
            time.sleep(0.02)
        client.disconnect()
        client.loop_stop()

    def note(self, waiting: dict[int, Any]) -> None:
        for n in [n for n, sent in waiting.items() if sent.rc or sent.is_published()]:
            sent = waiting.pop(n)
            if sent.rc == 0:
                self.acknowledged[n] = time.monotonic()

    def message(self, n: int) -> tuple[str, str]:
        """Return a message whose value is its number. Every second one says its moment."""
        topic = self.topics[n % STATIONS]
        if n // STATIONS % 2:
            return topic, json.dumps({"at": FIRST_S + n, "humidity": n})
        return f"{topic}/temperature", str(n)

    def wait(self) -> None:
        """Wait until all that was acknowledged is stored, or nothing more comes."""
        quiet_since, before = time.monotonic(), -1
        while time.monotonic() - quiet_since < LASTS_S / 6 and self.acknowledged.keys() - self.stored().keys():
            if (count := self.stored().total()) != before:
                quiet_since, before = time.monotonic(), count
            time.sleep(0.2)
        time.sleep(2)  # What comes twice comes by then.

    def stored(self) -> Counter[int]:
        from readings.models import Reading

        return Counter(map(int, Reading.objects.values_list("value", flat=True)))


def stations() -> Any:
    from stations.models import Field, Key, Station

    for n in range(STATIONS):
        key = Key.objects.issue(Station.objects.create(name=f"Station {n}", device="mqtt"))
        yield f"freetemp/in/{key}"
    Field.objects.update(smallest=None, largest=None)


def report(options: argparse.Namespace, trial: Trial) -> int:
    stored = trial.stored()
    lost = sorted(trial.acknowledged.keys() - stored.keys())
    before_s = [
        min((at - trial.acknowledged[n] for at in trial.broker_killed if at > trial.acknowledged[n]), default=1e9)
        for n in lost
    ]
    excused = [each for each in before_s if each < MAY_LOSE_S]
    twice = {n: times for n, times in stored.items() if times > 1}
    dated_twice = [n for n in twice if n // STATIONS % 2]
    log = trial.listening.log.read_text()
    for line in (
        f"seed {options.seed}; killed: {dict(trial.killed)}",
        f"published {options.messages}, acknowledged {len(trial.acknowledged)}, stored {stored.total()}",
        f"lost {len(lost)} {lost[:20]}",
        f"of them by the broker's crash {len(excused)}, at most {max(excused, default=0):.1f} s before it",
        f"twice {len(twice)} {list(twice)[:20]}, of them dated {len(dated_twice)}",
    ):
        print(line)  # noqa: T201
    with contextlib.suppress(IndexError):
        print(*[line for line in log.splitlines() if "Traceback" in line or "ERROR" in line][:5], sep="\n")  # noqa: T201
    # What a broker takes twice from a device, or hands over as new after a crash, only a moment tells.
    is_right = len(lost) == len(excused) and not dated_twice and (options.broker or not twice)
    return 0 if is_right and (options.broker or len(trial.acknowledged) == options.messages) else 1


if __name__ == "__main__":
    sys.exit(main())
