"""A connection to an MQTT broker, with a session that the broker keeps while nobody is connected."""

from __future__ import annotations

import secrets
import ssl
from collections.abc import Iterable
from time import monotonic
from typing import Any

from paho.mqtt.client import MQTT_ERR_SUCCESS, Client, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from freetemp.clock import shared_now_ms
from freetemp.conf.mqtt_url import Broker
from readings.foreign.mqtt.inbox import AT_ONCE, Arrived
from readings.foreign.mqtt.messages import Message

KEPT_S = 14 * 86_400  # The broker keeps the session so long, and what comes for it.
PATIENCE_S = 10
KEEPALIVE_S = 30
IDLE_S = 1.0
GATHERING_S = 0.2
NOW = "freetemp/listening/"  # A message to oneself: what the broker had kept comes before it.

# Retained messages come when a subscription is new, or always.
_WHEN_NEW, _ALWAYS = 1, 0
_TAKEN_OVER = 0x8E


class BrokerError(Exception):
    """The broker cannot be reached, or refuses. The message is a sentence for people."""


class TakenOverError(BrokerError):
    """Another program has connected with the same session."""


class Connection:
    """One connection. read() returns what came; acknowledge() allows the broker to forget it."""

    def __init__(self, broker: Broker, client_id: str, last_words: tuple[str, str] | None = None) -> None:
        self.broker, self.client_id = broker, client_id
        self.is_kept = False  # Whether the broker had the session already.
        self.is_live = False  # Whether all that the broker had kept has been handed over.
        self._call = secrets.token_bytes(8)  # An earlier connection's may still be there.
        self._arrived: list[Arrived] = []
        self._answer: ReasonCode | None = None
        self._lost: ReasonCode | None = None
        self._refused_topics: list[str] = []
        self._asked: dict[int, str] = {}  # by the number of a SUBSCRIBE
        client = Client(CallbackAPIVersion.VERSION2, client_id, protocol=MQTTv5, manual_ack=True)
        client.connect_timeout = PATIENCE_S
        client.on_connect, client.on_disconnect = self._on_connect, self._on_disconnect
        client.on_message, client.on_subscribe = self._on_message, self._on_subscribe
        self._last_words = last_words
        if last_words:  # The broker says them if the connection is lost.
            client.will_set(*last_words, qos=1, retain=True)
        if broker.user:
            client.username_pw_set(broker.user, broker.password)
        if broker.is_encrypted:
            client.tls_set_context(ssl.create_default_context(cafile=broker.ca or None))
        self._client = client

    def open(self) -> None:
        """Connect. Raises BrokerError."""
        asked = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        asked.SessionExpiryInterval, asked.ReceiveMaximum = KEPT_S, AT_ONCE
        try:
            self._client.connect(self.broker.host, self.broker.port, KEEPALIVE_S, clean_start=False, properties=asked)
        except (OSError, ValueError) as error:  # paho's ValueError: the host is no name.
            raise BrokerError(f"{self.broker} cannot be reached: {error}") from error
        deadline = monotonic() + PATIENCE_S
        while self._answer is None and monotonic() < deadline:
            self._loop(0.1)
        if self._answer is None:
            raise BrokerError(f"{self.broker} does not answer as an MQTT broker")
        if self._answer.is_failure:
            raise BrokerError(f"{self.broker} refuses freetemp: {self._answer}. See the user and password in MQTT_URL")
        self.is_live = not self.is_kept

    def listen(self, readings: Iterable[str], announcements: Iterable[str]) -> None:
        """Subscribe to topics. Announcements that the broker retains come each time, readings never again."""
        self._subscribe([(topic, _WHEN_NEW) for topic in readings] + [(topic, _ALWAYS) for topic in announcements])

    def listen_to_own(self) -> None:
        """Ask to be told when all that the broker has kept is handed over."""
        self._subscribe([(f"{NOW}{self.client_id}", _WHEN_NEW)])
        self._call_oneself()

    def expect_kept(self) -> None:
        """Ask so once more: the broker has kept messages, since none was acknowledged for a while."""
        self.is_live = False
        self._call_oneself()

    def forget(self, topics: Iterable[str]) -> None:
        for topic in topics:
            self._client.unsubscribe(topic)

    def retain(self, topic: str, text: str) -> None:
        """Publish what a topic is to say from now on. Nothing takes away what it says."""
        self._client.publish(topic, text.encode(), qos=1, retain=True)

    def read(self, most: int = AT_ONCE) -> list[Arrived]:
        """Return the messages that came: as many as the broker hands over at once, or those of 200 ms after the first.

        Nothing is returned if nothing comes within a second. Raises BrokerError.
        """
        deadline = monotonic() + IDLE_S
        while len(self._arrived) < most and (left_s := deadline - monotonic()) > 0:
            is_first = not self._arrived
            self._loop(left_s)
            self._read_on(most)
            if is_first and self._arrived:
                deadline = monotonic() + GATHERING_S
        arrived = self.take()
        if not arrived:
            self.is_live = True
        return arrived

    def take(self) -> list[Arrived]:
        """Return the messages that are here already."""
        arrived, self._arrived = self._arrived, []
        return arrived

    def stay_alive(self, seconds: float) -> None:
        """Keep the connection while nothing can be stored. What comes meanwhile waits here."""
        deadline = monotonic() + seconds
        while (left_s := deadline - monotonic()) > 0:
            self._loop(min(left_s, IDLE_S))

    def acknowledge(self, arrived: Iterable[Arrived]) -> None:
        """Let the broker forget messages, which are in the order in which they came."""
        for each in arrived:
            if each.number:
                self._client.ack(each.number, 1)
        self._loop(0)

    def close(self) -> None:
        """Say goodbye once the broker has confirmed each subscription. It keeps the session. Raises BrokerError.

        A connection that is closed before its answers are read is reset, and the broker loses what it has not read.
        """
        if self._last_words:
            self.retain(*self._last_words)
        deadline = monotonic() + PATIENCE_S
        while self._asked and monotonic() < deadline:
            self._loop(0.1)
        self._client.disconnect()

    def _loop(self, timeout_s: float) -> None:
        self._check(self._client.loop(timeout_s))

    def _check(self, code: MQTTErrorCode) -> None:
        if code == MQTT_ERR_SUCCESS:
            return
        if self._lost is not None and self._lost.value == _TAKEN_OVER:
            raise TakenOverError("another program has connected with the same session")
        if self._answer is not None and self._answer.is_failure:
            return  # open() has a better sentence for it.
        why = f": {self._lost}" if self._lost is not None else ""
        raise BrokerError(f"the connection to {self.broker} was lost{why}")

    def _read_on(self, most: int) -> None:
        """Read what is there already: loop() reads one message for each time that it asks the system."""
        before = -1
        while before < len(self._arrived) < most:
            before = len(self._arrived)
            self._check(self._client.loop_read())

    def _call_oneself(self) -> None:
        self._client.publish(f"{NOW}{self.client_id}", self._call, qos=1)

    def _subscribe(self, topics: list[tuple[str, int]]) -> None:
        for topic, retained in topics:
            options = SubscribeOptions(qos=1, noLocal=not topic.startswith(NOW), retainHandling=retained)
            code, number = self._client.subscribe(topic, options=options)
            self._check(code)
            self._asked[number or 0] = topic

    def _on_connect(self, client: Client, data: Any, flags: Any, reason: ReasonCode, properties: Any) -> None:
        self._answer, self.is_kept = reason, flags.session_present

    def _on_disconnect(self, client: Client, data: Any, flags: Any, reason: ReasonCode, properties: Any) -> None:
        if self._lost is None:  # paho tells of the closed socket too, and then without the broker's reason.
            self._lost = reason

    def _on_subscribe(self, client: Client, data: Any, number: int, codes: list[ReasonCode], properties: Any) -> None:
        topic = self._asked.pop(number, "")
        if topic and any(code.is_failure for code in codes):
            self._refused_topics.append(topic)

    def take_refused_topics(self) -> list[str]:
        """Return the topics that the broker does not let freetemp read, since the last time."""
        refused, self._refused_topics = self._refused_topics, []
        return refused

    def _on_message(self, client: Client, data: Any, message: Any) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:  # No broker should pass it on.
            topic = ""
        if message.payload == self._call and topic.startswith(NOW):
            self.is_live = True
        told = Message(topic, message.payload, shared_now_ms(), bool(message.retain))
        self._arrived.append(Arrived(told, message.mid if message.qos else 0, bool(message.dup)))
