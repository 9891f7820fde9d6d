"""Weather Underground: weewx.restx.StdWunderground of WeeWX 5.5.2, and the protocol in ambient.py."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from uploads.networks.ambient import FURTHER, outcome, request
from uploads.networks.base import Network

URL = "https://weatherstation.wunderground.com/weatherstation/updateweatherstation.php"

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
    request=partial(request, URL, ("ID", "PASSWORD"), FURTHER),
    outcome=outcome,
)
