"""The Met Office's Weather Observations Website: weewx.restx.StdWOW of WeeWX 5.5.2, and the protocol in ambient.py."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from uploads.networks.ambient import BASIC, LOGIN_OF_WOW, outcome, request
from uploads.networks.base import Network

URL = "https://wow.metoffice.gov.uk/automaticreading"

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
    request=partial(request, URL, LOGIN_OF_WOW, BASIC),
    outcome=outcome,
)
