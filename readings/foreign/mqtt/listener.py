"""The work of listen_mqtt: it stores what a broker hands over, and acknowledges it once it is durable."""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from time import monotonic
from typing import Protocol

from django.db import Error as DatabaseError
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from freetemp.conf.mqtt_url import Broker
from freetemp.fields import from_millis
from readings.foreign.mqtt.connection import NOW, BrokerError, Connection, TakenOverError
from readings.foreign.mqtt.formats import ANNOUNCEMENTS, READINGS
from readings.foreign.mqtt.inbox import Arrived, Inbox
from readings.ingest.reports import ClockBehindError, DiskReserveError
from readings.models import MqttSession
from readings.models.mqtt import SIGN_OF_LIFE

logger = logging.getLogger(__name__)

LONGEST_PAUSE_S = 20
UNABLE_S = 2  # between two tries to store, while the broker keeps what comes
PUBLISH_S = 5  # between two looks for what has changed
LOOK_S = 10  # between two looks for stations that people have registered
UNABLE = (OperationalError, InterfaceError, ClockBehindError, DiskReserveError)


def the_session() -> MqttSession:
    """Return the session of this freetemp with its broker. It keeps its name for ever: by it, the broker knows it."""
    session = MqttSession.objects.order_by("pk").first()
    return session or MqttSession.objects.create(client_id=f"freetemp-{secrets.token_hex(4)}")


class Publishing(Protocol):
    """Somebody who publishes on the listener's connection."""

    @property
    def last_words(self) -> tuple[str, str]: ...
    @property
    def retained(self) -> Mapping[str, str]: ...
    def begin(self, publish: Callable[[str, str], None]) -> None: ...
    def follow(self, publish: Callable[[str, str], None]) -> bool: ...


