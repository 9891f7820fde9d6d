"""Checks a copy before it counts as one: small tables row by row, large ones by counts and sums of each field."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

from freetemp.copying.errors import CopyError
from freetemp.copying.pieces import is_equal
from freetemp.copying.series import copy_one, remove
from freetemp.copying.source import Row, Series, Source
from freetemp.copying.tables import Column, Table
from freetemp.copying.target import Target
from freetemp.encryption import EncryptionError, decrypt

OFF = 1e-9  # Sums of the same numbers in another order differ by less, relative to the sum of their sizes.
BEGIN = "gAAAA"  # of each Fernet token, until the year 2106
TOKEN = re.compile(BEGIN + r"[A-Za-z0-9_-]{90,}={0,2}")

Sums = dict[Series, Row]


def check_rows(source: Source, target: Target, table: Table) -> None:
    """Raise CopyError if any row of a small table is another one. Digests of keys and passwords are among them."""
    if not is_equal(source, target, table):
        raise CopyError(
            f"{table.name} is not the same in PostgreSQL. The copy is not finished, and SQLite's database is as it "
            "was: run this again."
        )


def count_secrets(target: Target, tables: list[Table]) -> tuple[int, int]:
    """Return how many encrypted secrets are in the copy, and how many of them no key of ENCRYPTION_KEYS decrypts."""
    found = [each for table in tables for column in table.columns for each in _tokens(target, table, column)]
    return len(found), sum(not _is_readable(each) for each in found)


def _tokens(target: Target, table: Table, column: Column) -> list[str]:
    """Return the secrets of a column. Those of second factors are within JSON."""
    if table.is_series or column.longest is not None or column.kind not in ("text", "json"):
        return []
    ask = f"""SELECT "{column.name}"::text FROM "{table.name}" WHERE "{column.name}"::text LIKE '%{BEGIN}%'"""  # noqa: S608
    return [token for (text,) in target.connection.execute(ask.encode()) for token in TOKEN.findall(text)]


def _is_readable(token: str) -> bool:
    try:
        decrypt(token)
    except EncryptionError:
        return False
    return True


def check_series(source: Source, target: Target, table: Table) -> int:
    """Return the number of rows of a large table. A field that differs is copied anew, once, and then an error."""
    for last in (False, True):
        ours, theirs = _sums(source.database.execute(_ask(table))), _of_target(target, table)
        wrong = [each for each in {**ours, **theirs} if not _is_same(ours.get(each), theirs.get(each))]
        if not wrong:
            return sum(int(row[0]) for row in ours.values())
        if last:
            raise CopyError(
                f"{table.name} of station {wrong[0][0]}, field {wrong[0][1]}, differs in count or sum after it was "
                "copied anew. The copy is not finished, and SQLite's database is as it was."
            )
        editions = source.editions()
        for series in wrong:
            if series in ours:
                copy_one(source, target, table, series, editions.get(series), lambda _rows: None, anew=True)
            else:
                remove(target, table, series)
    raise AssertionError("unreachable")


def _of_target(target: Target, table: Table) -> Sums:
    return _sums(target.connection.execute(_ask(table).encode()))


def _ask(table: Table) -> str:
    values = [_value(each) for each in table.columns if each.name not in table.key[:2]]
    sums = "".join(f", sum({each}), sum(abs({each}))" for each in values)
    return f'SELECT station_id, field, count(*){sums} FROM "{table.name}" GROUP BY station_id, field'  # noqa: S608


def _value(column: Column) -> str:
    """Return what is summed up: neither database may overflow by it."""
    return f'"{column.name}" % 1000003' if column.kind == "integer" else f'"{column.name}" / 1e9'


def _sums(rows: Iterable[Row]) -> Sums:
    return {(row[0], row[1]): row[2:] for row in rows}


def _is_same(ours: Row | None, theirs: Row | None) -> bool:
    if ours is None or theirs is None or ours[0] != theirs[0]:
        return False
    pairs = zip(ours[1::2], ours[2::2], theirs[1::2], strict=True)
    return all(_is_near(our_sum, size, their_sum) for our_sum, size, their_sum in pairs)


def _is_near(ours: float | None, size: float | None, theirs: float | None) -> bool:
    if ours is None or theirs is None or size is None:
        return ours is theirs
    if not math.isfinite(float(ours)):
        return not math.isfinite(float(theirs))
    return abs(float(ours) - float(theirs)) <= OFF * float(size)
