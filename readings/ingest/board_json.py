"""What a report says of its board: the member `board` of its JSON, which docs/http-api.md describes.

It never costs a reading. What is wrong in it is left out, and named.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, NamedTuple

from msgspec import Meta, Struct

from readings.models.board_state import ResetCause, Told

MOST = 2**31 - 1
LARGEST_CAUSE = max(ResetCause.values)
LOWEST_RSSI, HIGHEST_RSSI = -127, -1
MOST_VOLTS = 100

_Count = Annotated[float, Meta(ge=0, le=MOST)]


class BoardMember(Struct, forbid_unknown_fields=True, gc=False):
    """`board` as it should be. Its limits are those of LIMITS."""

    start: _Count | None = None
    reset: Annotated[float, Meta(ge=0, le=LARGEST_CAUSE)] | None = None
    up: _Count | None = None
    rssi: Annotated[float, Meta(ge=LOWEST_RSSI, le=HIGHEST_RSSI)] | None = None
    voltage: Annotated[float, Meta(ge=0, le=MOST_VOLTS)] | None = None
    heap: _Count | None = None
    failed: _Count | None = None

    def told(self) -> Told:
        return _told(self.start, self.reset, self.up, self.rssi, self.voltage, self.heap, self.failed)


LIMITS = {
    "start": (0, MOST),
    "reset": (0, LARGEST_CAUSE),
    "up": (0, MOST),
    "rssi": (LOWEST_RSSI, HIGHEST_RSSI),
    "voltage": (0, MOST_VOLTS),
    "heap": (0, MOST),
    "failed": (0, MOST),
}


class LeftOut(NamedTuple):
    """A part of `board` that is not stored: its name, what it was, and why."""

    name: str
    told: str
    reason: str


def parse_board(member: Any) -> tuple[Told | None, tuple[LeftOut, ...]]:
    """Return what is right of a `board`, whatever it is, and what is not."""
    if member is None:
        return None, ()
    if not isinstance(member, dict):
        return None, (LeftOut("board", _shown(member), "an object expected"),)
    left_out = tuple(_wrong(member))
    names = {each.name for each in left_out}
    return _told(*(None if name in names else member.get(name) for name in LIMITS)), left_out


def _wrong(member: dict[str, Any]) -> Iterator[LeftOut]:
    for name, (least, most) in LIMITS.items():
        value = member.get(name)
        is_number = type(value) is int or type(value) is float
        if value is not None and not (is_number and least <= value <= most):
            yield LeftOut(name, _shown(value), f"a number from {least} to {most} expected")


def _shown(value: Any) -> str:
    return type(value).__name__ if isinstance(value, dict | list) else str(value)[:100]


def _told(start: float | None, *others: float | None) -> Told:
    """Return numbers within their limits: all of them are whole, except the voltage."""
    cause, up_s, rssi, voltage, heap, failed = others
    return Told(
        round(start or 0), _whole(cause), _whole(up_s), _whole(rssi), _decimal(voltage), _whole(heap), _whole(failed)
    )


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)


def _decimal(value: float | None) -> float | None:
    return None if value is None else float(value)
