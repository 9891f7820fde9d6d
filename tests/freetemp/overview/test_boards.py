"""The overview repeats what boards say is wrong with them, and names fields and readings that are missing."""

from datetime import timedelta

import pytest
from django.utils import timezone

from firmware import concerns
from freetemp.fields import to_millis
from readings import ingest
from readings.ingest.reports import Measurement
from stations.models import Key, Station
from tests.conftest import MAC
from tests.freetemp.overview.seen import alive, fill, notes, of_station, pressing

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("trouble", "kind", "advice"),
    [
        ("ds18b20: no answer", "sensor", "Look at the sensor's wires first."),
        ("its battery is low", "sensor", "docs/sensors.md"),
        ("3 too many", "overflow", "longer interval"),
        ("3 damaged", "damaged", "Once is a power cut"),
        ("3 refused", "refused", "the fields that its board was flashed with"),
        ("flash: error 28", "flash", "Flash the board again"),
    ],
)
def test_what_a_board_says_is_wrong_with_it_is_repeated_with_the_advice_for_it(overview, trouble, kind, advice):
    station = alive(trouble=trouble)
    assert of_station(overview(), f"trouble-{kind}").detail == trouble
    assert advice in pressing(overview())[f"trouble-{kind}"].advice
    Station.objects.filter(pk=station.pk).update(trouble="")
    assert overview().pressing == []


def test_readings_without_a_date_need_no_wires_and_no_attention(overview):
    alive(trouble="3 without a date")
    assert overview().pressing == []
    advice = notes(overview())["trouble-undated"].advice
    assert advice.startswith("Nothing to do")
    assert "wire" not in advice
    Station.objects.update(trouble="")
    assert "trouble-undated" not in notes(overview())


def test_several_troubles_of_one_board_are_told_apart(overview):
    alive(trouble="dht22: wrong checksum; 2 too many; 1 without a date")
    assert set(pressing(overview())) == {"trouble-sensor", "trouble-overflow"}
    assert of_station(overview(), "trouble-sensor").detail == "dht22: wrong checksum"
    assert "trouble-undated" in notes(overview())


def test_the_trouble_of_a_board_that_was_replaced_is_forgotten(overview, station, key, client):
    def report(key):
        assert client.get(f"/update/API_key={key}/mac={MAC}/field=1/data=21.4").content == b"OK"

    report(key)
    Station.objects.update(trouble="ds18b20: no answer")
    report(key)
    assert "trouble-sensor" in pressing(overview())
    report(Key.objects.issue(station))
    assert overview().pressing == []


def test_boards_of_an_earlier_version_are_only_worth_knowing(overview, monkeypatch):
    monkeypatch.setattr(concerns, "__version__", "1.10.0")
    for version in ("", "1.10.0", "1.11", "2", "1.9.3", "somebody's"):
        alive(f"Board {version}", firmware=version)
    alive("Resting", firmware="0.1", active=False)
    (item,) = notes(overview())["firmware"].items
    assert (item.what, item.detail) == ("Board 1.9.3", "version 1.9.3")
    assert overview().pressing == []


def test_a_field_that_fell_silent_while_its_station_reports(overview):
    station = alive()
    now = timezone.now()
    station.fields.update(newest_value=1, newest_at=now)
    humidity = station.fields.create(number=2, name="humidity", newest_value=50, newest_at=now - timedelta(hours=2))
    assert of_station(overview(), "lagging").what == "Alive: humidity"
    assert of_station(overview(), "lagging").detail == "for 2\N{NO-BREAK SPACE}hours"
    station.fields.filter(pk=humidity.pk).update(newest_value=None, newest_at=None)
    assert of_station(overview(), "lagging").detail == "never reported"
    station.fields.filter(pk=humidity.pk).update(newest_value=50, newest_at=now)
    assert "lagging" not in pressing(overview())
    station.fields.filter(pk=humidity.pk).update(newest_at=now - timedelta(days=29))
    assert "lagging" in pressing(overview())
    station.fields.filter(pk=humidity.pk).update(newest_at=now - timedelta(days=31))
    assert "lagging" not in pressing(overview()), "its sensor was taken away"


@pytest.mark.all_parameters
@pytest.mark.parametrize(
    ("limits", "said"),
    [
        ({"largest": 60}, "plausible up to 60"),
        ({"smallest": 90}, "plausible from 90"),
        ({"smallest": -40, "largest": 60.5}, "plausible from -40 to 60.5"),
    ],
)
def test_a_newest_value_outside_its_limits(overview, limits, said):
    station = alive()
    station.fields.update(newest_value=85, newest_at=timezone.now(), **limits)
    assert of_station(overview(), "implausible").detail == f"85.0\N{NO-BREAK SPACE}°C (!), {said}"
    station.fields.update(smallest=None, largest=None)
    assert "implausible" not in pressing(overview())


def test_a_station_with_many_readings_missing_in_the_last_day(overview):
    station = alive()
    fill(station, 26 * 60, missing=range(100, 500))
    item = of_station(overview(), "gaps")
    assert item.url == f"/stations/{station.pk}/"
    share, _, rest = item.detail.partition("% of the last day's readings, ")
    assert 71 <= int(share) <= 74, "400 of 1440, or of up to 15 minutes more"
    assert rest.endswith("% of the last week's")
    fill(station, 26 * 60)
    assert "gaps" not in pressing(overview())


def test_a_simulated_station_lacks_nothing(overview):
    fill(alive(simulated=True), 26 * 60, missing=range(100, 500))
    assert "gaps" not in pressing(overview())


def test_a_station_with_many_readings_missing_in_the_last_week(overview):
    station = alive(interval_s=600, timezone="Asia/Kathmandu")
    now = timezone.now()
    hours = [*range(24 * 9, 24 * 5, -1), *range(24 * 2, -1, -1)]
    ages = [timedelta(hours=n, minutes=m) for n in hours for m in range(59, 0, -10)]
    ingest.store(station, [Measurement(1, to_millis(now - age), 1.0) for age in ages])
    assert overview().pressing == [], "the last day is whole"
    detail = notes(overview())["gaps-before"].items[0].detail
    assert detail.startswith("100% of the last day's readings")
    assert 40 < int(detail.partition(", ")[2].partition("%")[0]) < 70


def test_a_station_that_began_an_hour_ago_lacks_nothing(overview):
    fill(alive(), 60)
    assert overview().pressing == []
