"""Windy: version 2 of its stations' API, since version 1 ends with 2026 (API Reference of Windy's stations).

Names, and that a direction is whole, that pressure is in pascals and that an observation comes at most every five
minutes, are what programs in the field use and have met: those of four public repositories that send to the address
below agree. They disagree on what its rain is, in the last hour or since midnight, so rain is not sent. A 409 is an
observation that it has already. What was missed is not sent: at one in five minutes, it would never catch up.
"""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote, urlencode

from uploads.networks.base import (
    ACCEPTED,
    IN_HEADERS,
    SOFTWARE,
    Account,
    Answer,
    HttpRequest,
    Network,
    Observation,
    Outcome,
    of_status,
)

URL = "https://stations.windy.com/api/v2/observation/update"
_PARTS = (
    ("temp", "temperature_c", 1.0, ".1f"),
    ("humidity", "humidity", 1.0, ".0f"),
    ("dewpoint", "dew_point_c", 1.0, ".1f"),
    ("pressure", "pressure_hpa", 100.0, ".0f"),
    ("wind", "wind_m_s", 1.0, ".1f"),
    ("gust", "gust_m_s", 1.0, ".1f"),
    ("winddir", "wind_direction", 1.0, ".0f"),
    ("uv", "uv_index", 1.0, ".1f"),
)


def _request(account: Account, observation: Observation) -> HttpRequest:
    query = {"id": account.identity, "ts": str(observation.at_ms // 1000), "softwaretype": SOFTWARE}
    for name, figure, scale, form in _PARTS:
        value = getattr(observation, figure)
        if value is not None:
            query[name] = format(value * scale, form)
    headers = {"Authorization": f"Bearer {account.secret}"}
    return HttpRequest(f"{account.server or URL}?{urlencode(query, quote_via=quote)}", "GET", headers)


def _outcome(account: Account, answer: Answer) -> Outcome:
    return ACCEPTED if answer.status == 409 else of_status(answer)


NETWORK = Network(
    key="windy",
    label="Windy",
    website="stations.windy.com",
    identity="Station ID, like f07f453a",
    secret="Station password",  # noqa: S106 - what it is called there
    interval=timedelta(minutes=5),
    least_interval=timedelta(minutes=5),
    history=timedelta(0),
    secret_form=IN_HEADERS,
    about="Both are under My Stations there. It gets no rain: nobody could tell which sum it expects.",
    request=_request,
    outcome=_outcome,
)
