"""AWEKAS: weewx.restx.AWEKASThread of WeeWX 5.5.2, with its table of positions.

It takes a time to the minute, at most every five minutes. Nothing says that it takes old ones, so it gets only the
newest. Its address has no TLS: what goes there is the MD5 of the password, as AWEKAS wants it.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from urllib.parse import quote

from uploads.networks.ambient import in_unit
from uploads.networks.base import (
    ACCEPTED,
    SOFTWARE,
    Account,
    Answer,
    HttpRequest,
    Network,
    Observation,
    Outcome,
    Verdict,
    of_status,
)

URL = "http://data.awekas.at/eingabe_pruefung.php"


def _request(account: Account, observation: Observation) -> HttpRequest:
    o = observation
    values = [
        account.identity,
        hashlib.md5(account.secret.encode(), usedforsecurity=False).hexdigest(),
        f"{o.at:%d.%m.%Y}",
        f"{o.at:%H:%M}",
        _number(o.temperature_c, 1),
        _number(o.humidity, 0),
        _number(o.pressure_hpa, 3),
        _number(o.rain_day_mm, 2),
        _number(o.wind_m_s, 1, "km/h"),
        _number(o.wind_direction, 0),
        *("", "", ""),  # the weather, a warning, snow
        "en",
        "",  # the tendency
        _number(o.gust_m_s, 1, "km/h"),
        _number(o.radiation_w_m2, 2),
        _number(o.uv_index, 2),
        _number(o.illuminance_lx, 0),
        "",  # hours of sunshine
        _number(o.soil_temperature_c, 1),
        _number(o.rain_rate_mm_h, 2),
        SOFTWARE.replace("-", "_"),
        "" if account.longitude is None else f"{account.longitude}",
        "" if account.latitude is None else f"{account.latitude}",
    ]
    return HttpRequest(f"{account.server or URL}?val={quote(';'.join(values), safe=';:')}")


def _number(value: float | None, decimals: int, unit: str = "") -> str:
    return "" if value is None else f"{in_unit(value, unit):.{decimals}f}"


def _outcome(account: Account, answer: Answer) -> Outcome:
    if answer.status >= 300 or answer.is_page:
        return of_status(answer)
    if answer.said.startswith("OK"):
        return ACCEPTED
    if answer.said.startswith("Benutzer/Passwort Fehler"):
        return Outcome(Verdict.NO_ENTRY, f"It refuses the user name or the password: “{answer.said}”.")
    return Outcome(Verdict.LATER, f"It answered “{answer.said}” instead of OK.")


NETWORK = Network(
    key="awekas",
    label="AWEKAS",
    website="www.awekas.at",
    identity="User name",
    secret="Password",  # noqa: S106 - what it is called there
    interval=timedelta(minutes=5),
    least_interval=timedelta(minutes=5),
    history=timedelta(0),
    about="Those with which you log in there.",
    request=_request,
    outcome=_outcome,
)
