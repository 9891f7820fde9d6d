"""What ThingSpeak's clients ask of a channel, and the forms of the answers.

The shapes are those of its open server (iobridge/thingspeak, 2015: feed_controller.rb, feed_factory.rb) and of its
documentation, as the packages thingspeak (PyPI), thingspeakclient 0.4.0 (npm) and ThingSpeak's Arduino library
2.1.1 read them: compact JSON, and every value a string.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from freetemp.fields import from_millis, to_millis
from readings.calendar.span import DAY_MS, EVER, Span
from readings.foreign.moments import parse_moment
from readings.foreign.thingspeak import FIELDS, element
from readings.foreign.upload import JSON, TEXT, Answer
from readings.history.latest import Row
from stations.models import Field, Station
from stations.zone_names import ZoneNameError, parse_zone

ROUTE = (
    r"^(?:/*)(?:in/(?P<key>[^/]*)/+)?channels/(?P<channel>[0-9]{1,9})"
    r"(?P<asked>/(?:feeds?|fields?/(?:field)?[0-9]{1,3})(?:/last|/last_data_age)?|/status(?:es)?)?"
    r"(?P<form>\.json|\.csv|\.xml|\.txt)?/?$"
)
MOST_ROWS, USUAL_ROWS = 8_000, 100  # as ThingSpeak's
MOST_VALUES = 8 * MOST_ROWS  # Of a station with more fields than ThingSpeak's 8, there are fewer rows.
CSV, XML = "text/csv; charset=utf-8", "application/xml; charset=utf-8"
NOTHING = Answer("-1", 404)

# Means of freetemp are over time, and rain is summed up by its own rule: ThingSpeak's would contradict the pages.
_ELSEWHERE = ("timescale", "sum", "average", "median", "min", "max", "callback", "start_entry_id", "end_entry_id")
_DATE_ALONE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


class AskedError(ValueError):
    """What was asked cannot be answered. The text says why."""


@dataclass(frozen=True)
class Asked:
    """A request for entries: of all fields or of one, the last ones of a span, and how to write them."""

    number: int  # of the field, or 0
    is_last: bool
    is_age: bool
    is_status: bool
    span: Span
    most: int
    zone: tzinfo
    decimals: int | None
    with_place: bool
    with_status: bool
    form: str


def asked_for(parts: Mapping[str, str], given: Mapping[str, str], now_ms: int) -> Asked:
    """Return what an address and its query ask for. Raises AskedError."""
    if elsewhere := next((name for name in _ELSEWHERE if given.get(name)), ""):
        raise AskedError(f"{elsewhere}: not here. /api/v1/stations/<number>/series/ has means, sums and extremes")
    path = (parts.get("asked") or "").split("/")[1:]
    number = int(path[1].removeprefix("field")) if path[:1] in (["field"], ["fields"]) else 0
    zone = _zone(given)
    span, most = _span_and_most(given, zone, now_ms)
    is_last = path[-1:] in (["last"], ["last_data_age"])
    return Asked(
        number,
        is_last,
        path[-1:] == ["last_data_age"],
        path[:1] in (["status"], ["statuses"]),
        EVER._replace(end_ms=now_ms + 1) if is_last else span,
        1 if is_last else most,
        zone,
        min(_number(given, "round"), 15) if given.get("round") else None,
        given.get("location", "").lower() == "true",
        given.get("status", "").lower() == "true",
        parts.get("form") or "",
    )


def _span_and_most(given: Mapping[str, str], zone: tzinfo, now_ms: int) -> tuple[Span, int]:
    """Return the time and the number of rows: without any parameter, the last hundred of a day."""
    names = ("results", "days", "minutes", "start", "end")
    most = MOST_ROWS if any(given.get(name) for name in names) else USUAL_ROWS
    if given.get("results"):
        most = min(_number(given, "results"), MOST_ROWS)
    start_ms = now_ms - DAY_MS
    if given.get("results"):
        start_ms = 0
    if given.get("days"):
        start_ms = now_ms - _number(given, "days") * DAY_MS
    if given.get("minutes"):
        start_ms = now_ms - _number(given, "minutes") * 60_000
    start_ms = _moment(given, "start", zone, start_ms)
    end_ms = _moment(given, "end", zone, now_ms)
    return Span(max(start_ms, 0), max(min(end_ms + 1, EVER.end_ms), 0)), most


def _number(given: Mapping[str, str], name: str) -> int:
    text = given[name].strip()
    if not re.fullmatch("[0-9]{1,6}", text, re.ASCII):
        raise AskedError(f"{name}: a whole number expected")
    return int(text)


def _moment(given: Mapping[str, str], name: str, zone: tzinfo, default_ms: int) -> int:
    text = given.get(name, "").strip()
    if not text:
        return default_ms
    found = parse_moment(f"{text} 00:00" if _DATE_ALONE.fullmatch(text) else text, zone)
    if found is None:
        raise AskedError(f"{name}: a date expected, like 2026-11-28 12:00:00")
    return found


def _zone(given: Mapping[str, str]) -> tzinfo:
    try:
        if given.get("timezone"):
            return ZoneInfo(parse_zone(given["timezone"]))
        if given.get("offset"):
            return timezone(timedelta(hours=float(given["offset"])))
    except (ZoneNameError, ValueError, OverflowError) as error:
        raise AskedError("timezone: a name like Europe/Berlin expected, or an offset of some hours") from error
    return UTC


def numbered(station: Station) -> dict[int, Field]:
    """Return a station's fields by ThingSpeak's numbers: field1 of such a device is 1, other fields have their own."""
    fields = list(station.fields.all())
    by_source = {int(each.source.removeprefix("field")): each for each in fields if each.source in FIELDS}
    others = {each.number: each for each in fields if each.source not in FIELDS and each.number not in by_source}
    return dict(sorted((by_source | others).items()))


def entry_id(moment_ms: int) -> int:
    """Return an entry's number: its moment in Unix seconds, as the answer to the update had it."""
    return moment_ms // 1000


