"""Stations to compare: two that everybody sees, in two zones, and one for staff only."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from freetemp.fields import to_millis
from readings import ingest
from readings.ingest.reports import Measurement
from stations.models import Station

START = datetime(2026, 6, 1, tzinfo=UTC)
WEEK = "period=week&date=2026-06-03"


def fill(station, number, value, hours=24 * 9, minutes=15):
    """Store readings from two days before the week on. `value` gets the hours since then."""
    moments = [START - timedelta(days=1) + timedelta(minutes=n) for n in range(0, hours * 60, minutes)]
    rows = [Measurement(number, to_millis(at), value((at - moments[0]) / timedelta(hours=1))) for at in moments]
    ingest.store(station, rows)


@pytest.fixture(scope="module")
def reported(kept_rows):
    """`garden` has temperature, humidity, pressure, wind direction and rain; `shed` degF; `secret` a temperature."""
    station = Station.objects.create(name="Garden", timezone="Europe/Berlin")
    for number, name, unit in (
        (2, "humidity", "%"),
        (3, "pressure", "hPa"),
        (4, "wind direction", "°"),
        (5, "rain", "mm"),
    ):
        station.fields.create(number=number, name=name, unit=unit)
    shed = Station.objects.create(name="Shed", timezone="Asia/Kathmandu")
    shed.fields.create(number=2, name="outside", unit="degF")
    # A number that is no part of another one on a page, as 7.1 is of 57.1%.
    secret = Station.objects.create(pk=4_000_001, name="Vault", timezone="UTC", public=False)
    for number, value in ((1, 20.0), (2, 60.0), (3, 1013.0), (4, 180.0), (5, 0.2)):
        fill(station, number, lambda hour, value=value: value)
    fill(shed, 1, lambda hour: 18.5 + (hour % 24) / 24)
    fill(shed, 2, lambda hour: 50.0)
    fill(secret, 1, lambda hour: 3.25)
    return {"garden": station.pk, "shed": shed.pk, "secret": secret.pk}


@pytest.fixture
def stations(reported):
    return SimpleNamespace(**{name: Station.objects.get(pk=key) for name, key in reported.items()})


def query(*names, period=WEEK):
    return "?" + "&".join([period, *(f"field={name}" for name in names)])
