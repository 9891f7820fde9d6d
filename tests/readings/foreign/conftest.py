"""A station for a device of another maker, and the values that it has."""

import pytest

from freetemp.fields import to_millis
from readings.ingest.refusals import refusals
from readings.models import Reading
from stations.models import Key, Station


@pytest.fixture(autouse=True)
def _nothing_counted(monkeypatch):
    monkeypatch.setattr(refusals, "_tallies", {})


@pytest.fixture
def made(db):
    """Make a station for a device: made("wunderground") returns it with its key."""

    def make(device, name="Roof"):
        station = Station.objects.create(name=name, device=device, timezone="Europe/Berlin")
        return station, Key.objects.issue(station)

    return make


def values(station):
    """Return the values by the names of their fields, each with its moment in Unix milliseconds."""
    names = dict(station.fields.values_list("number", "name"))
    rows = Reading.objects.filter(station=station).order_by("measured_at")
    found = {}
    for row in rows:
        found.setdefault(names[row.field], []).append((to_millis(row.measured_at), row.value))
    return found