class Listener:
    """Listens until ending is set. Whatever happens to broker, network or database, it goes on once that is mended."""

    def __init__(self, broker: Broker, *, proves_stations: bool, publishing: Publishing | None = None) -> None:
        self.broker, self.ending, self.publishing = broker, threading.Event(), publishing
        self.session = the_session()
        self.inbox = Inbox(self.session, proves_stations=proves_stations)
        self._process = secrets.token_hex(8)
        self._note(process=self._process)
        self._said = ""
        self._next_sign_s = self._next_look_s = self._next_publication_s = 0.0
        self._heard_before = self.session.alive_at  # What waits at the broker came later than this.
        self._counted_from: int | None = None  # inbox.undated before the first that had waited. None: none wait.
        self._subscribed: set[str] = set()

    def run(self) -> None:
        """Listen. Raises TakenOverError if another program takes the session over."""
        pause_s, connected_s = 1.0, monotonic()
        while not self.ending.is_set():
            last_words = self.publishing.last_words if self.publishing else None
            connection = Connection(self.broker, self.session.client_id, last_words)
            try:
                connection.open()
                self._connected(connection)
                connected_s = monotonic()
                self._listen(connection)
                connection.close()
            except BrokerError as error:
                self._check_alone()
                self._say(f"{error}. freetemp tries again.")
                self._note(connected_at=None, trouble=str(error)[:200])
                self.ending.wait(pause_s)
                lasted = monotonic() - connected_s > LONGEST_PAUSE_S
                pause_s = 1.0 if lasted else min(pause_s * 2, LONGEST_PAUSE_S)
        self._note_waited()
        self._note(connected_at=None, trouble="listen_mqtt was ended", alive_at=timezone.now())

    def _check_alone(self) -> None:
        """Raise TakenOverError if another program has begun to listen: each would cut the other's connection."""
        try:
            self.session.refresh_from_db(fields=["process"])
        except DatabaseError:
            return
        if self.session.process != self._process:
            raise TakenOverError("another listen_mqtt has begun")

    def _connected(self, connection: Connection) -> None:
        connection.listen(READINGS, ANNOUNCEMENTS)
        self._subscribed = set()
        self._look(connection)
        connection.listen_to_own()
        self._publish(connection, is_new=True)
        self._say(f"Listening at {self.broker}, as {self.session.client_id}.")
        self._note(connected_at=timezone.now(), trouble="")

    def _listen(self, connection: Connection) -> None:
        """Store what comes, until the end is asked for: what was read by then is stored too."""
        if connection.is_live:
            self._note_waited()
            self._heard_before = timezone.now()
        else:
            self._expect_waiting()
        while not self.ending.is_set():
            arrived = connection.read()
            if arrived:
                self._store(arrived, connection)
            if connection.is_live:
                self._note_waited()
                self._heard_before = _moment_of(arrived) or self._heard_before
            self._see_to(connection)

    def _store(self, arrived: Sequence[Arrived], connection: Connection) -> None:
        """Store messages and acknowledge them. While the database is unable, the broker keeps all that follow."""
        of_devices = [each for each in arrived if not each.message.topic.startswith(NOW)]
        was_unable = False
        while of_devices:
            try:
                self._store_each(of_devices)
                break
            except UNABLE as error:
                self._say(f"Messages wait at the broker, since nothing can be stored: {error}")
                if self.ending.is_set():
                    return  # They come again.
                was_unable = True
                connection.stay_alive(UNABLE_S)
        came_meanwhile = connection.take() if was_unable else []  # As much as the broker hands over at once.
        connection.acknowledge(arrived)
        if was_unable:
            self._store(came_meanwhile, connection)
            self._expect_more(connection, _moment_of([*arrived, *came_meanwhile]))

    def _expect_more(self, connection: Connection, heard_before: datetime | None) -> None:
        """Count what the broker has kept while nothing was acknowledged: it comes now."""
        if connection.is_live:
            self._heard_before = heard_before or self._heard_before
            self._expect_waiting()
            connection.expect_kept()

    def _store_each(self, arrived: Sequence[Arrived]) -> None:
        """Store messages together, or one by one if one of them fails the others. That one is not stored."""
        try:
            self.inbox.store(arrived)
        except UNABLE:
            raise
        except Exception:
            if len(arrived) == 1:
                logger.exception("A message of topic %s was not stored.", arrived[0].message.topic)
                return
            for each in arrived:
                self._store_each([each])

    def _see_to(self, connection: Connection) -> None:
        for topic in connection.take_refused_topics():
            self._say(f"{self.broker} does not let freetemp read {topic}: see its list of rights.")
        now_s = monotonic()
        if now_s >= self._next_publication_s:
            self._publish(connection)
        if now_s >= self._next_look_s:
            self._look(connection)
        if now_s >= self._next_sign_s:
            self._next_sign_s = now_s + SIGN_OF_LIFE.total_seconds()
            self._note(alive_at=timezone.now())

    def _look(self, connection: Connection) -> None:
        """Subscribe to the topics of announced devices that are stations now, and to those of no other."""
        self._next_look_s = monotonic() + LOOK_S
        try:
            self.inbox.devices.look()
        except DatabaseError:
            return  # The next look may find it able.
        topics = set(self.inbox.devices.routes)
        connection.listen(sorted(topics - self._subscribed), [])
        connection.forget((self._subscribed | self.inbox.strangers) - topics)
        self._subscribed = topics
        self.inbox.strangers.clear()

    def _publish(self, connection: Connection, *, is_new: bool = False) -> None:
        self._next_publication_s = monotonic() + PUBLISH_S
        if self.publishing is None:
            return
        try:
            if is_new:
                self.publishing.begin(connection.retain)
            elif not self.publishing.follow(connection.retain):
                return
        except DatabaseError:
            return  # The next time may find it able.
        self._note(published=sorted(self.publishing.retained))

    def _expect_waiting(self) -> None:
        """Count those that had waited from now on, or go on if a connection was lost while they came."""
        if self._counted_from is None:
            self._counted_from = self.inbox.undated

    def _note_waited(self) -> None:
        """Write down how many messages had waited, if any: nobody knows their moments exactly."""
        if self._counted_from is None:
            return
        count, self._counted_from = self.inbox.undated - self._counted_from, None
        before, now = self._heard_before, timezone.now()
        self._heard_before = now
        if count and before is not None:
            self._say(f"{count} messages had waited at the broker since {before:%Y-%m-%d %H:%M:%S} UTC or later.")
            self._note(waited_since=before, waited_until=now, waited_count=count)

    def _note(self, **words: object) -> None:
        try:
            MqttSession.objects.filter(pk=self.session.pk).update(**words)
        except DatabaseError:
            logger.warning("The state of listen_mqtt was not written down: the database is unable.")

    def _say(self, sentence: str) -> None:
        if sentence != self._said:
            logger.info(sentence)
            self._said = sentence


def _moment_of(arrived: Sequence[Arrived]) -> datetime | None:
    """Return when the last of some messages came, or None if there is none."""
    return from_millis(arrived[-1].message.now_ms) if arrived else None
