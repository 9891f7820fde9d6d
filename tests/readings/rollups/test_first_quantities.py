"""The fields of an earlier freetemp get quantities by their names, units and readings."""

from datetime import UTC, datetime
from random import Random

import pytest

from freetemp.fields import to_millis
from readings import ingest
from readings.ingest.reports import Measurement
from readings.models import DirectionDay, Pending, Quarter
from readings.rollups.first_quantities import give_quantities
from readings.rollups.rebuild import rebuild
from stations.models import Field

pytestmark = pytest.mark.django_db

START_MS = to_millis(datetime(2026, 6, 1, tzinfo=UTC))
MINUTE_MS = 60_000


def earlier(station, number, name, unit, values=()):
    """Store readings of a field as an earlier freetemp did: as those of a level."""
    station.fields.create(number=number, name=name, unit=unit, quantity="other", smallest=0)
    ingest.store(station, [Measurement(number, START_MS + n * MINUTE_MS, value) for n, value in enumerate(values)])
    station.fields.filter(number=number).update(quantity="")


def quantities(station):
    return dict(station.fields.values_list("name", "quantity"))


def tips():
    """Return the tips of each minute of two days with showers."""
    random = Random(5)
    wet = {hour for hour in range(48) if random.random() < 0.2}
    return [random.choice([0, 0, 1, 1, 2]) if minute // 60 in wet else 0 for minute in range(2880)]


def totals(*, per_day):
    total, found = 0, []
    for minute, tip in enumerate(tips()):
        total = tip if per_day and minute % 1440 == 0 else total + tip
        found.append(total * 0.2)
    return found


def test_names_and_units_tell_what_is_averaged_as_before(station):
    station.fields.update(quantity="")
    earlier(station, 2, "humidity", "%")
    earlier(station, 3, "Windböe", "km/h")
    earlier(station, 4, "level", "cm")
    assert list(give_quantities()) == []
    assert quantities(station) == {
        "temperature": "temperature",
        "humidity": "humidity",
        "Windböe": "wind_gust",
        "level": "other",
    }
    assert not Pending.objects.exists()
    assert not Field.objects.filter(quantity="").exists()


@pytest.mark.parametrize(
    ("values", "quantity"),
    [
        ([tip * 0.2 for tip in tips()], "rain_amount"),
        (totals(per_day=False), "rain_counter"),
        (totals(per_day=True), "rain_counter"),
        ([], "rain_amount"),
        ([0.0] * 50, "rain_amount"),
    ],
    ids=["amounts", "a total", "a total of the day", "no readings", "a dry time"],
)
def test_rain_is_told_by_its_readings(station, values, quantity):
    earlier(station, 2, "rain", "mm", values)
    (sentence,) = give_quantities()
    assert quantities(station)["rain"] == quantity
    assert f"Field 2 rain [mm] of {station} is taken for " in sentence
    pending = Pending.objects.get()
    rebuild(station, [pending.field], pending.span)
    right = sum(tips()) * 0.2 if any(values) else 0.0
    assert sum(Quarter.objects.filter(field=2).values_list("sum", flat=True)) == pytest.approx(right)
    assert list(give_quantities()) == [], "the next time there is nothing to do"


def test_a_direction_gets_its_vectors(station):
    earlier(station, 2, "Windrichtung", "deg", [350.0, 10.0])
    assert not DirectionDay.objects.exists()
    assert len(list(give_quantities())) == 1
    rebuild(station, [2], Pending.objects.get().span)
    assert DirectionDay.objects.get().north == pytest.approx(0.984807753)


def test_two_processes_give_each_field_its_quantity_once(station):
    for number, name in ((2, "rain"), (3, "more rain")):
        earlier(station, number, name, "mm")
    slow, quick = give_quantities(), give_quantities()
    assert "Field 2 rain" in next(slow)
    assert [sentence[:17] for sentence in quick] == ["Field 3 more rain"]
    assert list(slow) == []
    assert sorted(Pending.objects.values_list("field", flat=True)) == [2, 3]
