"""The batteries that consoles of Ecowitt and Ambient call low: the same names, with opposite meanings.

Ecowitt: 0 is good and 1 is low of a flag; of steps from 0 to 5, at most 1 is low, and 6 is mains (aioecowitt, the wiki
of weewx-gw1000). Ambient: 1 is good and 0 is low (its Device Data Specs), but for `batt_lightning`, which was seen to
be the other way round, and `batt_co2`, which comes without a sensor: they tell nothing that is certain.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from django.utils.translation import gettext_noop

from readings.models.device_state import MOST_OF_NAMES, DeviceTold

AMBIENT = "ambweather"  # The beginning of its stationtype.
LOW_STEP = 1
_FLAGS = {
    **{f"wh{n}batt": f"WH{n}" for n in (25, 26, 65)},
    **{f"batt{n}": f"WH31 {n}" for n in range(1, 9)},
}
_STEPS = {
    "wh57batt": "WH57",
    "co2_batt": "WH45",
    **{f"pm25batt{n}": f"WH41 {n}" for n in range(1, 5)},
    **{f"leakbatt{n}": f"WH55 {n}" for n in range(1, 5)},
}
_OF_AMBIENT = {
    "battout": gettext_noop("outdoor sensor"),
    "battin": gettext_noop("indoor sensor"),
    "batt_25": "PM2.5",
    **{f"batt{n}": f"WH31 {n}" for n in range(1, 11)},
}


def told_of_batteries(given: Mapping[str, str]) -> DeviceTold | None:
    """Return which batteries a console calls low, by the names and texts of its report, or None if it does not say."""
    known = list(_of_ambient(given) if given.get("stationtype", "").lower().startswith(AMBIENT) else _of_ecowitt(given))
    if not known:
        return None
    return DeviceTold(low_batteries=", ".join(name for name, is_low in known if is_low)[:MOST_OF_NAMES])


def _of_ecowitt(given: Mapping[str, str]) -> Iterator[tuple[str, bool]]:
    for source, name in _FLAGS.items():
        if given.get(source) in ("0", "1"):
            yield name, given[source] == "1"
    for source, name in _STEPS.items():
        if given.get(source, "").isdecimal() and int(given[source][:3]) <= 6:
            yield name, int(given[source][:3]) <= LOW_STEP


def _of_ambient(given: Mapping[str, str]) -> Iterator[tuple[str, bool]]:
    for source, name in _OF_AMBIENT.items():
        if given.get(source) in ("0", "1"):
            yield name, given[source] == "0"
