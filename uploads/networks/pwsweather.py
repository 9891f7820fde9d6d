"""PWSweather: weewx.restx.StdPWSWeather of WeeWX 5.5.2, and the protocol in ambient.py."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from uploads.networks.ambient import FURTHER, outcome, request
from uploads.networks.base import Network

URL = "https://www.pwsweather.com/pwsupdate/pwsupdate.php"

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
    request=partial(request, URL, ("ID", "PASSWORD"), FURTHER),
    outcome=outcome,
)
