"""PWSweather: weewx.restx.StdPWSWeather of WeeWX 5.5.2, and the protocol in ambient.py."""

from __future__ import annotations

from datetime import timedelta

from uploads.networks.ambient import FURTHER, outcome, request
from uploads.networks.base import Account, Answer, HttpRequest, Network, Observation, Outcome

URL = "https://www.pwsweather.com/pwsupdate/pwsupdate.php"


def _request(account: Account, observation: Observation) -> HttpRequest:
    login = {"ID": account.identity, "PASSWORD": account.secret}
    return request(account.server or URL, login, observation, FURTHER)


def _outcome(account: Account, answer: Answer) -> Outcome:
    return outcome(answer)


NETWORK = Network(
    key="pwsweather",
    label="PWSweather",
    website="www.pwsweather.com",
    identity="Station ID",
    secret="API key or password",  # noqa: S106 - what it is called there
    interval=timedelta(minutes=5),
    least_interval=timedelta(minutes=1),
    history=timedelta(days=1),
    about="Both are on the page of your station there.",
    request=_request,
    outcome=_outcome,
)