class Channel:
    """A station as a channel. Its place is None unless the reader may know it."""

    def __init__(self, station: Station, fields: Mapping[int, Field], place: tuple[float, float] | None) -> None:
        self.station, self.fields, self.place = station, fields, place

    def about(self, first_ms: int | None, zone: tzinfo) -> dict[str, Any]:
        newest = max((each.newest_at for each in self.fields.values() if each.newest_at), default=None)
        place = {"latitude": str(self.place[0]), "longitude": str(self.place[1])} if self.place else {}
        return {
            "id": self.station.pk,
            "name": self.station.name,
            "description": self.station.place,
            **place,
            **{f"field{number}": each.name for number, each in self.fields.items()},
            "created_at": None if first_ms is None else _text(first_ms, zone),
            "updated_at": None if newest is None else _text(to_millis(newest), zone),
            "last_entry_id": None if newest is None else entry_id(to_millis(newest)),
            "public_flag": self.station.public,
        }

    def entries(self, rows: Sequence[Row], numbers: Sequence[int], asked: Asked) -> list[dict[str, Any]]:
        names = [f"field{number}" for number in numbers]
        more: dict[str, Any] = {}
        if asked.with_place:
            latitude, longitude = map(str, self.place) if self.place else (None, None)
            more = {"latitude": latitude, "longitude": longitude, "elevation": None, "location": None}
        if asked.with_status:
            more["status"] = None
        return [
            {
                "created_at": _text(moment_ms, asked.zone),
                "entry_id": entry_id(moment_ms),
                **dict(zip(names, (value_text(each, asked.decimals) for each in values), strict=True)),
                **more,
            }
            for moment_ms, values in rows
        ]


def value_text(value: float | None, decimals: int | None) -> str | None:
    """Return a value as a string: with as many digits as are stored, and a whole number without a point."""
    if value is None:
        return None
    return repr(value).removesuffix(".0") if decimals is None else f"{value:.{decimals}f}"


def _text(moment_ms: int, zone: tzinfo) -> str:
    text = from_millis(moment_ms - moment_ms % 1000).astimezone(zone).isoformat()
    return text.replace("+00:00", "Z") if zone is UTC else text


def feeds(channel: Mapping[str, Any], entries: Sequence[Mapping[str, Any]], names: Sequence[str], form: str) -> Answer:
    """Return entries as JSON, which is the form without a suffix too, as CSV or as XML."""
    if form == ".csv":
        return Answer(_csv(entries, names), content_type=CSV)
    if form == ".xml":
        each = "".join(f"<feed>{_elements(entry)}</feed>" for entry in entries)
        return _xml(f'<channel>{_elements(channel)}<feeds type="array">{each}</feeds></channel>')
    return as_json({"channel": channel, "feeds": entries})


def one(entry: Mapping[str, Any], names: Sequence[str], form: str) -> Answer:
    """Return an object in the same forms."""
    if form == ".csv":
        return Answer(_csv([entry], names), content_type=CSV)
    if form == ".xml":
        return _xml(f"<feed>{_elements(entry)}</feed>")
    return as_json(entry)


def as_json(content: Mapping[str, Any]) -> Answer:
    return Answer(msgspec.json.encode(content).decode(), content_type=JSON)


def as_text(text: str) -> Answer:
    return Answer(text, content_type=TEXT)


def _csv(entries: Sequence[Mapping[str, Any]], names: Sequence[str]) -> str:
    lines = io.StringIO()
    writer = csv.DictWriter(lines, names, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(entries)
    return lines.getvalue()


def _elements(content: Mapping[str, Any]) -> str:
    return "".join(element(name, value) for name, value in content.items())


def _xml(content: str) -> Answer:
    return Answer(f'<?xml version="1.0" encoding="UTF-8"?>\n{content}\n', content_type=XML)
