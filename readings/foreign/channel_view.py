"""ThingSpeak's addresses for reading: a station as a channel."""

from __future__ import annotations

from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from freetemp.fields import now_millis, to_millis
from readings.foreign.channel import (
    MOST_VALUES,
    NOTHING,
    Asked,
    AskedError,
    Channel,
    as_json,
    as_text,
    asked_for,
    feeds,
    numbered,
    one,
    value_text,
)
from readings.foreign.thingspeak import key_of
from readings.foreign.upload import Answer, pairs_of
from readings.foreign.view import response_of, sent_by
from readings.history.latest import Row, latest_rows
from readings.ingest.board_view import BoardView, refused
from readings.ingest.reports import NoReportError
from readings.models import Reading
from stations.models import Claim, Key, Station

DENIED = Answer("-1", 400)  # also of a channel that is not there: it does not say which


class ChannelView(BoardView):
    """Answer programs that read a channel of ThingSpeak.

    A public station is read without a key, another one by the key of its device. It answers as boards are answered,
    because ThingSpeak's Arduino library names another host and can read no chunks.
    """

    authentication_classes = []
    permission_classes = []
    http_method_names = ["get"]
    schema = None  # docs/devices/thingspeak.md describes it.
    head = None

    def get(self, request: Request, **parts: str) -> HttpResponse:
        try:
            given = dict(pairs_of(request.META.get("QUERY_STRING", "")))
            asked = asked_for(parts, given, now_millis())
        except (AskedError, NoReportError) as error:
            return response_of(Answer(str(error), 400))
        key = key_of(sent_by(request._request, parts, b""), given)
        station = Station.objects.with_fields().filter(pk=int(parts["channel"])).first()
        is_proven = station is not None and bool(key) and _is_key_of(station, key)
        if station is None or not (station.public or is_proven):
            if key:
                self.check_throttles(request)
            return response_of(DENIED)
        place = None if station.latitude is None or station.longitude is None else (station.latitude, station.longitude)
        channel = Channel(station, numbered(station), place if station.on_map or is_proven else None)
        return response_of(_answer(channel, asked, has_part=bool(parts.get("asked"))))

    def handle_exception(self, exc: Exception) -> Response:
        """Answer with a line. Nothing is counted among refused reports: nobody reports here."""
        return refused(exc, self)


def _is_key_of(station: Station, key: str) -> bool:
    """Tell whether a key is that of the station's device. The key of a freetemp board proves nothing by itself."""
    claim = Claim.by_key_alone(key)
    holder = Key.objects.verify([claim]).get(claim)
    return holder is not None and holder.station == station.pk


def _answer(channel: Channel, asked: Asked, *, has_part: bool) -> Answer:
    if not has_part:
        return one(_about(channel, asked), [], asked.form)
    if asked.is_status:  # freetemp keeps no status.
        return feeds(_about(channel, asked), [], ["created_at", "entry_id", "status"], asked.form)
    numbers = [asked.number] if asked.number else list(channel.fields)
    fields = [channel.fields[number] for number in numbers if number in channel.fields]
    if not fields and asked.number:
        return NOTHING
    most = min(asked.most, MOST_VALUES // max(len(fields), 1))
    rows = latest_rows(fields, asked.span, most) if fields and most else []
    if asked.is_last:
        return _last(channel, rows[-1], numbers, asked) if rows else NOTHING
    names = ["created_at", "entry_id", *(f"field{number}" for number in numbers)]
    return feeds(_about(channel, asked), channel.entries(rows, numbers, asked), names, asked.form)


def _last(channel: Channel, row: Row, numbers: list[int], asked: Asked) -> Answer:
    if asked.is_age:
        age_s = str(max(now_millis() - row[0], 0) // 1000)
        return as_json({"last_data_age": age_s}) if asked.form == ".json" else as_text(age_s)
    if asked.number and asked.form in ("", ".txt"):
        return as_text(value_text(row[1][0], asked.decimals) or "")
    [entry] = channel.entries([row], numbers, asked)
    return one(entry, list(entry), asked.form)


def _about(channel: Channel, asked: Asked) -> dict[str, object]:
    span = Reading.objects.span(channel.station)
    return channel.about(span and to_millis(span[0]), asked.zone)
