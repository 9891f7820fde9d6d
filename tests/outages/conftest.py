"""Stations by a clock of the test's own, and the watch's round over outages."""

from datetime import UTC, datetime, timedelta

import pytest

from outages import live
from outages.minded import minded_stations
from outages.models import Outage, ServerRun
from readings.models import Boot, Day, Reading
from stations.models import Station

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


class Sky:
    """Stations with a past, at moments in minutes after noon."""

    def __init__(self):
        self.longest = {}

    def at(self, minute):
        return NOON + minute * MINUTE

    def make(self, name="Roof", **own):
        station = Station.objects.create(name=name, last_heard_at=NOON, **own)
        Day.objects.create(station=station, field=1, start=NOON - 12 * HOUR, count=720, sum=0, min=0, max=0)
        return station

    def hear(self, minute, *stations):
        Station.objects.filter(pk__in=[each.pk for each in stations]).update(last_heard_at=self.at(minute))

    def look(self, minute):
        at = self.at(minute)
        live.look(at, minded_stations(at), lambda: self.longest)

    def arrive(self, station, minutes):
        Reading.objects.bulk_create(
            Reading(station=station, field=1, measured_at=self.at(minute), value=20.0) for minute in minutes
        )

    def start_anew(self, station, minute, boot=7):
        Boot.objects.create(station=station, boot=boot, seq=2, used_at=self.at(minute))

    def run(self, *minutes):
        for minute in minutes:
            ServerRun.objects.note(self.at(minute))

    def spans(self):
        rows = Outage.objects.order_by("began_at", "station").values_list("station__name", "began_at", "ended_at")
        return [(name, (began - NOON) // MINUTE, ended and (ended - NOON) // MINUTE) for name, began, ended in rows]

    def outage(self, station):
        return Outage.objects.get(station=station)


@pytest.fixture
def sky(db):
    return Sky()
