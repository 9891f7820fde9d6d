"""The real mosquitto as a program, with the configuration that freetemp ships."""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

from paho.mqtt.client import MQTT_ERR_SUCCESS, Client, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion

from tests.programs import PATIENCE_S, daemon, kill, waited
from tests.server import ROOT, free_port


def mosquitto() -> str | None:
    return daemon("mosquitto")


class Mosquitto:
    """A broker on a port and with a folder of its own; used with `with`. Without users, everybody may do everything."""

    def __init__(self, folder: Path, *, users: bool = False, more: str = "") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.port, self.log = folder, free_port(), folder / "mosquitto.log"
        self.url = f"mqtt://127.0.0.1:{self.port}"
        shipped = (ROOT / "deploy" / "mosquitto-freetemp.conf").read_text()
        text = shipped.replace("listener 1883", f"listener {self.port} 127.0.0.1").replace(
            "/etc/mosquitto/freetemp", str(folder)
        )
        if not users:
            lines = [each for each in text.splitlines() if not each.startswith(("password_file", "acl_file"))]
            text = "\n".join(lines).replace("allow_anonymous false", "allow_anonymous true")
        # Started as root, it would become another user, who cannot read the folder.
        (folder / "mosquitto.conf").write_text(f"{text}\npersistence_location {folder}/\nuser root\n{more}\n")

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.end()

    def start(self) -> None:
        program = mosquitto()
        assert program is not None
        with self.log.open("ab") as log:
            command = [program, "-c", str(self.folder / "mosquitto.conf")]
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        deadline = time.monotonic() + PATIENCE_S
        while not self._listens():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.01)

    def end(self) -> None:
        """Have it save what waits, and end."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            waited(self.process)

    def kill(self) -> None:
        kill(self.process)

    def reload(self) -> None:
        """Have it read its users again, as systemctl reload does."""
        self.process.send_signal(signal.SIGHUP)

    def _listens(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
            return True
        return False

    @contextlib.contextmanager
    def client(self, user: str = "", password: str = "", **options: Any) -> Iterator[Client]:
        """Yield a client of paho's that is connected and works in a thread of its own."""
        client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTv5, **options)
        if user:
            client.username_pw_set(user, password)
        client.connect("127.0.0.1", self.port)
        client.loop_start()
        try:
            yield client
        finally:
            client.disconnect()
            client.loop_stop()

    def lets_in(self, user: str, password: str) -> bool:
        """Tell whether a user may connect."""
        answers: list[bool] = []
        client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTv5)
        client.on_connect = lambda *told: answers.append(not told[3].is_failure)
        client.username_pw_set(user, password)
        client.connect("127.0.0.1", self.port)
        while not answers and client.loop(0.1) == MQTT_ERR_SUCCESS:
            pass
        client.disconnect()
        return answers[0]

    def publish(self, *messages: tuple[str, str], user: str = "", password: str = "", **options: Any) -> None:
        """Publish messages as a device does, and wait until the broker has them."""
        with self.client(user, password) as client:
            sent = [client.publish(topic, text, **({"qos": 1} | options)) for topic, text in messages]
            for each in sent:
                each.wait_for_publish(PATIENCE_S)
