"""A station that is uploaded, and a server that records what comes and answers as it is told."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.utils import timezone

from freetemp.fields import now_millis
from readings import ingest
from readings.ingest.reports import Measurement
from stations.models import Station
from tests.recorder import Recorder, recording
from uploads.models import Upload
from uploads.networks import NETWORKS

SECRET = "s3cret key&/%"


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    with recording() as recorder:
        yield recorder


@pytest.fixture
def roof(db):
    """A station with a temperature and a humidity, of now."""
    station = Station.objects.create(name="Roof", timezone="Europe/Berlin", latitude=50.1, longitude=-8.5)
    station.fields.create(number=2, name="humidity", unit="%")
    store(station, now_millis(), 20.0)
    return station


def store(station, at_ms, temperature):
    ingest.store(station, [Measurement(1, at_ms, temperature), Measurement(2, at_ms, 50.0)])


@pytest.fixture
def uploads(roof, recorder):
    """Make an upload of the station to the recorder: uploads("wunderground")."""

    def make(network="wunderground", **more):
        given = {"identity": "KTEST1", "server": recorder.url} | more
        upload = Upload(station=roof, network=network, **given)
        upload.interval_s = more.get("interval_s", int(NETWORKS[network].interval.total_seconds()))
        upload.set_secret(SECRET)
        upload.next_at = timezone.now()
        upload.full_clean()
        upload.save()
        return upload

    return make
