"""What a format makes of a message on an MQTT broker."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple, Protocol

from readings.foreign.upload import Upload, json_in


class Message(NamedTuple):
    """A message. A retained one is what its topic said last, before freetemp listened: never a reading."""

    topic: str
    payload: bytes
    now_ms: int
    is_retained: bool = False

    @property
    def is_announcement(self) -> bool:
        """Tell whether it may be long: the bridge of Zigbee2MQTT tells of all devices at once."""
        return self.topic.startswith("zigbee2mqtt/bridge/")

    @property
    def text(self) -> str:
        return self.payload.decode(errors="replace").strip()

    def json(self) -> Any:
        """Return its content as JSON. Raises NoReportError."""
        return json_in(self.payload)


@dataclass(frozen=True, slots=True)
class Announced:
    """A device that tells of itself. Each of its topics has what reading a message there takes, as JSON keeps it."""

    identity: str
    kind: str  # of stations.devices
    name: str = ""
    model: str = ""
    topics: Mapping[str, Any] = field(default_factory=dict)
    # A device may tell of itself in parts, which add to each other.
    is_part: bool = False


class Presence(NamedTuple):
    """What its broker says of a device: it is there, or it has gone without a word."""

    identity: str
    is_online: bool


class Route(NamedTuple):
    """The device of a topic that was announced, and what its format has to know."""

    identity: str
    kind: str
    told: Any


Read = Iterable[Upload | Announced | Presence]


class MqttFormat(Protocol):
    """A module that reads the messages of one kind of device."""

    # Messages of these topics are readings, or are announcements, which the broker keeps and tells again.
    readings: ClassVar[Sequence[str]]
    announcements: ClassVar[Sequence[str]]

    @staticmethod
    def read(message: Message, *, proves_stations: bool) -> Read:
        """Return the content of a message of these topics. Raises NoReportError."""


class AnnouncingFormat(MqttFormat, Protocol):
    """A format of devices that announce their topics."""

    @staticmethod
    def read_routed(message: Message, route: Route) -> Read:
        """Return the readings in a message of a topic that was announced. Raises NoReportError."""


def sender(name: str, *, proves_stations: bool) -> dict[str, Any]:
    """Return who sends to a topic with this name in it: a station by its number, if the broker proves it, or a key."""
    if proves_stations and name.isascii() and name.isdecimal() and len(name) < 10:
        return {"key": "", "station": int(name)}
    return {"key": name}
