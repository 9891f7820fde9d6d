"""Time zones by what people type: cities and countries in any spelling. An offset is answered by places that have it.

An offset or an abbreviation is no zone: it knows no summer time, and `Etc/GMT+1` is an hour *behind* UTC.
"""

from __future__ import annotations

import difflib
import functools
import re
import unicodedata
import zoneinfo
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from importlib import resources
from typing import NamedTuple
from zoneinfo import ZoneInfo

NOT_A_PLACE = {"localtime", "Factory"}
MOST_OF_A_KIND = 3  # places named for each kind of clock
_WHOLE_HOURS = range(-12, 15)  # Etc/GMT+12 to Etc/GMT-14

# Words that the zone data do not have: German abbreviations, the short American ones, and old names of IANA.
_SAME = (
    {"MEZ": "CET", "MESZ": "CEST", "WEZ": "WET", "WESZ": "WEST", "OEZ": "EET", "OESZ": "EEST", "MET": "CET"}
    | {"ET": "EST", "CT": "CST", "MT": "MST", "PT": "PST", "GREENWICH": "GMT", "ETC/GREENWICH": "GMT"}
    | {"EST5EDT": "EST", "CST6CDT": "CST", "MST7MDT": "MST", "PST8PDT": "PST"}
)
_OFFSET = re.compile(r"(?:(?P<of>utc|gmt|ut)\s*(?P<sign>[+-]?)|(?P<alone>[+-]))\s*(?P<h>\d{1,2})(?::?(?P<m>[0-5]\d))?")
_ETC = re.compile(r"etc/gmt(?P<sign>[+-]?)(?P<h>\d{1,2})(?P<meaning> ?\(utc(?P<meant>[+-]\d{1,2})\))?")
_MINUS = str.maketrans(dict.fromkeys("−–‐‑", "-"))  # noqa: RUF001 - as word processors write it


class ZoneNameError(ValueError):
    """No zone has this name. The message says what to type instead."""


class Place(NamedTuple):
    """A zone of tz's table, with its offsets from UTC in seconds and its abbreviations, both of this year."""

    zone: str
    winter_s: int
    summer_s: int
    abbreviations: frozenset[str]

    @property
    def clock(self) -> str:
        """Return the offsets in words: “UTC+1, in summer UTC+2”."""
        winter, summer = offset_name(self.winter_s), offset_name(self.summer_s)
        return f"{winter} all year" if winter == summer else f"{winter}, in summer {summer}"


@functools.cache
def time_zones() -> frozenset[str]:
    """Return every IANA time zone. The result is cached, since finding them opens some 600 files."""
    return frozenset(zoneinfo.available_timezones() - NOT_A_PLACE)


def suggested_zones() -> list[str]:
    """Return the zones to choose from: places, and UTC, without names that mislead or only abbreviate."""
    return ["UTC", *sorted(zone for zone in time_zones() if "/" in zone and not zone.startswith("Etc/"))]


def parse_zone(text: str) -> str:
    """Return the IANA name of the zone that a person means. ZoneNameError says what to type instead."""
    text = " ".join(text.translate(_MINUS).split())
    if fixed := _ETC.fullmatch(text.lower()):
        return _fixed(text, fixed)
    if (offset := _OFFSET.fullmatch(text.lower())) and text.upper() != "UTC":
        raise ZoneNameError(_offset_sentence(text, _seconds(offset)))
    word = _SAME.get(text.upper(), text.upper())
    word = "GMT" if word in ("GMT", "ETC/GMT") else word
    if places := [place for place in _places() if word in place.abbreviations]:
        raise ZoneNameError(
            f"“{text}” is a clock that several places share, each with rules of its own: name a place, like "
            f"{_listed(places)}."
        )
    return _named(text)


