"""What a report says of its board: the member `board` of its JSON, which docs/http-api.md describes.

It never costs a reading. What is wrong in it is left out, and named.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from readings.models.board_state import ResetCause, Told

MOST = 2**31 - 1
LIMITS = {  # in the order of Told
    "start": (0, MOST),
    "reset": (0, max(ResetCause.values)),
    "up": (0, MOST),
    "rssi": (-127, -1),
    "voltage": (0, 100),
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
    right: dict[str, Any] = {**dict.fromkeys(LIMITS), "start": 0}
    left_out = []
    for name, (least, most) in LIMITS.items():
        value = member.get(name)
        if value is None:
            continue
        is_number = type(value) is int or type(value) is float
        if is_number and least <= value <= most:
            right[name] = float(value) if name == "voltage" else round(value)
        else:
            left_out.append(LeftOut(name, _shown(value), f"a number from {least} to {most} expected"))
    return Told(*right.values()), tuple(left_out)


def _shown(value: Any) -> str:
    return type(value).__name__ if isinstance(value, dict | list) else str(value)[:100]
