"""Tasmota on a broker: it announces itself below tasmota/discovery/, and sends SENSOR, STATE and LWT to own topics.

The names are those of hatasmota 0.9.2 and of Tasmota's support_tasmota.ino. The MAC address is the identity.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar

from freetemp.kept import Kept
from readings.foreign.mqtt.messages import Announced, Message, Read, Route
from readings.foreign.mqtt.told import ONLINE
from readings.foreign.tasmota import Tasmota, signal_of
from readings.foreign.upload import Sent
from readings.ingest.reports import NoReportError
from readings.models.device_state import DeviceTold

KIND = "tasmota"
_EXPECTED = "a Tasmota's config expected"
_signals: Kept[str, DeviceTold] = Kept(2_000)
_TELE = 2  # its place among the prefixes


class TasmotaTopics:
    """The AnnouncingFormat of this module."""

    readings: ClassVar[Sequence[str]] = ()
    announcements: ClassVar[Sequence[str]] = ("tasmota/discovery/#",)

    @staticmethod
    def read(message: Message, *, proves_stations: bool) -> Read:
        if not message.topic.endswith("/config") or not message.payload:
            return []  # `sensors` has an example, and nothing is what is left of a device that was removed.
        config = message.json()
        if not isinstance(config, dict) or not isinstance(config.get("mac"), str):
            raise NoReportError(_EXPECTED)
        base = _base(config)
        topics = {f"{base}SENSOR": {}, f"{base}STATE": {}, f"{base}LWT": {ONLINE: str(config.get("onln") or "Online")}}
        name = next((str(config[each]) for each in ("dn", "hn", "t") if config.get(each)), "")
        return [Announced(config["mac"], KIND, name, str(config.get("md") or ""), topics)]

    @staticmethod
    def read_routed(message: Message, route: Route) -> Read:
        if message.topic.endswith("STATE"):
            _keep_signal(message, route)
            return []
        upload = Tasmota.read(Sent("POST", {}, "", {}, message.payload, message.now_ms))
        return [replace(upload, identity=route.identity, device=upload.device or _signals.get(route.identity))]


def _keep_signal(message: Message, route: Route) -> None:
    """Keep the signal of a STATE for the next SENSOR: a device that measures nothing any more must not look alive."""
    state = message.json() if message.payload else None
    if isinstance(state, dict) and (told := signal_of(state.get("Wifi"))):
        _signals.put(route.identity, told)


def _base(config: dict[str, Any]) -> str:
    """Return the beginning of the topics at which a device tells: FullTopic with its parts."""
    prefixes = config.get("tp")
    if not isinstance(prefixes, list) or len(prefixes) <= _TELE or not isinstance(config.get("ft"), str):
        raise NoReportError(_EXPECTED)
    parts = {"prefix": prefixes[_TELE], "topic": config.get("t"), "hostname": config.get("hn")}
    base: str = config["ft"]
    for part, text in {**parts, "id": config["mac"][-6:]}.items():
        base = base.replace(f"%{part}%", str(text or ""))
    if "%" in base or "#" in base or "+" in base:
        raise NoReportError(_EXPECTED)
    return base if base.endswith("/") else f"{base}/"
