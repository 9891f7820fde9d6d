"""What a station's page says about what is set aside, and about the sensors that hung there."""

import json
import re
from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from freetemp.fields import to_millis
from readings import ingest
from readings.calendar.span import EVER, Span
from readings.ingest.reports import Measurement
from readings.treatment import add_sensor, set_aside, undo

pytestmark = pytest.mark.django_db

HOUR_MS = 3_600_000
MIDNIGHT_MS = to_millis(datetime(2026, 6, 1, tzinfo=UTC))


@pytest.fixture
def roof(station):
    """A station with a day of readings, in UTC."""
    station.timezone = "UTC"
    station.save()
    station.fields.create(number=2, name="humidity", unit="%")
    ingest.store(station, [Measurement(n, MIDNIGHT_MS + hour * HOUR_MS, 20.0) for n in (1, 2) for hour in range(24)])
    return station


def hours(first, last=None):
    return Span(MIDNIGHT_MS + first * HOUR_MS, EVER.end_ms if last is None else MIDNIGHT_MS + last * HOUR_MS)


def day(station, client=None, language="en"):
    address = f"/stations/{station.pk}/?period=day&date=2026-06-01"
    return (client or Client()).get(address, headers={"Accept-Language": language}).content.decode()


def told(page):
    (part,) = re.findall(r'<div class="corrections".*?</div>', page, re.DOTALL)
    return [re.sub(r"<[^>]+>|\s+", " ", each).strip() for each in re.findall(r"<p>(.*?)</p>", part, re.DOTALL)]


def marks(page):
    config = json.loads(re.search(r'<script id="chart" type="application/json">(.*?)</script>', page).group(1))
    return {field["number"]: field.get("marks", []) for field in config["fields"]}


def test_without_any_it_says_nothing(roof):
    assert told(day(roof)) == []
    assert marks(day(roof)) == {1: [], 2: []}


def test_what_is_set_aside_is_told_with_its_reason_and_shaded(roof):
    set_aside(roof, 1, hours(2, 3), "sun", "anna", note="the new roof")
    set_aside(roof, None, hours(20), "maintenance", "anna")
    page = day(roof)
    assert told(page) == [
        "Temperature: set aside from 1 June 2026, 02:00 to 1 June 2026, 03:00 (sensor in the sun).",
        "All fields: set aside since 1 June 2026, 20:00 (maintenance).",
    ]
    maintenance = {"kind": "aside", "start": (MIDNIGHT_MS + 20 * HOUR_MS) / 1000, "end": None}
    sun = {"kind": "aside", "start": (MIDNIGHT_MS + 2 * HOUR_MS) / 1000, "end": (MIDNIGHT_MS + 3 * HOUR_MS) / 1000}
    assert marks(page) == {1: [sun, maintenance], 2: [maintenance]}
    assert "anna" not in page
    assert "new roof" not in page


def test_it_is_told_in_german(roof):
    set_aside(roof, 1, hours(2, 3), "sun", "anna")
    (sentence,) = told(day(roof, language="de"))
    assert (
        sentence == "Temperatur: vom 1. Juni 2026, 02:00 bis 1. Juni 2026, 03:00 beiseitegelegt (Sensor in der Sonne)."
    )


def test_a_sensor_is_told_on_the_day_when_it_was_hung_up(roof):
    add_sensor(roof, 2, hours(5), "SHT31", "anna", factor=1.02)
    add_sensor(roof, 1, hours(-100), "DS18B20", "anna")
    page = day(roof)
    assert told(page) == ["Humidity: another sensor since 1 June 2026, 05:00, SHT31, whose values are corrected."]
    assert [each["kind"] for each in marks(page)[2]] == ["sensor"]


@pytest.mark.parametrize(("first", "last", "is_told"), [(-3, 0, False), (-3, 1, True), (23, 30, True), (24, 25, False)])
def test_only_what_touches_the_period_is_told(roof, first, last, is_told):
    set_aside(roof, 1, hours(first, last), "spike", "anna")
    assert bool(told(day(roof))) == is_told


def test_what_is_undone_or_only_proposed_is_not_told(roof):
    undo(set_aside(roof, 1, hours(2, 3), "spike", "anna"), "anna")
    set_aside(roof, 1, hours(2, 3), "spike", "freetemp", state="proposed")
    assert told(day(roof)) == []
    assert marks(day(roof)) == {1: [], 2: []}


def test_whoever_may_sets_aside_what_is_shown_and_takes_it_back(roof, django_user_model):
    keeper = django_user_model.objects.create_user("keeper", password="x", is_staff=True)
    client = Client()
    client.force_login(keeper)
    assert told(day(roof, client)) == []
    names = ["add_setaside", "change_setaside", "view_setaside"]
    keeper.user_permissions.add(*Permission.objects.filter(codename__in=names))
    page = day(roof, client)
    links = re.findall(r'href="(/admin/readings/setaside/add/[^"]+)"', page)
    assert len(links) == 2
    form = client.get(links[1].replace("&amp;", "&")).content.decode()
    assert re.search(rf'<option value="{roof.pk}:2" selected', form)
    assert 'value="2026-06-01T00:00:00+00:00"' in form
    assert 'value="2026-06-02T00:00:00+00:00"' in form
    mark = set_aside(roof, 2, hours(0, 24), "import", "keeper")
    assert f'href="/admin/readings/setaside/{mark.pk}/change/"' in day(roof, client)
    assert "/admin/" not in day(roof).partition("<main")[2].partition("</main")[0]
