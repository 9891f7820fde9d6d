"""The protocol of Weather Underground, which PWSweather and WOW share: a GET with everything in the query.

Names, units and the meaning of answers are those of WeeWX 5.5.2 (weewx.restx, AmbientThread and WOWThread), which has
posted to all three for years. freetemp reads the same in readings/foreign/wunderground.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple
from urllib.parse import quote, urlencode

from stations.units import conversion
from uploads.networks.base import SOFTWARE, Account, Answer, HttpRequest, Observation, Outcome, Verdict, of_status


class Part(NamedTuple):
    """A name of the query, the figure that it has, and its form. The unit is the one of the wire."""

    name: str
    figure: str
    form: str
    unit: str = ""


_STORED = {"degF": "degC", "inHg": "hPa", "mph": "m/s", "in": "mm", "km/h": "m/s"}

LOGIN_OF_WOW = ("siteid", "siteAuthenticationKey")
BASIC = (
    Part("baromin", "pressure_hpa", ".3f", "inHg"),
    Part("tempf", "temperature_c", ".1f", "degF"),
    Part("humidity", "humidity", ".0f"),
    Part("dewptf", "dew_point_c", ".1f", "degF"),
    Part("windspeedmph", "wind_m_s", ".1f", "mph"),
    Part("windgustmph", "gust_m_s", ".1f", "mph"),
    Part("winddir", "wind_direction", ".0f"),
    Part("rainin", "rain_hour_mm", ".2f", "in"),
    Part("dailyrainin", "rain_day_mm", ".2f", "in"),
)
FURTHER = (
    *BASIC,
    Part("solarradiation", "radiation_w_m2", ".2f"),
    Part("UV", "uv_index", ".2f"),
    Part("soiltempf", "soil_temperature_c", ".1f", "degF"),
    Part("soilmoisture", "soil_moisture", ".0f"),
    Part("leafwetness", "leaf_wetness", ".0f"),
    Part("AqPM2.5", "pm25", ".1f"),
    Part("AqPM10", "pm10", ".1f"),
)


def in_unit(value: float, unit: str) -> float:
    """Return a stored metric value in the unit of a network. "" is the unit in which it is stored."""
    found = conversion(_STORED[unit], unit) if unit else None
    return found.apply(value) if found else value


def figures(observation: Observation, parts: Iterable[Part]) -> Iterator[tuple[str, str]]:
    """Yield the names and values of what was measured."""
    for part in parts:
        value = getattr(observation, part.figure)
        if value is not None:
            yield part.name, format(in_unit(value, part.unit), part.form)


def request(
    url: str, names: tuple[str, str], parts: Iterable[Part], account: Account, observation: Observation
) -> HttpRequest:
    """Return what a network gets at its address, which calls the ID and the secret by these names."""
    told = {"action": "updateraw", **heading(names, account, observation), **dict(figures(observation, parts))}
    return HttpRequest(f"{account.server or url}?{urlencode(told, quote_via=quote)}")


def heading(names: tuple[str, str], account: Account, observation: Observation) -> dict[str, str]:
    """Return the names and values beside what was measured: who sends it, and its moment."""
    login = dict(zip(names, (account.identity, account.secret), strict=True))
    return {**login, "softwaretype": SOFTWARE, "dateutc": observation.at.strftime("%Y-%m-%d %H:%M:%S")}


def outcome(account: Account, answer: Answer) -> Outcome:
    """Return the meaning: a line that begins with ERROR or INVALIDPASSWORDID is a wrong login, whatever the status."""
    lines = [line.strip() for line in answer.text.splitlines()]
    if any(line.startswith(("ERROR", "INVALIDPASSWORDID")) for line in lines):
        if any("later" in line.lower() for line in lines):
            return Outcome(Verdict.LATER, f"It cannot take it now: “{answer.said}”.")
        return Outcome(Verdict.NO_ENTRY, f"It refuses the ID or the secret: “{answer.said}”.")
    if answer.status < 300 and not answer.is_page and any("invalid" in line for line in lines):
        return Outcome(Verdict.UNFIT, f"It refuses the values: “{answer.said}”.")
    return of_status(answer)
