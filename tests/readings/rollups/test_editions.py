"""A field's edition: it is another one after every change that `newest_at` does not show."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from readings import ingest
from readings.ingest.reports import Measurement
from readings.models import Day
from readings.rollups.rebuild import rebuild
from stations.models import Station

NOW = timezone.now()
QUARTER = (NOW - timedelta(days=1)).replace(minute=0, second=0, microsecond=0)
TWO_DAYS_AGO = NOW - timedelta(days=2)

pytestmark = pytest.mark.django_db


@pytest.fixture
def station() -> Station:
    made = Station.objects.create(name="Roof")
    ingest.store(made, [_reading(TWO_DAYS_AGO, 20.0), _reading(NOW - timedelta(hours=1), 21.0)])
    return made


def _reading(at: datetime, value: float) -> Measurement:
    return Measurement(1, round(at.timestamp() * 1000), value)


CHANGES: dict[str, Callable[[Station], object]] = {
    "a late reading": lambda station: ingest.store(station, [_reading(TWO_DAYS_AGO + timedelta(hours=1), 5.0)]),
    "another value": lambda station: ingest.correct(station, 1, TWO_DAYS_AGO, 5.0),
    "a removal": lambda station: ingest.remove(station, 1, TWO_DAYS_AGO, TWO_DAYS_AGO + timedelta(hours=1)),
    "a retention": lambda station: list(ingest.summarise(station, QUARTER)),
    "rollups made anew": lambda station: Day.objects.filter(station=station).update(sum=0) and rebuild(station),
    "another limit": lambda station: _limit(station),
}


def _limit(station: Station) -> None:
    field = station.fields.get()
    field.largest = 20.5
    field.save()


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_of_what_was_stored_gives_another_edition(station: Station, change: str) -> None:
    before = station.fields.get().edition
    CHANGES[change](station)
    assert station.fields.get().edition != before


def test_a_newest_reading_leaves_the_edition(station: Station) -> None:
    """Pages know it by `newest_at`, and boards report nothing else as a rule."""
    before = station.fields.get()
    ingest.store(station, [_reading(NOW, 22.0)])
    after = station.fields.get()
    assert (after.edition, after.newest_value) == (before.edition, 22.0)


def test_rollups_that_are_right_leave_the_edition(station: Station) -> None:
    before = station.fields.get().edition
    rebuild(station)
    assert station.fields.get().edition == before
