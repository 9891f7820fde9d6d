"""ESPHome's http_request: a form of freetemp's own, since ESPHome sends whatever its YAML says.

It is a JSON object of names, each with its unit in brackets, and values as text or numbers, as `json:` of
http_request.post makes it: `{"temperature [°C]": "21.3"}`. docs/devices/esphome.md has the YAML.
"""

from __future__ import annotations

import re

from readings.foreign.upload import (
    MOST_OF_A_NAME,
    Answer,
    Known,
    Result,
    Sent,
    Upload,
    Value,
    is_name,
    json_object,
    number_of,
    plain,
)
from stations.models.field import MOST_OF_A_SOURCE
from stations.quantities import OTHER, quantity_named
from stations.units import unit_named

ROUTE = r"^(?:/*)in/(?P<key>[^/]*)/+(?P<path>esphome)/?$"
_TITLE = re.compile(r"([^\[\]]*?)\s*(?:\[([^\[\]]*)\])?")
_NONE = frozenset(["nan", "none", "null", "unknown", ""])  # ESPHome's, where a sensor has no value


class ESPHome:
    """The Format of this module."""

    @staticmethod
    def read(sent: Sent) -> Upload:
        values, unknown = [], []
        for title, value in json_object(sent.body).items():
            known = _known(title.strip())
            if known is None or isinstance(value, dict | list):
                unknown.append(title)
            elif value is not None and str(value).strip().lower() not in _NONE:
                values.append(Value(known, number_of(str(value)), None))
        return Upload(sent.part("key"), values, unknown)

    @staticmethod
    def answer(sent: Sent, upload: Upload | None, result: Result, station: int) -> Answer:
        return plain(result)

    @staticmethod
    def described(sent: Sent) -> str:
        return f"/in/.../esphome, {len(sent.body)} bytes"


def _known(title: str) -> Known | None:
    """Return what a name with its unit means. Without a unit it is up to people, as ThingSpeak's fields are."""
    found = _TITLE.fullmatch(title)
    if not found or not is_name(found[1], MOST_OF_A_SOURCE) or not (found[2] or "").isprintable():
        return None
    name, text = found[1], found[2]
    if text is None:
        quantity = quantity_named(name, "")
        return Known(name, quantity, None if quantity == OTHER else "", name[:MOST_OF_A_NAME])
    unit = unit_named(text) or text.strip()[:16]
    return Known(name, quantity_named(name, unit), unit, name[:MOST_OF_A_NAME])
