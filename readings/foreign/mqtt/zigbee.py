"""Zigbee2MQTT: its bridge tells of all devices, and each of them has a topic by the name that people gave it.

A device is known by its address: the name may change. A message repeats the values that were not measured now.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from django.utils.translation import gettext_noop

from readings.foreign.moments import parse_moment
from readings.foreign.mqtt.messages import Announced, Message, Read, Route
from readings.foreign.mqtt.told import ONLINE, source_of, told, values_of
from readings.foreign.upload import Upload
from readings.ingest.reports import NoReportError
from readings.models.device_state import DeviceTold

KIND = "zigbee2mqtt"
BRIDGE = "zigbee2mqtt/bridge/devices"
BATTERY = gettext_noop("its own")
_LEFT_OUT = frozenset(["linkquality", "last_seen"])


class Zigbee:
    """The AnnouncingFormat of this module."""

    readings: ClassVar[Sequence[str]] = ()
    announcements: ClassVar[Sequence[str]] = (BRIDGE,)

    @staticmethod
    def read(message: Message, *, proves_stations: bool) -> Read:
        devices = message.json() if message.payload else []
        if not isinstance(devices, list):
            raise NoReportError("a list of devices expected")
        return list(filter(None, map(_announced, devices)))

    @staticmethod
    def read_routed(message: Message, route: Route) -> Read:
        if not message.payload:
            return []
        given = message.json()
        moment_ms = parse_moment(str(given.get("last_seen", ""))) if isinstance(given, dict) else None
        values = list(values_of(message, route, moment_ms))
        return [Upload("", values, identity=route.identity, device=_battery(given))]


def _battery(given: Any) -> DeviceTold | None:
    """Return whether a device calls its battery almost empty. `linkquality` has no unit, and each maker's own scale."""
    is_low = given.get("battery_low") if isinstance(given, Mapping) else None
    return DeviceTold(low_batteries=BATTERY if is_low else "") if isinstance(is_low, bool) else None


def _announced(device: Any) -> Announced | None:
    if not isinstance(device, Mapping) or not isinstance(device.get("definition"), Mapping):
        return None  # The coordinator, or a device that Zigbee2MQTT does not know.
    address, name = device.get("ieee_address"), device.get("friendly_name")
    if not isinstance(address, str) or not isinstance(name, str) or set("#+") & set(name):
        return None
    fields = dict(_fields(device["definition"].get("exposes")))
    topic = f"zigbee2mqtt/{name}"
    topics: dict[str, Any] = {topic: fields, f"{topic}/availability": {ONLINE: "online"}}
    return Announced(address, KIND, name, str(device["definition"].get("model") or ""), topics) if fields else None


def _fields(exposes: Any) -> Iterator[tuple[str, list[Any]]]:
    for each in exposes if isinstance(exposes, list) else []:
        if not isinstance(each, Mapping) or each.get("type") != "numeric":
            continue
        name = each.get("property")
        if isinstance(name, str) and name and name not in _LEFT_OUT:
            yield source_of(name), told([name], name, str(each.get("unit") or ""))
