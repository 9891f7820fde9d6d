"""The format of a value, from any source: a board, a report, a file."""

import re
from collections.abc import Sequence

from readings.ingest.reports import NoReportError

_DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")
_ORDINARY = "0123456789+-."  # With these alone, float() accepts no other text than _DECIMAL does.
_MAX_LENGTH = 40
LARGEST = 1e300  # A year of such values can still be summed up.


def parse_decimal(text: str) -> float:
    """Return a finite decimal number. A sign and an exponent are allowed.

    Raise ValueError for all else, even if Python's float() accepts it: nan, inf, 1_0, spaces, other digits.
    """
    if len(text) > _MAX_LENGTH or not _DECIMAL.fullmatch(text):
        raise ValueError("a decimal number expected, like 21.4 or -0.5")
    if abs(value := float(text)) > LARGEST:
        raise ValueError("too large for a number")
    return value


def parse_decimals(texts: Sequence[str]) -> list[float] | None:
    """Return what parse_decimal() does for each text, or None if it has to look at them one by one."""
    if "".join(texts).strip(_ORDINARY) or max(map(len, texts), default=0) > _MAX_LENGTH:
        return None
    try:
        return [*map(float, texts)]
    except ValueError:
        return None


def parse_field_number(text: str) -> int:
    """Return a field's number. Whether a station has such a field is another question."""
    if not re.fullmatch("[0-9]{1,5}", text):
        raise ValueError("the number of a field expected, like 1")
    return int(text)


def parse_single_value(field: str, data: str) -> tuple[int, float]:
    """Return the field's number and the value in a device URL. NoReportError names the part that is wrong."""
    try:
        number = parse_field_number(field)
    except ValueError as error:
        raise NoReportError(f"field: {error}") from error
    try:
        return number, parse_decimal(data)
    except ValueError as error:
        raise NoReportError(f"data: {error}") from error
