"""ThingSpeak's format: single updates and bulks. A channel is a station, and its write key alone names it.

The shapes are those of its open server (iobridge/thingspeak, 2015) and of its documentation, as the clients read them:
an Arduino finds a value only in compact JSON with strings, and a plain body has to be a number above 0.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, tzinfo
from itertools import count
from typing import Any
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from freetemp.fields import from_millis
from readings.foreign.moments import parse_moment
from readings.foreign.upload import (
    JSON,
    Answer,
    Known,
    Result,
    Sent,
    Upload,
    Value,
    described_pairs,
    json_object,
    number_of,
    pairs_of,
)
from readings.ingest.reports import NoReportError
from stations.quantities import OTHER
from stations.zone_names import ZoneNameError, parse_zone

UPDATE = r"^(?:/*in/(?P<key>[^/]*)/+)?update(?P<form>\.json|\.xml)?$"
BULK = r"^(?:/*)(?:in/(?P<key>[^/]*)/+)?channels/(?P<channel>[^/]*)/bulk_update(?P<form>\.json|\.csv)/?$"

FIELDS = [f"field{n}" for n in range(1, 9)]
# What a field measures is up to people: ThingSpeak's has no unit.
KNOWN = {source: Known(source, OTHER, None, source) for source in FIELDS}
_BY_NAME = KNOWN | {str(n): KNOWN[f"field{n}"] for n in range(1, 9)}
_KEYS = ("key", "api_key", "apikey", "write_api_key")
_PLACE = ("latitude", "longitude", "elevation")
_LEFT_OUT = frozenset(
    [
        *(*_KEYS, *_PLACE, "lat", "long", "location", "status", "created_at", "timezone", "delta_t", "time_format"),
        *("headers", "talkback_key", "twitter", "tweet", "updates"),
    ]
)
_COLUMNS = ["created_at", *FIELDS, "latitude", "longitude", "elevation", "status"]
_WITH_KEY = re.compile(r"(?:^|&)(?:key|api_key|apikey)=[^&]")
_OF_BOARD = re.compile(r"(?:^|[&/])(?:mac|data)=", re.IGNORECASE)  # freetemp's own address, slightly wrong

_STATUS = {Result.WRONG_KEY: 401, Result.NOT_NOW: 503, Result.MALFORMED: 400, Result.TOO_LARGE: 413}
_ERRORS = {
    Result.WRONG_KEY: ("error_auth_required", "Authorization Required"),
    Result.NOT_NOW: ("error_service_unavailable", "Service Unavailable"),
    Result.MALFORMED: ("error_bad_request", "Bad Request"),
    Result.TOO_LARGE: ("error_request_too_large", "Request Entity Too Large"),
}


class ThingSpeak:
    """The Format of a single update."""

    @staticmethod
    def read(sent: Sent) -> Upload:
        given = dict(_pairs(sent))
        moment_ms = parse_moment(given.get("created_at", ""), _zone(given))
        values = list(_values(given, moment_ms))
        details = {"given": given, "moment_ms": sent.now_ms if moment_ms is None else min(moment_ms, sent.now_ms)}
        return Upload(key_of(sent, given), values, _unknown(given), details=details)

    @staticmethod
    def answer(sent: Sent, upload: Upload | None, result: Result, station: int) -> Answer:
        form = sent.part("form")
        if result is not Result.TAKEN or upload is None:
            if form == ".json":
                return _error(result)
            return Answer("0", 400 if result is Result.WRONG_KEY else _STATUS[result])
        entry = _entry(upload.details, station)
        if form == ".json":
            return Answer(_compact(entry), content_type=JSON)
        if form == ".xml":
            return Answer(_xml(entry), content_type="application/xml; charset=utf-8")
        return Answer(str(entry["entry_id"]))

    @staticmethod
    def described(sent: Sent) -> str:
        return f"/update{sent.part('form')}?{described_pairs(_pairs(sent), frozenset([*FIELDS, 'created_at']))}"


class ThingSpeakBulk:
    """The Format of many updates at once."""

    @staticmethod
    def read(sent: Sent) -> Upload:
        given = dict(_form(sent.body)) if sent.part("form") == ".csv" else json_object(sent.body)
        updates = _rows(given) if sent.part("form") == ".csv" else given.get("updates")
        if not isinstance(updates, list) or not all(isinstance(each, dict) for each in updates):
            raise NoReportError('updates: expected {"write_api_key": ..., "updates": [...]}')
        each = [_texts(update) for update in updates]
        moments = _moments(each, _zone(_texts(given)), sent.now_ms)
        values = [value for update, at in zip(each, moments, strict=True) for value in _values(update, at)]
        unknown = sorted({name for update in each for name in _unknown(update)})
        return Upload(key_of(sent, _texts(given)), values, unknown, is_bulk=True)

    @staticmethod
    def answer(sent: Sent, upload: Upload | None, result: Result, station: int) -> Answer:
        return Answer(_compact({"success": True}), 202, JSON) if result is Result.TAKEN else _error(result)

    @staticmethod
    def described(sent: Sent) -> str:
        return f"/channels/.../bulk_update{sent.part('form')}, {len(sent.body)} bytes"


def is_thingspeaks(sent: Sent) -> bool:
    """Tell whether a request to /update is one of ThingSpeak's: it has a key, and no other part of a board's address.

    Its body may be the only place of the key.
    """
    if _WITH_KEY.search(sent.query):
        return not _OF_BOARD.search(sent.query)
    try:
        given = dict(_pairs(sent))
    except NoReportError:
        return False
    return bool(key_of(sent, given)) and not _OF_BOARD.search(sent.query)


def key_of(sent: Sent, given: Mapping[str, str]) -> str:
    """Return the key in the path, in a header or among the given names and values, or nothing."""
    in_header = (str(value) for name, value in sent.meta.items() if "THINGSPEAKAPIKEY" in name)
    return sent.part("key") or next(in_header, "") or next((given[name] for name in _KEYS if given.get(name)), "")


def _pairs(sent: Sent) -> list[tuple[str, str]]:
    """Return the names and values of the query and the body: a form as ThingSpeak's library sends it, or JSON."""
    in_query = pairs_of(sent.query)
    if sent.body.lstrip()[:1] == b"{":
        return in_query + list(_texts(json_object(sent.body)).items())
    return in_query + _form(sent.body)


