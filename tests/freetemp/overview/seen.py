"""Stations and refused reports to look at, and what an overview says of them."""

from datetime import timedelta

from django.utils import timezone

from freetemp.fields import to_millis
from readings import ingest
from readings.ingest.reports import Measurement
from readings.models import RefusedReport
from readings.models.refused_report import Refusal, Tally
from stations.models import Station

URL = "/admin/overview/"


def pressing(overview):
    return {concern.kind: concern for concern in overview.pressing}


def notes(overview):
    return {concern.kind: concern for concern in overview.notes} | {"backup": None}


def hear(station, **ago):
    station.last_heard_at = timezone.now() - timedelta(**ago)
    station.save()
    return station


def alive(name="Alive", **changed):
    return hear(Station.objects.create(name=name, **changed), seconds=1)


def of_station(overview, kind):
    (item,) = pressing(overview)[kind].items
    return item


def html(response):
    assert response.status_code == 200
    return response.content.decode()


def refuse(reason, mac="", ago=timedelta(hours=1), count=3, part="", during=timedelta(hours=1)):
    """Count refusals, the last one `ago` and the first one as much earlier as `during`."""
    last_ms = to_millis(timezone.now() - ago)
    first_ms = last_ms - during // timedelta(milliseconds=1)
    RefusedReport.objects.add({Refusal(reason, mac, "192.0.2.1", part): Tally(count, first_ms, last_ms, "", "")})


def fill(station, minutes, missing=range(0), field=1):
    """Store a value for each of the last minutes, except the missing ones."""
    now = timezone.now()
    ages = [timedelta(minutes=n) for n in range(minutes, 0, -1) if n not in missing]
    ingest.store(station, [Measurement(field, to_millis(now - age), 21.5) for age in ages])
