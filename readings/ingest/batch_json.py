"""A report of many readings, parsed from the JSON that a board sends.

It is hand-written, without a serializer: a nested serializer takes longer for 500 readings than their database. An
ordinary report becomes columns by msgspec, in a fifth of the time. Any other is parsed reading by reading: only this
way decides what is wrong with a report, and says so.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from math import isfinite, nan
from operator import lt
from typing import Any, NamedTuple, cast

from msgspec import UNSET, MsgspecError, Struct, UnsetType
from msgspec.json import Decoder

from freetemp.http.bodies import BOARD_BYTES
from readings.ingest.board_json import LeftOut, parse_board
from readings.ingest.parsing import LARGEST
from readings.ingest.reports import NO_SEQ, Columns, NoReportError, Sample, TooLargeError
from readings.models.board_state import Told
from stations.models.station import MOST_OF_A_TROUBLE, MOST_OF_A_VERSION

MOST_BYTES = BOARD_BYTES
MOST_READINGS = 1_000
MOST_BOOT = 2**32 - 1
MOST_SEQ = 2**53 - 1  # The largest integer that every JSON library reads exactly.
FAR_MS = 2**53
_FAR_S = FAR_MS // 1000
_MOST_DIGITS = sys.int_info.default_max_str_digits
_MOST_OF_WORDS = {"trouble": MOST_OF_A_TROUBLE, "firmware": MOST_OF_A_VERSION}


class Body(NamedTuple):
    """The content of a report. The boot is None if the report leaves out boot and `seq`."""

    boot: int | None
    samples: Sequence[Sample]
    trouble: str = ""  # the problem that the board reports about itself, or ""
    firmware: str = ""  # the version that the board reports, or ""
    board: Told | None = None  # the state that the board reports, if it does
    left_out: tuple[LeftOut, ...] = ()  # what was wrong in it


def parse_report(body: bytes) -> Body:
    """Return the content of a report.

    Raises NoReportError for any other content, and TooLargeError. It does not judge a reading's field, value or moment:
    a wrong one does not keep the report's other readings from being stored.
    """
    if len(body) > MOST_BYTES:
        raise TooLargeError("at most 256 KiB a report")
    return _ordinary(body) or _any(body)


class _Reading(Struct, forbid_unknown_fields=True, gc=False):
    field: int
    value: float
    seq: int | UnsetType = UNSET
    at: int | float | UnsetType = UNSET
    age: int | float | UnsetType = UNSET


class _Report(Struct, forbid_unknown_fields=True):
    readings: list[_Reading]
    boot: int | None = None
    trouble: str = ""
    firmware: str = ""
    board: Any = None


_decode = Decoder(_Report).decode


def _ordinary(body: bytes) -> Body | None:
    """Return the content of an ordinary report, or None for any other, right or wrong.

    msgspec does not look at all bytes of a text, and is only asked about ASCII.
    """
    try:
        report = _decode(body) if body.isascii() else None
    except (MsgspecError, RecursionError):
        return None
    if report is None or not 0 < len(report.readings) <= MOST_READINGS:
        return None
    samples = _columns(report.readings, is_counted=report.boot is not None)
    if samples is None or not 0 <= (report.boot or 0) <= MOST_BOOT:
        return None
    if report.boot is None:
        return Body(None, samples)
    trouble, firmware = _words(report.trouble, "trouble"), _words(report.firmware, "firmware")
    return Body(report.boot, samples, trouble, firmware, *parse_board(report.board))


def _columns(readings: list[_Reading], *, is_counted: bool) -> Columns | None:
    seqs = [each.seq for each in readings]
    if not (_rise(seqs) if is_counted else {*seqs} == {UNSET}):
        return None
    values = [each.value for each in readings]
    times, others = [each.at for each in readings], [each.age for each in readings]
    are_ages = is_counted and times[0] is UNSET
    times, others = (others, times) if are_ages else (times, others)
    types = {*map(type, times)}
    if not (types <= {int, float} and {*others} == {UNSET}):
        return None
    seconds = cast("list[float]", times)
    if not (min(values) > -LARGEST and max(values) < LARGEST and min(seconds) >= 0 and max(seconds) < _FAR_S):
        return None
    times_ms = [each * 1000 for each in seconds] if types == {int} else [round(each * 1000) for each in seconds]
    counted = cast("list[int]", seqs) if is_counted else [NO_SEQ] * len(readings)
    return Columns(counted, [each.field for each in readings], values, cast("list[int]", times_ms), are_ages)


def _rise(seqs: list[Any]) -> bool:
    """Tell whether these are whole numbers, each above the one before."""
    if UNSET in seqs:
        return False
    return seqs[0] >= 0 and seqs[-1] <= MOST_SEQ and all(map(lt, seqs, seqs[1:]))


def _any(body: bytes) -> Body:
    report = _json(body)
    if not isinstance(report, dict) or not isinstance(report.get("readings"), list):
        raise NoReportError('readings: expected {"boot": ..., "readings": [...]}')
    if len(report["readings"]) > MOST_READINGS:
        raise TooLargeError(f"at most {MOST_READINGS} readings a report")
    boot = report.get("boot")
    if boot is None:
        return Body(None, [_moment_only(each) for each in report["readings"]])
    if type(boot) is not int or not 0 <= boot <= MOST_BOOT:
        raise NoReportError("boot: a whole number of 32 bits expected")
    trouble, firmware = _words(report.get("trouble"), "trouble"), _words(report.get("firmware"), "firmware")
    return Body(boot, _counted(report["readings"]), trouble, firmware, *parse_board(report.get("board")))


def _words(told: Any, name: str) -> str:
    """Return a board's own words, cut to one line. They are never a reason to refuse a reading."""
    text, most = told or "", _MOST_OF_WORDS[name]
    if not isinstance(text, str):
        raise NoReportError(f"{name}: text expected")
    return "".join(char if char.isprintable() else " " for char in text[:most]).strip()


