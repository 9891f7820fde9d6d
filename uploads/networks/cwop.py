"""The Citizen Weather Observer Program: a line of APRS to an APRS-IS server, over TCP.

The packet is that of weewx.restx.CWOPThread of WeeWX 5.5.2: Fahrenheit, miles an hour and hundredths of an inch, but
tenths of a hectopascal. Its pressure is the altimeter setting; what freetemp has is the pressure at sea level, which is
within a few tenths of it. APZ is for software without a name of its own (aprs.org/aprs11/tocalls.txt).
"""

from __future__ import annotations

import re
from datetime import timedelta
from math import floor

from freetemp import __version__
from uploads.networks.ambient import in_unit
from uploads.networks.base import ACCEPTED, Account, Answer, LineRequest, Network, Observation, Outcome, Verdict

SERVERS = ("cwop.aprs.net:14580", "cwop.aprs.net:23")
NOBODYS = "-1"  # the passcode of whoever has none


def _request(account: Account, observation: Observation) -> LineRequest:
    call = account.identity.upper()
    servers = (account.server,) if account.server else SERVERS
    login = f"user {call} pass {account.secret or NOBODYS} vers freetemp {__version__}"
    return LineRequest(servers, login, packet(call, account, observation))


def packet(call: str, account: Account, observation: Observation) -> str:
    """Return the position with its time and weather, as APRS 1.01 writes it."""
    place = f"{_degrees(account.latitude, 2, 'NS')}/{_degrees(account.longitude, 3, 'EW')}"
    o = observation
    wind = f"_{_whole(o.wind_direction, '')}/{_whole(o.wind_m_s, 'mph')}g{_whole(o.gust_m_s, 'mph')}"
    temperature = f"t{_whole(o.temperature_c, 'degF')}"
    rain = f"r{_hundredths(o.rain_hour_mm)}p{_hundredths(o.rain_24h_mm)}P{_hundredths(o.rain_day_mm)}"
    pressure = "b....." if o.pressure_hpa is None else f"b{_round(o.pressure_hpa * 10):05d}"
    measured = f"{wind}{temperature}{rain}{pressure}h{_humidity(o.humidity)}{_light(o.radiation_w_m2)}"
    return f"{call}>APZFTP,TCPIP*:/{o.at:%d%H%M}z{place}{measured}.freetemp-{__version__}"


def _degrees(value: float | None, digits: int, signs: str) -> str:
    """Return a coordinate in degrees and hundredths of minutes: 50.1 is 5006.00N."""
    hundredths = _round(abs(value or 0.0) * 6000)
    sign = signs[0] if (value or 0.0) >= 0 else signs[1]
    return f"{hundredths // 6000:0{digits}d}{hundredths % 6000 / 100:05.2f}{sign}"


def _whole(value: float | None, unit: str) -> str:
    return "..." if value is None else f"{_round(in_unit(value, unit)):03d}"


def _hundredths(rain_mm: float | None) -> str:
    return "..." if rain_mm is None else f"{_round(in_unit(rain_mm, 'in') * 100):03d}"


def _humidity(percent: float | None) -> str:
    """Return two digits: 00 is 100 %."""
    if percent is None:
        return ".."
    return "00" if percent >= 99.5 else f"{max(_round(percent), 1):02d}"


def _light(radiation: float | None) -> str:
    """Return W/m2: L for up to 999, l for a thousand more."""
    if radiation is None or not 0 <= radiation < 1999.5:
        return ""
    return f"L{_round(radiation):03d}" if radiation < 999.5 else f"l{_round(radiation - 1000):03d}"


def _round(value: float) -> int:
    return floor(value + 0.5)


def _outcome(account: Account, answer: Answer) -> Outcome:
    """Return the meaning: there is no receipt, but a wrong passcode is told, and then the server drops the packet."""
    if account.secret and account.secret != NOBODYS and " unverified" in answer.text:
        return Outcome(Verdict.NO_ENTRY, "The passcode is not the one of this call sign: the server drops the report.")
    return ACCEPTED


NETWORK = Network(
    key="cwop",
    label="CWOP",
    website="www.wxqa.com",
    identity="Station ID, like DW1234, or a call sign",
    secret="Passcode, for call signs only",  # noqa: S106 - what it is called there
    interval=timedelta(minutes=10),
    least_interval=timedelta(minutes=5),
    history=timedelta(0),
    about="It publishes the station's coordinates. Leave the passcode empty for an ID that begins with CW, DW or so.",
    request=_request,
    outcome=_outcome,
    identity_form=re.compile(r"[A-Za-z0-9]{3,6}(-[A-Za-z0-9]{1,2})?"),
    secret_form=re.compile(r"-1|[0-9]{1,5}"),
    server_form=re.compile(r"[^\s:/@]+:[0-9]{1,5}"),
    server_example=SERVERS[0],
    needs_secret=False,
    needs_place=True,
)
