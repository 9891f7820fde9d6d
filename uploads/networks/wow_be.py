"""WOW-BE of Belgium's RMI, version 2 of its API: JSON by POST, in the names and units of Weather Underground.

Address, names and answers are those of CumulusMX (ThirdParty/WebUploadWowBe.cs) and of two public programs that were
run against it in 2026: 200, 403 for a wrong ID or key, 422 for values, 429 for more than 20 requests a minute. WeeWX
5.5.2 (weewx.restx.StdWOWBE) sends the same names in a query; here the key stays out of addresses. They disagree on what
`rainin` is, the last hour's rain or a rate, so it is not sent. What was missed is not sent: it would be too often.
"""

from __future__ import annotations

import json
from datetime import timedelta

from uploads.networks.ambient import BASIC, LOGIN_OF_WOW, Part, figures, heading
from uploads.networks.base import Account, Answer, HttpRequest, Network, Observation, Outcome, of_status

URL = "https://wow.meteo.be/api/v2/send/wow"
PARTS = (
    *(part for part in BASIC if part.name != "rainin"),
    Part("solarradiation", "radiation_w_m2", ".2f"),
    Part("soiltempf", "soil_temperature_c", ".1f", "degF"),
    Part("soilmoisture", "soil_moisture", ".0f"),
)


def _request(account: Account, observation: Observation) -> HttpRequest:
    values = {name: float(text) for name, text in figures(observation, PARTS)}
    told = {**heading(LOGIN_OF_WOW, account, observation), **values}
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    return HttpRequest(account.server or URL, "POST", headers, json.dumps(told).encode())


def _outcome(account: Account, answer: Answer) -> Outcome:
    return of_status(answer)


NETWORK = Network(
    key="wow-be",
    label="WOW-BE (RMI, Belgium)",
    website="wow.meteo.be",
    identity="Site ID",
    secret="Authentication key",  # noqa: S106 - what it is called there
    interval=timedelta(minutes=5),
    least_interval=timedelta(minutes=1),
    history=timedelta(0),
    about="It takes stations of any country. The ID, short or long, is on the page of your site there.",
    request=_request,
    outcome=_outcome,
)