def _counted(readings: list[Any]) -> list[Sample]:
    samples, last = [], NO_SEQ
    for reading in readings:
        seq = reading.get("seq") if isinstance(reading, dict) else None
        if type(seq) is not int or not last < seq <= MOST_SEQ:
            raise NoReportError("seq: a whole number above the one before expected in every reading")
        last = seq
        samples.append(_sample(seq, reading))
    return samples


def _moment_only(reading: Any) -> Sample:
    if not isinstance(reading, dict) or "at" not in reading or "seq" in reading:
        raise NoReportError("boot: expected beside seq and age; without them every reading has at")
    return _sample(NO_SEQ, reading)


def _sample(seq: int, reading: dict[str, Any]) -> Sample:
    if ("at" in reading) == ("age" in reading):
        raise NoReportError("at or age: exactly one of them expected in every reading")
    is_age = "age" in reading
    time_ms = _millis(reading["age" if is_age else "at"], "age" if is_age else "at")
    field, value = reading.get("field"), reading.get("value")
    return Sample(seq, field if type(field) is int else 0, _number(value), time_ms, is_age)


def _millis(seconds: Any, name: str) -> int:
    number = _number(seconds)
    if not isfinite(number) or (name == "age" and number < 0):
        raise NoReportError(f"{name}: a number of seconds expected")
    return round(max(-FAR_MS, min(FAR_MS, number * 1000)))


def _number(value: Any) -> float:
    """Return a JSON number as a float, and nan for all else, such as true or 1 with 400 zeros."""
    if type(value) is not int and type(value) is not float:
        return nan
    return float(value) if abs(value) <= LARGEST else nan


_NO_JSON = "JSON expected, in UTF-8"


class _NoNumber(str):
    """What is no JSON, such as NaN, or has more digits than Python reads. Only `board` may have it."""


def _json(body: bytes) -> Any:
    found: list[_NoNumber] = []

    def no_number(text: str) -> _NoNumber:
        found.append(_NoNumber(text))
        return found[-1]

    def whole(text: str) -> int | _NoNumber:
        return int(text) if len(text) <= _MOST_DIGITS else no_number(text)

    try:
        report = json.loads(body.decode(), parse_constant=no_number, parse_int=whole)
        of_board = _no_numbers(report.get("board") if isinstance(report, dict) else None)
    except (ValueError, RecursionError) as error:
        raise NoReportError(_NO_JSON) from error
    if len(found) > of_board:
        raise NoReportError(_NO_JSON)
    return report


def _no_numbers(value: Any) -> int:
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return isinstance(value, _NoNumber) + sum(map(_no_numbers, parts))