def _form(body: bytes) -> list[tuple[str, str]]:
    return pairs_of(body.decode(errors="replace").strip())


def _texts(given: Mapping[str, Any]) -> dict[str, str]:
    """Return the values of JSON as a form would have them. Null is none."""
    return {
        str(name): value if isinstance(value, str) else json.dumps(value)
        for name, value in given.items()
        if value is not None and not isinstance(value, list | dict)
    }


def _zone(given: Mapping[str, str]) -> tzinfo:
    try:
        return ZoneInfo(parse_zone(given["timezone"])) if given.get("timezone") else UTC
    except ZoneNameError:
        return UTC


def _values(given: Mapping[str, str], moment_ms: int | None) -> Iterator[Value]:
    for name, text in given.items():
        if name in _BY_NAME and text.strip():
            yield Value(_BY_NAME[name], number_of(text), moment_ms)


def _unknown(given: Iterable[str]) -> list[str]:
    return [name for name in given if name not in _BY_NAME and name not in _LEFT_OUT]


def _rows(given: Mapping[str, str]) -> list[dict[str, str]]:
    moment = "delta_t" if given.get("time_format") == "relative" else "created_at"
    columns = [moment, *_COLUMNS[1:]]
    rows = (row.split(",") for row in given.get("updates", "").split("|") if row.strip())
    return [dict(zip(columns, row, strict=False)) for row in rows]


def _moments(updates: Sequence[Mapping[str, str]], zone: tzinfo, now_ms: int) -> list[int]:
    """Return the moments of updates. Relative ones count back from the last, which was made just now.

    Those of the same moment follow each other by a millisecond, in the same way whenever they are sent.
    """
    moments, at_ms = [], now_ms
    for update in reversed(updates):
        told_ms = parse_moment(update.get("created_at", ""), zone)
        moments.append(at_ms if told_ms is None else told_ms)
        since_s = number_of(update.get("delta_t", "0"))
        at_ms -= round(since_s * 1000) if 0 < since_s < 1e9 else 0
    return _apart(reversed(moments))


def _apart(moments: Iterable[int]) -> list[int]:
    next_ms: dict[int, int] = {}  # of moments that several have
    apart: dict[int, None] = {}
    for moment_ms in moments:
        free_ms = next(ms for ms in count(next_ms.get(moment_ms, moment_ms)) if ms not in apart)
        next_ms[moment_ms] = free_ms + 1
        apart[free_ms] = None
    return list(apart)


def _entry(details: Mapping[str, Any], station: int) -> dict[str, Any]:
    """Return an entry as ThingSpeak's clients read it. Its number is its moment in Unix seconds."""
    given, moment_ms = details["given"], details["moment_ms"]
    found = {_BY_NAME[name].source: text for name, text in given.items() if name in _BY_NAME}
    place = [given.get("lat"), given.get("long"), None]
    return {
        "channel_id": station,
        "created_at": f"{from_millis(moment_ms):%Y-%m-%dT%H:%M:%SZ}",
        "entry_id": moment_ms // 1000,
        **{source: found.get(source) for source in FIELDS},
        **{name: given.get(name, short) for name, short in zip(_PLACE, place, strict=True)},
        "status": given.get("status"),
    }


def _compact(answer: Mapping[str, Any]) -> str:
    return json.dumps(answer, separators=(",", ":"))


def _error(result: Result) -> Answer:
    code, message = _ERRORS[result]
    status = _STATUS[result]
    error = {"error_code": code, "message": message, "details": f"{message}: docs/devices/thingspeak.md says why."}
    return Answer(_compact({"status": str(status), "error": error}), status, JSON)


_TYPES = {"channel_id": "integer", "entry_id": "integer", "created_at": "dateTime"}
_NO_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _xml(entry: Mapping[str, Any]) -> str:
    lines = (f"  {element(name, value)}" for name, value in entry.items())
    return '<?xml version="1.0" encoding="UTF-8"?>\n<feed>\n' + "\n".join(lines) + "\n</feed>\n"


def element(name: str, value: Any) -> str:
    """Return an element of XML as ThingSpeak has it: hyphens in its name, and a type where it is not text."""
    tag = name.replace("_", "-")
    if value is None:
        return f'<{tag} nil="true"/>'
    typed = f' type="{_TYPES[name]}"' if name in _TYPES else ""
    return f"<{tag}{typed}>{escape(_NO_XML.sub('', str(value)))}</{tag}>"
