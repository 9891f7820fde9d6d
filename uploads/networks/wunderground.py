"""Weather Underground: weewx.restx.StdWunderground of WeeWX 5.5.2, and the protocol in ambient.py."""

from __future__ import annotations

from datetime import timedelta

from uploads.networks.ambient import FURTHER, outcome, request
from uploads.networks.base import Account, Answer, HttpRequest, Network, Observation, Outcome

URL = "https://weatherstation.wunderground.com/weatherstation/updateweatherstation.php"


def _request(account: Account, observation: Observation) -> HttpRequest:
    login = {"ID": account.identity, "PASSWORD": account.secret}
    return request(account.server or URL, login, observation, FURTHER)


def _outcome(account: Account, answer: Answer) -> Outcome:
    return outcome(answer)


NETWORK = Network(
    key="wunderground",
    label="Weather Underground",
    website="www.wunderground.com",
    identity="Station ID, like KNYNEWYO123",
    secret="Station key",  # noqa: S106 - what it is called there
    interval=timedelta(minutes=5),
    least_interval=timedelta(minutes=1),
    history=timedelta(days=1),
    about="Both are on the page of your device there, under My Profile, My Devices.",
    request=_request,
    outcome=_outcome,
)
