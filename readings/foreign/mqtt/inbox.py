"""Stores messages of a broker: many in one transaction, each of them once, though the broker may hand it over again."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from freetemp.disk_reserve import database_folder, disk_reserve
from freetemp.fields import from_millis
from freetemp.http.bodies import BOARD_BYTES
from readings import ingest
from readings.foreign.intake import Part, store_parts
from readings.foreign.mqtt.devices import Devices
from readings.foreign.mqtt.formats import read
from readings.foreign.mqtt.messages import Announced, Message, Presence
from readings.foreign.upload import Upload
from readings.ingest.batch_rate import batch_rate
from readings.ingest.refusals import refusals
from readings.ingest.reports import DiskReserveError, ReportError, TooLargeError
from readings.models import MqttSession
from stations.authentication import UnknownKeyError, WrongKeyError
from stations.models import Claim

AT_ONCE = 200  # The broker hands over so many messages, and then waits until they are acknowledged.


class Arrived(NamedTuple):
    """A message with the broker's number for it. 0: it will not be repeated, nor acknowledged."""

    message: Message
    number: int
    is_repeat: bool  # It may have been handed over before. Then it may have been stored or not.

    @property
    def mark(self) -> str:
        """Return what tells it from other messages of its number, which begin again after 65,535."""
        told = self.message.topic.encode(errors="surrogatepass") + b"\0" + self.message.payload
        return f"{self.number}:{hashlib.blake2b(told, digest_size=8).hexdigest()}"


class _Sent(NamedTuple):
    """The upload of a message, on its way into the database."""

    topic: str
    upload: Upload
    part: Part


@dataclass(slots=True)
class _Told:
    """The content of some messages, and the topics of those that were refused."""

    sent: list[_Sent] = field(default_factory=list)
    announced: list[Announced] = field(default_factory=list)
    presences: list[Presence] = field(default_factory=list)
    refused: list[tuple[str, Exception]] = field(default_factory=list)


class Inbox:
    """Stores messages in the order in which they came.

    The same transaction remembers those that are stored. After a crash they come again if their acknowledgement was
    lost, with the same number and marked as repeats. No more than AT_ONCE can be without one.
    """

    def __init__(self, session: MqttSession, *, proves_stations: bool) -> None:
        self.session, self.devices = session, Devices()
        self.proves_stations = proves_stations
        self.repeats = 0  # handed over again, and not stored again
        self.undated = 0  # stored under the moment of their arrival
        self._done = deque(session.done.split(), AT_ONCE)
        self.strangers: set[str] = set()  # topics that no device has any more
        self._last_ms: dict[str, int] = {}

    def store(self, arrived: Sequence[Arrived]) -> None:
        """Store messages. When it returns, all of them may be acknowledged.

        Raises django.db.Error, ClockBehindError or DiskReserveError if none can be stored now.
        """
        if disk_reserve.is_reached(database_folder()):
            raise DiskReserveError  # The broker keeps them meanwhile.
        done = set(self._done)
        marks = [(each, each.mark if each.number else "") for each in arrived]
        new = [(each, mark) for each, mark in marks if not (each.is_repeat and mark in done)]
        told = _Told()
        for each, _ in new:
            self._read_into(told, self._apart(each.message))
        kept = deque(self._done, AT_ONCE)
        kept.extend(mark for _, mark in new if mark)
        now_ms = arrived[-1].message.now_ms
        with ingest.one_transaction():
            store_parts([each.part for each in told.sent], ingest.record_each)
            is_changed = self.devices.keep(told.announced, now_ms)
            self.devices.note(told.presences, now_ms)
            self.devices.note_seen((each.upload.identity for each in told.sent if each.upload.identity), now_ms)
            MqttSession.objects.filter(pk=self.session.pk).update(
                done=" ".join(kept), message_at=from_millis(now_ms), alive_at=from_millis(now_ms)
            )
        self._done = kept
        self.repeats += len(arrived) - len(new)
        self.undated += sum(any(value.moment_ms is None for value in each.upload.values) for each in told.sent)
        if is_changed:
            self.devices.look()
        _count(told)

    def _read_into(self, told: _Told, message: Message) -> None:
        try:
            for each in self._read(message):
                if isinstance(each, Upload):
                    told.sent.append(_Sent(message.topic, each, self._part(each, message)))
                elif isinstance(each, Announced):
                    told.announced.append(each)
                else:
                    told.presences.append(each)
        except (ReportError, WrongKeyError) as error:
            told.refused.append((message.topic, error))

    def _apart(self, message: Message) -> Message:
        """Date messages of a topic that came in the same millisecond apart: no two of its values are one."""
        now_ms = max(message.now_ms, self._last_ms.get(message.topic, 0) + 1)
        if len(self._last_ms) > 10_000:
            self._last_ms.clear()
        self._last_ms[message.topic] = now_ms
        return message._replace(now_ms=now_ms) if now_ms != message.now_ms else message

    def _read(self, message: Message) -> Iterable[Upload | Announced | Presence]:
        if len(message.payload) > BOARD_BYTES and not message.is_announcement:
            raise TooLargeError("at most 256 KiB a message")
        route = self.devices.routes.get(message.topic)
        told = read(message, route, proves_stations=self.proves_stations)
        if told is None:
            self.strangers.add(message.topic)
            return []
        return [each for each in told if not (message.is_retained and isinstance(each, Upload))]

    def _part(self, upload: Upload, message: Message) -> Part:
        """Return an upload as it is stored. Raises UnknownKeyError or TooOftenError."""
        if upload.key:
            claim = Claim.by_key_alone(upload.key)
        elif station := upload.station or self.devices.station_of(upload.identity):
            claim = Claim.by_broker(station)
        else:
            raise UnknownKeyError
        batch_rate.check(claim)
        return Part(claim, upload.values, message.now_ms, upload.is_bulk, device=upload.device)


def _count(told: _Told) -> None:
    """Count what was not stored, for staff."""
    for topic, error in told.refused:
        refusals.note_message(topic, error)
    for topic, upload, part in told.sent:
        taken = part.taken
        if taken.error is not None:
            refusals.note_message(topic, taken.error)
            continue
        refusals.note_rejected_of_message(topic, taken.rejected)
        refusals.note_names(None, taken.station, [*upload.unknown, *taken.without_field])
