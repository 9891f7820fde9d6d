"""What a format makes of a request, and how it is told the outcome."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from math import nan
from typing import Any, NamedTuple, Protocol
from urllib.parse import parse_qsl

from readings.ingest.parsing import parse_decimal
from readings.ingest.reports import NoReportError
from readings.models.device_state import DeviceTold

MOST_NAMES = 300  # Ecowitt's gateways send some 150.
MOST_OF_A_NAME = 34  # characters of a new field's name: a number may have to come behind it
TEXT = "text/plain; charset=utf-8"
JSON = "application/json"
_NO_JSON = "JSON expected, in UTF-8"


class Known(NamedTuple):
    """A quantity that a format sends: its name there, and the field that it becomes.

    The unit is the one of the wire. None: the wire has none, and the field's is up to people.
    """

    source: str
    quantity: str
    unit: str | None
    name: str


class Value(NamedTuple):
    """A value as it was sent, with its moment in Unix milliseconds. None: that of its arrival."""

    known: Known
    value: float  # nan: not a finite number
    moment_ms: int | None


@dataclass(frozen=True, slots=True)
class Upload:
    """The content of a request. `key` is empty if there is none."""

    key: str
    values: Sequence[Value] = ()
    unknown: Sequence[str] = ()  # Names that this format does not know.
    is_bulk: bool = False  # What a device kept, and can send again.
    details: Mapping[str, Any] = field(default_factory=dict)  # for the answer
    # Over MQTT, its broker may have proven who sends: the number of a station, or what names the device there.
    station: int = 0
    identity: str = ""
    device: DeviceTold | None = None  # what it says of its batteries and its signal


@dataclass(frozen=True, slots=True)
class Sent:
    """A request."""

    method: str
    parts: Mapping[str, str]  # of the path, as the route names them; `key` of /in/<key>/
    query: str  # as it stands in the address
    meta: Mapping[str, Any]  # the headers, as WSGI names them
    body: bytes
    now_ms: int

    def part(self, name: str) -> str:
        return self.parts.get(name, "")


class Result(Enum):
    """The outcome of an upload: a success if everything was stored, is there already, or is rejected for good."""

    TAKEN = "taken"
    WRONG_KEY = "wrong key"
    NOT_NOW = "not now"  # The same request may be taken later.
    MALFORMED = "malformed"
    TOO_LARGE = "too large"


class Answer(NamedTuple):
    body: str
    status: int = 200
    content_type: str = TEXT


class Format(Protocol):
    """A module that reads requests of one kind of device, and words the answers."""

    @staticmethod
    def read(sent: Sent) -> Upload:
        """Return the content. Raises NoReportError."""

    @staticmethod
    def answer(sent: Sent, upload: Upload | None, result: Result, station: int) -> Answer:
        """Return the words for an outcome. `upload` is None if it was not read, and `station` 0 if it is not proven."""

    @staticmethod
    def described(sent: Sent) -> str:
        """Return the request for staff, without its keys."""


_STATUS = {Result.WRONG_KEY: 403, Result.NOT_NOW: 503, Result.MALFORMED: 400, Result.TOO_LARGE: 413}
_LINES = {
    Result.TAKEN: "OK",
    Result.WRONG_KEY: "unknown station or key",
    Result.NOT_NOW: "try later",
    Result.MALFORMED: "names and values expected",
    Result.TOO_LARGE: "too large",
}


def plain(result: Result) -> Answer:
    """Return the answer for a device that has no words of its own: a status and a line."""
    return Answer(_LINES[result], _STATUS.get(result, 200))


def is_name(text: str, most: int) -> bool:
    """Tell whether a device's own name may become that of a field: databases take neither NUL nor half a character."""
    return 0 < len(text) <= most and text.isprintable()


def json_in(body: bytes) -> Any:
    """Return what a body has as JSON. Raises NoReportError."""
    try:
        return json.loads(body.decode())
    except (ValueError, RecursionError) as error:
        raise NoReportError(_NO_JSON) from error


def json_object(body: bytes) -> dict[str, Any]:
    """Return the object in a JSON body. Raises NoReportError if there is none, or if it has too many names."""
    given = json_in(body)
    if not isinstance(given, dict):
        raise NoReportError(_NO_JSON)
    if len(given) > MOST_NAMES:
        raise NoReportError(f"names: at most {MOST_NAMES} expected")
    return given


def pairs_of(text: str) -> list[tuple[str, str]]:
    """Return the names and values of a query or a form. Raises NoReportError if there are too many."""
    try:
        return parse_qsl(text, keep_blank_values=True, errors="replace", max_num_fields=MOST_NAMES)
    except ValueError as error:
        raise NoReportError(f"names: at most {MOST_NAMES} expected") from error


def number_of(text: str) -> float:
    """Return a number as devices write it, such as 080, or nan if it is none."""
    try:
        return parse_decimal(text.strip())
    except ValueError:
        return nan


_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.]{0,24}")
_PLAIN = re.compile(r"[-+.:0-9 TZ]{0,24}", re.ASCII)


def described_pairs(pairs: Iterable[tuple[str, str]], shown: frozenset[str]) -> str:
    """Return names and values for staff: values of the given names if they are numbers, and no possible key."""
    return "&".join(_described(name, value, shown) for name, value in list(pairs)[:30])


def _described(name: str, value: str, shown: frozenset[str]) -> str:
    if name in shown and _PLAIN.fullmatch(value):
        return f"{name}={value}"
    # A key in the place of a name has digits, or more characters than most names.
    is_name = name in shown or (_NAME.fullmatch(name) and len(name) < 16 and sum(map(str.isdigit, name)) < 3)
    return f"{name}=***" if is_name else "***"
