"""Values as SQLite has them: what PostgreSQL would refuse of them, and what it gives back for them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time
from ipaddress import ip_address
from typing import Any

from freetemp.copying.tables import Column

NUL = "\0"


def text_of(data: bytes) -> str | bytes:
    """Return a text, or its bytes if they are none: the text factory of SQLite's connection."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data


def fault_of(column: Column, value: Any) -> str | None:
    """Return why PostgreSQL would refuse a value of SQLite, in a few words, or None."""
    if value is None:
        return None if column.may_be_null else "is missing"
    return _FAULTS[column.kind](column, value)


def from_sqlite(column: Column, value: Any) -> Any:
    """Return a value without a fault as PostgreSQL takes it, and as it is compared."""
    reader = _READERS.get(column.kind)
    return value if reader is None or value is None else reader(value)


def from_postgresql(column: Column, value: Any) -> Any:
    return _json(value) if column.kind == "json" and value is not None else value


def _json(text: str) -> str:
    return json.dumps(json.loads(text), sort_keys=True)


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


_READERS: dict[str, Callable[[Any], Any]] = {
    "boolean": bool,
    "number": float,
    "json": _json,
    "moment": _moment,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "address": lambda text: str(ip_address(text)),
}


def _fault_of_integer(column: Column, value: Any) -> str | None:
    if not isinstance(value, int):
        return "is not a whole number"
    return None if column.least <= value <= column.most else f"is not from {column.least} to {column.most}"


def _fault_of_text(column: Column, value: Any) -> str | None:
    if not isinstance(value, str):
        return "is not a text in UTF-8"
    if NUL in value:
        return "has a NUL in it"
    is_long = column.longest is not None and len(value) > column.longest
    return f"has {len(value)} characters, and may have {column.longest}" if is_long else None


def _fault_of_json(_column: Column, value: Any) -> str | None:
    try:
        texts = [*_texts_in(json.loads(value, parse_constant=_no_number))]
        "".join(texts).encode()
    except (ValueError, TypeError, RecursionError):  # UnicodeEncodeError is a ValueError: half a surrogate pair.
        return "is not JSON as PostgreSQL takes it"
    return "has a NUL in it" if any(NUL in each for each in texts) else None


def _no_number(name: str) -> None:
    raise ValueError(name)


def _texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from value
        for each in value.values():
            yield from _texts_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts_in(each)


def _fault_of(words: str, *types: type) -> Callable[[Column, Any], str | None]:
    return lambda _column, value: None if isinstance(value, types) else words


def _fault_of_read(words: str, kind: str) -> Callable[[Column, Any], str | None]:
    def fault(_column: Column, value: Any) -> str | None:
        try:
            _READERS[kind](value)
        except (ValueError, TypeError, OverflowError):
            return words
        return None if isinstance(value, str) else words

    return fault


_FAULTS: dict[str, Callable[[Column, Any], str | None]] = {
    "integer": _fault_of_integer,
    "text": _fault_of_text,
    "json": _fault_of_json,
    "boolean": lambda _column, value: None if value in (0, 1) else "is neither true nor false",
    "number": _fault_of("is not a number", float, int),
    "bytes": _fault_of("is not bytes", bytes),
    "moment": _fault_of_read("is not a moment", "moment"),
    "date": _fault_of_read("is not a date", "date"),
    "time": _fault_of_read("is not a time of day", "time"),
    "address": _fault_of_read("is not an address", "address"),
}
