"""The Met Office's Weather Observations Website: weewx.restx.StdWOW of WeeWX 5.5.2, and the protocol in ambient.py."""

from __future__ import annotations

from datetime import timedelta

from uploads.networks.ambient import BASIC, outcome, request
from uploads.networks.base import Account, Answer, HttpRequest, Network, Observation, Outcome

URL = "https://wow.metoffice.gov.uk/automaticreading"


def _request(account: Account, observation: Observation) -> HttpRequest:
    login = {"siteid": account.identity, "siteAuthenticationKey": account.secret}
    return request(account.server or URL, login, observation, BASIC)


def _outcome(account: Account, answer: Answer) -> Outcome:
    """Return the meaning. A status of 403 is a wrong login, and any other from 400 on loses only this observation."""
    return outcome(answer)


NETWORK = Network(
    key="wow",
    label="WOW (Met Office)",
    website="wow.metoffice.gov.uk",
    identity="Site ID",
    secret="Authentication key, a pin of six digits",  # noqa: S106 - what it is called there
    interval=timedelta(minutes=10),
    least_interval=timedelta(minutes=5),
    history=timedelta(days=1),
    about="The ID is in the address of your site's page there. You chose the key when you entered the site.",
    request=_request,
    outcome=_outcome,
)