def offset_name(seconds: int) -> str:
    """Return an offset as people write it: “UTC+5:30”."""
    hours, minutes = divmod(abs(seconds) // 60, 60)
    return f"UTC{'-' if seconds < 0 else '+'}{hours}" + (f":{minutes:02}" if minutes else "")


def _fixed(text: str, match: re.Match[str]) -> str:
    """Return a zone like Etc/GMT-1, if its meaning stands beside it."""
    east = -int(f"{match['sign']}{match['h']}")
    if east not in _WHOLE_HOURS:
        raise ZoneNameError(_unknown(text))
    if east == 0:
        return "UTC"
    if match["meaning"] and int(match["meant"]) == east:
        return f"Etc/GMT{-east:+d}"
    turned = f"“{text}” is {offset_name(east * 3600)}: in these names the sign is turned round."
    raise ZoneNameError(f"{turned} {_instead(east * 3600)}")


def _offset_sentence(text: str, seconds: int) -> str:
    return f"“{text}” is an offset and knows no summer time. {_instead(seconds)}"


def _instead(seconds: int) -> str:
    """Return what to type for an offset: places with it, and the fixed offset with its meaning spelled out."""
    places = [each for each in _places() if each.winter_s == seconds]
    places = places or [each for each in _places() if each.summer_s == seconds]
    said = f"Name a place, like {_listed(places)}." if places else f"No place has {offset_name(seconds)}: name a city."
    hours, rest = divmod(seconds, 3600)
    if seconds == 0:
        return f"{said} For UTC itself, write UTC."
    if rest or hours not in _WHOLE_HOURS:
        return said
    return f"{said} For {offset_name(seconds)} all year, write “Etc/GMT{-hours:+d} ({offset_name(seconds)})”."


def _seconds(match: re.Match[str]) -> int:
    seconds = int(match["h"]) * 3600 + int(match["m"] or 0) * 60
    return -seconds if (match["sign"] or match["alone"]) == "-" else seconds


def _listed(places: Iterable[Place]) -> str:
    """Return the likeliest places of each kind of clock: “Europe/Berlin or Europe/Paris (UTC+1, in summer UTC+2)”."""
    kinds: dict[str, list[str]] = defaultdict(list)
    for place in places:
        kinds[place.clock].append(place.zone)
    return "; ".join(f"{_alternatives(zones[:MOST_OF_A_KIND])} ({clock})" for clock, zones in kinds.items())


def _named(text: str) -> str:
    """Return the zone with this name, or of this city or country, in any spelling."""
    for part in dict.fromkeys([text, *re.sub(r"^\([^)]*\)", "", text).split(",")]):
        found = _by_name().get(_folded(part), [])
        if len(found) == 1:
            return _renamed().get(found[0], found[0])
        if found:
            raise ZoneNameError(f"“{text}” has several time zones: choose one, like {_choice(found)}.")
    raise ZoneNameError(_unknown(text))


def _unknown(text: str) -> str:
    near = difflib.get_close_matches(_folded(text), _by_name(), n=1, cutoff=0.7)
    hint = f"did you mean {_alternatives(_by_name()[near[0]][:MOST_OF_A_KIND])}?" if near else _HOW
    return f"“{text}” is not an IANA time zone: {hint}"


_HOW = "name the nearest large city in the same zone, like Europe/Berlin or America/New_York."


def _choice(zones: list[str]) -> str:
    """Return some zones to choose from, the many ones of a large country by their clocks."""
    if len(zones) > MOST_OF_A_KIND and (places := [place for place in _places() if place.zone in zones]):
        return _listed(places)
    return _alternatives(zones)


def _alternatives(zones: list[str]) -> str:
    """Return names in words: “Europe/Paris, Europe/Berlin or Europe/Rome”."""
    return " or ".join(filter(None, [", ".join(zones[:-1]), zones[-1]]))


def _folded(name: str) -> str:
    """Return a name without case, accents and punctuation: “St. John's” and “St_Johns” are one."""
    letters = (each for each in unicodedata.normalize("NFKD", name) if not unicodedata.combining(each))
    return re.sub(r"[\s_-]+", "_", re.sub(r"[.'\u2019]", "", "".join(letters).casefold().strip()))


@functools.cache
def _by_name() -> dict[str, list[str]]:
    """Map folded names to their zones: whole names, then what follows a slash, then countries."""
    zones = {zone for zone in time_zones() if not zone.startswith("Etc/G")}  # parse_zone() asks what Etc/GMT means
    names = {_folded(zone): [zone] for zone in sorted(zones)}
    ends: dict[str, list[str]] = defaultdict(list)
    for zone in sorted(zones):
        for start in (slash.end() for slash in re.finditer("/", zone)):
            ends[_folded(zone[start:])].append(zone)
    listed = {zone for zone, _ in _rows("zone.tab")}
    cities = {end: [zone for zone in found if zone in listed] or found for end, found in ends.items()}
    return _countries() | cities | names


@functools.cache
def _renamed() -> dict[str, str]:
    """Map tz's old names to today's, as Asia/Calcutta: Chromium still tells those."""
    listed = {zone for zone, _ in _rows("zone.tab")} & time_zones()
    links = (line.split() for line in _lines("tzdata.zi") if line.startswith("L "))
    return {old: zone for _, zone, old in links if zone in listed and old not in listed}


def _countries() -> dict[str, list[str]]:
    of_code: dict[str, list[str]] = defaultdict(list)
    for zone, codes in _rows("zone.tab"):
        of_code[codes[0]].append(zone)
    names = (line.split("\t") for line in _lines("iso3166.tab"))
    return {_folded(name): of_code[code] for code, name in names if of_code[code]}


@functools.cache
def _places() -> list[Place]:
    """Return tz's zones with their clocks, the likeliest first.

    tz names one large place for each kind of clock. Then come zones of many countries, and zones of large ones.

    The year is that of the first question: rules seldom change, and a server is restarted for new ones.
    """
    rows = _rows("zone1970.tab")
    zones_of: dict[str, int] = defaultdict(int)
    for _, codes in rows:
        zones_of[codes[0]] += 1
    large = {zone for zone, _ in _rows("zonenow.tab")}
    rows.sort(key=lambda row: (row[0] not in large, -len(row[1]), -zones_of[row[1][0]]))
    year = datetime.now(UTC).year
    seasons = [datetime(year, month, 1, tzinfo=UTC) for month in (1, 7)]
    return [_place(zone, seasons) for zone, _ in rows if zone in time_zones()]


def _place(zone: str, seasons: list[datetime]) -> Place:
    clocks = [moment.astimezone(ZoneInfo(zone)) for moment in seasons]
    winter_s, summer_s = sorted((clock.utcoffset() or timedelta()) // timedelta(seconds=1) for clock in clocks)
    return Place(zone, winter_s, summer_s, frozenset(clock.tzname() or "" for clock in clocks))


def _rows(table: str) -> list[tuple[str, list[str]]]:
    """Return the zones of one of tz's tables, each with the codes of its countries."""
    cells = (line.split("\t") for line in _lines(table))
    return [(zone, codes.split(",")) for codes, _, zone, *_ in cells]


def _lines(table: str) -> list[str]:
    text = resources.files("tzdata").joinpath("zoneinfo", table).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]
