"""Answers that are sent only when they have changed: validators (RFC 9110, 8.8) made from the database's content."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from django.db.models import Model
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from django.utils.crypto import salted_hmac

from stations.models import Station


def state_of(stations: Iterable[Station], at: datetime) -> list[object]:
    """Return all that answers say about stations and their fields: every column, so that a new one is included."""
    return [
        (_columns(station), station.status(at), station.in_maintenance(at), *map(_columns, station.fields.all()))
        for station in stations
    ]


def validator(*parts: object) -> str:
    """Return an ETag that is unique to this state of the parts. It is weak: clients that accept gzip get other bytes.

    It is keyed: the parts include coordinates that only staff see, and a plain digest would confirm a guess of them.
    """
    return f'W/"{salted_hmac(__name__, repr(parts), algorithm="sha256").hexdigest()[:24]}"'


def unless_known(
    request: HttpRequest, etag: str, *, private: bool, make: Callable[[], HttpResponseBase]
) -> HttpResponseBase:
    """Return 304 if the client has this state already, otherwise the result of `make`. A cache must ask each time."""
    response: HttpResponseBase = get_conditional_response(request, etag=etag) or make()
    response.headers["ETag"] = etag
    patch_cache_control(response, no_cache=True, **({"private": True} if private else {}))
    patch_vary_headers(response, ["Accept-Encoding", "Cookie"])
    return response


def _columns(row: Model) -> list[object]:
    return [getattr(row, field.attname) for field in row._meta.concrete_fields]
