"""The wind rose on a station's page: its petals, classes and words."""

import re
from datetime import UTC, datetime, timedelta
from math import atan2, degrees, hypot

import pytest

from freetemp.fields import to_millis
from readings import ingest
from readings.calendar.periods import Period
from readings.charts.rose import CENTRE, HOLE, RADIUS, roses
from readings.ingest.reports import Measurement
from stations.models import Station
from stations.units import METRIC, Units

pytestmark = pytest.mark.django_db

DAY = datetime(2026, 6, 1, tzinfo=UTC)
A_DAY = "?date=2026-06-01"


@pytest.fixture
def roof():
    station = Station.objects.create(name="Roof", timezone="UTC", interval_s=900)
    station.fields.all().delete()
    station.fields.create(number=1, name="wind direction", unit="deg")
    return station


def store(station, rows):
    """Store (direction, speed) of quarters of an hour; a speed of None is not measured."""
    readings = []
    for n, (direction, speed) in enumerate(rows):
        at = to_millis(DAY + n * timedelta(minutes=15))
        readings.append(Measurement(1, at, direction))
        readings += [] if speed is None else [Measurement(2, at, speed)]
    ingest.store(station, readings)


def drawn(station, units=METRIC):
    (found,) = roses(
        station.fields.select_related("station"), Period.containing(DAY.date(), "day", station.zone), units
    )
    return found


def middle_and_radii(path):
    """Return the direction of a stretch's middle in degrees, and its inner and outer radius."""
    numbers = list(map(float, re.findall(r"-?\d+\.\d", path)))
    corners = [(numbers[at] - CENTRE, CENTRE - numbers[at + 1]) for at in (0, 2, 6)]
    middle = [sum(each) / 2 for each in zip(corners[1], corners[2], strict=True)]
    return degrees(atan2(*middle)) % 360, hypot(*corners[0]), hypot(*corners[1])


def test_a_petal_points_to_where_the_wind_came_from_and_is_as_long_as_its_share(roof):
    roof.fields.create(number=2, name="wind speed", unit="m/s")
    store(roof, [(270.0, 1.0)] * 4 + [(268.0, 6.0)] * 4 + [(90.0, 20.0)] * 2 + [(45.0, 0.1)] * 2)
    (slow, light), (second, fresh), (last, storm) = (
        (each, middle_and_radii(path)) for each, path in sorted(drawn(roof).petals, key=lambda petal: petal[0])
    )
    assert (slow, second, last) == (0, 2, 4)
    half = HOLE + (RADIUS - HOLE) / 2  # West has 8 of 12 quarters, which is the whole radius, half of them slow.
    assert light == pytest.approx((270, HOLE, half), abs=0.2)
    assert fresh == pytest.approx((270, half, RADIUS), abs=0.2)
    assert storm == pytest.approx((90, HOLE, HOLE + (RADIUS - HOLE) / 4), abs=0.2)


def test_it_says_calms_the_main_direction_and_classes_in_the_viewers_unit(client, roof):
    roof.fields.create(number=2, name="wind speed", unit="km/h")
    store(roof, [(270.0, 7.2)] * 9 + [(90.0, 0.5)])
    rose = drawn(roof, Units.parse("km/h"))
    assert rose.classes[0] == "1 to 6\u202fkm/h"
    assert rose.classes[-1] == "62\u202fkm/h and more"
    page = client.get(f"{roof.get_absolute_url()}{A_DAY}&lang=de").content.decode()
    assert "Am häufigsten aus W: 90,0\u202f% der Zeit." in page
    assert "Windstille: 10,0\u202f%" in page
    assert "17,2\u202fm/s und mehr" in page


def test_its_table_has_every_sector_and_adds_up(client, roof):
    roof.fields.create(number=2, name="wind speed", unit="m/s")
    store(roof, [(22.5 * n, 2.0) for n in range(16)])
    rows = drawn(roof).rows
    assert len(rows) == 16
    assert rows[5] == ("ESE", ["0.0\u202f%", "6.2\u202f%", "0.0\u202f%", "0.0\u202f%", "0.0\u202f%"], "6.2\u202f%")
    page = client.get(f"{roof.get_absolute_url()}{A_DAY}").content.decode()
    assert page.count('<th scope="row">ESE</th>') == 1


def test_a_station_without_a_wind_speed_has_a_rose_without_classes(client, roof):
    store(roof, [(0.0, None), (359.0, None)])
    rose = drawn(roof)
    assert (rose.classes, len(rose.petals)) == ([], 1)
    assert "rose-1" in client.get(roof.get_absolute_url() + A_DAY).content.decode()


def test_it_comes_with_the_parts_to_swap_and_not_without_directions(client, roof):
    store(roof, [(0.0, None)])
    parts = client.get(roof.get_absolute_url() + A_DAY, headers={"X-Parts": "swapped"}).content.decode()
    assert 'id="rose-1" data-swap' in parts
    assert "<desc" in parts
    assert "<desc" not in client.get(f"{roof.get_absolute_url()}?date=2026-06-02").content.decode()
