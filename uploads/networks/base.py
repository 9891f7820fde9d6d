"""What a network makes of an observation, and what its answer means."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import NamedTuple

from freetemp import __version__

IN_HEADERS = re.compile(r"[!-~]{1,200}")  # The secret is sent in a header of HTTP.

SOFTWARE = f"freetemp-{__version__}"
MOST_OF_A_SENTENCE = 160  # characters of what a network says, in a sentence for staff


@dataclass(frozen=True)
class Observation:
    """What a station measured outdoors, up to a moment in Unix milliseconds. None was not measured lately.

    `rain_hour_mm` is that of the last 60 minutes, `rain_day_mm` that since the station's midnight. The pressure is that
    at sea level.
    """

    at_ms: int
    temperature_c: float | None = None
    humidity: float | None = None
    dew_point_c: float | None = None
    pressure_hpa: float | None = None
    wind_m_s: float | None = None
    gust_m_s: float | None = None
    wind_direction: float | None = None
    rain_hour_mm: float | None = None
    rain_day_mm: float | None = None
    rain_24h_mm: float | None = None
    rain_rate_mm_h: float | None = None
    radiation_w_m2: float | None = None
    uv_index: float | None = None
    illuminance_lx: float | None = None
    soil_temperature_c: float | None = None
    soil_moisture: float | None = None
    leaf_wetness: float | None = None
    pm25: float | None = None
    pm10: float | None = None
    co2_ppm: float | None = None

    @property
    def at(self) -> datetime:
        return datetime.fromtimestamp(self.at_ms // 1000, UTC)

    @property
    def is_empty(self) -> bool:
        return all(value is None for name, value in vars(self).items() if name != "at_ms")


class Figure(NamedTuple):
    """A part of an observation, and its unit as people read it."""

    part: str
    unit: str


# By the names that people are shown.
FIGURES = {
    "temperature": Figure("temperature_c", "°C"),
    "humidity": Figure("humidity", "%"),
    "dew_point": Figure("dew_point_c", "°C"),
    "pressure": Figure("pressure_hpa", "hPa"),
    "wind_speed": Figure("wind_m_s", "m/s"),
    "wind_gust": Figure("gust_m_s", "m/s"),
    "wind_direction": Figure("wind_direction", "°"),
    "rain_hour": Figure("rain_hour_mm", "mm"),
    "rain_today": Figure("rain_day_mm", "mm"),
    "rain_24h": Figure("rain_24h_mm", "mm"),
    "rain_rate": Figure("rain_rate_mm_h", "mm/h"),
    "solar_radiation": Figure("radiation_w_m2", "W/m²"),
    "uv_index": Figure("uv_index", ""),
    "illuminance": Figure("illuminance_lx", "lx"),
    "soil_temperature": Figure("soil_temperature_c", "°C"),
    "soil_moisture": Figure("soil_moisture", "%"),
    "leaf_wetness": Figure("leaf_wetness", "%"),
    "pm25": Figure("pm25", "µg/m³"),
    "pm10": Figure("pm10", "µg/m³"),
    "co2": Figure("co2_ppm", "ppm"),
}


class Account(NamedTuple):
    """The part of an upload that a network needs. `server` is another one than the network's own, or empty."""

    identity: str
    secret: str = ""
    server: str = ""
    latitude: float | None = None
    longitude: float | None = None
    sensors: Mapping[str, str] = {}


class HttpRequest(NamedTuple):
    url: str
    method: str = "GET"
    headers: Mapping[str, str] = {}
    body: bytes | None = None


class LineRequest(NamedTuple):
    """Lines for a server that is talked to over TCP: a login, and what follows once it has answered."""

    servers: tuple[str, ...]  # host:port, in the order in which they are tried
    login: str
    line: str


class Answer(NamedTuple):
    """An answer: the status of HTTP, or 200 for lines that were sent, and the beginning of its text."""

    status: int
    text: str = ""

    @property
    def is_page(self) -> bool:
        """Tell whether it is a web page: of a login in a café's WiFi, for example. No network answers with one."""
        return self.text.lstrip()[:1] == "<"

    @property
    def said(self) -> str:
        """Return the first line that is not empty, as far as it is printable."""
        line = next((line.strip() for line in self.text.splitlines() if line.strip()), "")
        return "".join(char if char.isprintable() else " " for char in line)[:MOST_OF_A_SENTENCE]


class Verdict(Enum):
    ACCEPTED = "accepted"
    LATER = "later"  # The same may be accepted later.
    UNFIT = "unfit"  # This observation never will, and the next one may.
    NO_ENTRY = "no entry"  # Identity or secret are wrong: somebody has to mend it.


class Outcome(NamedTuple):
    verdict: Verdict
    why: str = ""  # a sentence, empty if it was accepted


ACCEPTED = Outcome(Verdict.ACCEPTED)


@dataclass(frozen=True)
class Network:
    """A network: what it wants to know, how often it takes an observation, and how old one may be.

    `history` is how far back it takes what was missed: zero if it takes the newest values only.
    """

    key: str
    label: str
    website: str
    identity: str  # what its ID is called there
    secret: str  # what its secret is called, empty if it needs none
    interval: timedelta
    least_interval: timedelta
    history: timedelta
    about: str
    request: Callable[[Account, Observation], HttpRequest | LineRequest]
    outcome: Callable[[Account, Answer], Outcome]
    identity_form: re.Pattern[str] = re.compile(r"[ -~\u00a1-\uffff]{1,100}")
    secret_form: re.Pattern[str] = re.compile(r"[ -~\u00a1-\uffff]{1,200}")
    needs_secret: bool = True
    needs_place: bool = False
    needs_sensors: bool = False
    server_form: re.Pattern[str] = re.compile(r"https?://[^\s/?#@]+(/[^\s?#]*)?")
    server_example: str = "https://example.org/weatherstation/updateweatherstation.php"


def of_status(answer: Answer) -> Outcome:
    """Return what a status of HTTP says, if a network gives it no other meaning."""
    told = f"“{answer.said}”" if answer.said and not answer.is_page else f"status {answer.status}"
    if answer.status < 300 and not answer.is_page:
        return ACCEPTED
    if answer.is_page and answer.status < 300:
        return Outcome(Verdict.LATER, "It answered with a web page, as a WiFi does that wants a login first.")
    if answer.status < 400:
        return Outcome(Verdict.LATER, "It sends uploads to another address, which freetemp does not follow.")
    if answer.status in (401, 403):
        return Outcome(Verdict.NO_ENTRY, f"It refuses the ID or the secret: {told}.")
    if answer.status in (408, 425, 429) or answer.status >= 500:
        return Outcome(Verdict.LATER, f"It cannot take it now: {told}.")
    return Outcome(Verdict.UNFIT, f"It refuses the values: {told}.")
