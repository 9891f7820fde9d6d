"""Details of a deed as the lines of text that are kept, so that they can be searched and read for years."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple

from freetemp.masking import mask_keys

MOST_OF_A_VALUE = 300  # characters
MOST_LINES = 60
NOTHING = "nothing"


class Change(NamedTuple):
    """A value before and after."""

    before: object
    after: object


def lines(details: Mapping[str, object]) -> str:
    """Return a line for each detail, like “name: Roof → Garden”. Keys and passwords in them are masked."""
    told = [f"{one_line(name)}: {said(value)}" for name, value in details.items()]
    more = [f"and {len(told) - MOST_LINES} more"] if len(told) > MOST_LINES else []
    return "\n".join([*told[:MOST_LINES], *more])


def said(value: object) -> str:
    """Return a value as text, on one line."""
    if isinstance(value, Change):
        return f"{said(value.before)} → {said(value.after)}"
    return one_line(_plain(value))


def one_line(text: str, most: int = MOST_OF_A_VALUE) -> str:
    """Return a text without breaks of lines and keys, and cut if it is long."""
    text = " ".join("".join(each if each.isprintable() else " " for each in text).split())
    return mask_keys(text if len(text) <= most else f"{text[: most - 1]}…")


def _plain(value: object) -> str:
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}" + (" UTC" if value.utcoffset() == timedelta() else f"{value:%z}")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return f"{value:.10g}"
    if isinstance(value, Iterable) and not isinstance(value, str | bytes):
        return ", ".join(map(_plain, value)) or NOTHING
    return str(value)
