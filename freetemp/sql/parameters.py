"""Parameters of statements in the binary or text form in which PostgreSQL reads them, with their types."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db import DataError

BOOL, BIGINT, TEXT, DOUBLE = 16, 20, 25, 701  # OIDs, as in pg_type.dat
_ARRAYS = {BIGINT: 1016, TEXT: 1009, DOUBLE: 1022}
_CODES = {BIGINT: "q", DOUBLE: "d"}
_TYPES = {bool: BOOL, int: BIGINT, float: DOUBLE, str: TEXT}
_IN_TEXT, _IN_BINARY = 0, 1


class Bound(NamedTuple):
    """The parameters of one execution. The OID 0 lets the database find out the type."""

    types: tuple[int, ...]
    values: list[bytes | None]
    formats: list[int]


def bound(parameters: Sequence[Any]) -> Bound:
    """Return parameters for libpq: None, bool, int, float, str, and lists of one of the last three.

    Raises django.db.DataError for a number that fits no column.
    """
    each = [_of_list(value) if isinstance(value, list) else _of_one(value) for value in parameters]
    return Bound(tuple(oid for oid, _, _ in each), [value for _, value, _ in each], [form for _, _, form in each])


def _of_one(value: Any) -> tuple[int, bytes | None, int]:
    if value is None:
        return 0, None, _IN_TEXT
    oid = _TYPES[type(value)]
    if oid == TEXT:  # In text form, it would end at a NUL, which the database refuses in the other one.
        return oid, value.encode(), _IN_BINARY
    return oid, repr(value).encode(), _IN_TEXT


def _of_list(values: list[Any]) -> tuple[int, bytes, int]:
    kinds = set(map(type, values))
    if not kinds or kinds == {type(None)}:
        return 0, b"{%s}" % b",".join([b"NULL"] * len(values)), _IN_TEXT
    oid = DOUBLE if float in kinds else _TYPES[next(iter(kinds - {type(None)}))]
    head = struct.pack("!5i", 1, type(None) in kinds, oid, len(values), 1)
    return _ARRAYS[oid], head + (_items if oid == TEXT or type(None) in kinds else _numbers)(values, oid), _IN_BINARY


def _numbers(values: list[Any], oid: int) -> bytes:
    """Return the items of an array of numbers, each with its length, in one go."""
    parts = [8] * (2 * len(values))
    parts[1::2] = values
    try:
        return struct.pack("!" + f"i{_CODES[oid]}" * len(values), *parts)
    except struct.error as error:
        raise DataError(f"a number out of range: {error}") from None


def _items(values: list[Any], oid: int) -> bytes:
    if oid == TEXT:
        texts = [value if value is None else value.encode() for value in values]
        return b"".join([b"\xff" * 4 if text is None else struct.pack("!i", len(text)) + text for text in texts])
    return b"".join(b"\xff" * 4 if value is None else _numbers([value], oid) for value in values)
