"""Files with one value a row, and its sensor beside it: history of Home Assistant, its statistics, openSenseMap.

Their headers stand in public exports of 2021 to 2026, and in openSenseMap-API, packages/api/lib/controllers. Of several
sensors in a file, the first one's rows are taken. History of Home Assistant says no units: they are taken for those of
its metric system. A file of one sensor of openSenseMap says neither what it measures nor a unit.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from readings.exports.export import Export, Head
from readings.foreign.upload import MOST_OF_A_NAME, Known
from stations.quantities import OTHER, quantity_named
from stations.units import unit_named

MOST_OF_A_UNIT = 16  # characters, as a field takes
# By words of names, in the order in which they are tried.
_METRIC = (
    (r"temp|dew|taupunkt", "degC"),
    (r"humid|moist|feucht", "%"),
    (r"press|baro|druck", "hPa"),
    (r"direction|bearing|richtung", "deg"),
    (r"wind|gust|böe", "km/h"),
    (r"rate|intensity", "mm/h"),
    (r"rain|precip|regen|niederschlag", "mm"),
    (r"illumin|lux", "lx"),
    (r"co2|carbon dioxide", "ppm"),
)


class _Form(NamedTuple):
    """The columns of a form: the sensor's, the value's, the moment's, and those of what it measures and of its unit."""

    sensor: str
    value: str
    time: str
    name: str
    unit: str = ""


_HISTORY = _Form("entity_id", "state", "last_changed", "entity_id")
_STATISTICS = _Form("statistic_id", "mean", "start", "statistic_id", "unit")
_BOXES = _Form("sensorId", "value", "createdAt", "phenomenon", "unit")


def read_home_assistant(head: Head) -> Export | None:
    return _read(head, _HISTORY) or _read(head, _STATISTICS)


def read_opensensemap(head: Head) -> Export | None:
    if {*head.titles} == {"createdAt", "value"}:
        return Export("createdAt", {"value": Known("", OTHER, None, "value")})
    return _read(head, _BOXES)


def _read(head: Head, form: _Form) -> Export | None:
    if not {form.sensor, form.value, form.time} <= {*head.titles}:
        return None
    sensor, name = head.cell(form.sensor), head.cell(form.name)
    if form.name == form.sensor:  # such as sensor.outdoor_temperature
        name = name.rpartition(".")[2]
    known = _known(name.replace("_", " ").strip() or form.value, head.cell(form.unit))
    return Export(form.time, {form.value: known}, only={form.sensor: sensor} if sensor else {})


def _known(name: str, unit: str) -> Known:
    folded = name.casefold()
    likely = next((unit for words, unit in _METRIC if re.search(words, folded)), "")
    told = unit_named(unit) or (unit if _is_unit(unit) else "") or likely
    shown = "".join(each if each.isprintable() else " " for each in name).strip()[:MOST_OF_A_NAME] or "value"
    return Known("", quantity_named(shown, told), told or None, shown)


def _is_unit(text: str) -> bool:
    return len(text) <= MOST_OF_A_UNIT and text.isprintable() and not {*"[]"} & {*text}
