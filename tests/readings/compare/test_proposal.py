"""One click proposes to the ledger what two sensors beside each other say."""

import re
from math import sin

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from freetemp.fields import to_millis
from readings.calendar.span import EVER, Span
from readings.models import Reading, Sensor
from readings.models.set_aside import State
from readings.rollups.pending import follow_pending
from readings.treatment import accept, add_sensor
from stations.models import Station, StationGroup
from tests.readings.compare.conftest import START, fill, query

pytestmark = pytest.mark.django_db

ADDRESS = "/compare/propose/"


@pytest.fixture
def pair():
    """Return the station that is right, and the one that says 0.98 times as much, and 1 degree less."""
    right, wrong = (Station.objects.create(name=name, timezone="UTC") for name in ("Right", "Wrong"))
    fill(right, 1, lambda hour: 15 + 8 * sin(hour / 4))
    fill(wrong, 1, lambda hour: 0.98 * (15 + 8 * sin(hour / 4)) - 1)
    return right, wrong


@pytest.fixture
def keeper(django_user_model):
    user = django_user_model.objects.create_user("keeper", password="x", is_staff=True)
    user.user_permissions.add(*Permission.objects.filter(codename__in=["add_sensor", "change_sensor", "view_sensor"]))
    client = Client()
    client.force_login(user)
    return client


def names(*stations):
    return [f"{station.pk}.1" for station in stations]


def click(client, *stations):
    """Send the form that the page has."""
    page = client.get(reverse("compare") + query(*names(*stations))).content.decode()
    (form,) = re.findall(rf'<form method="post" action="{ADDRESS}">.*?</form>', page, re.DOTALL)
    sent = {}
    for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form):
        sent.setdefault(name, []).append(value)
    return client.post(ADDRESS, sent)


def newest(station):
    return Station.objects.get(pk=station.pk).fields.get().newest_value


def test_a_click_proposes_and_only_accepting_corrects(pair, keeper):
    right, wrong = pair
    before = newest(wrong)
    answer = click(keeper, right, wrong)
    sensor = Sensor.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/admin/readings/sensor/{sensor.pk}/change/")
    assert (sensor.station, sensor.field, sensor.state, sensor.made_by) == (wrong, 1, State.PROPOSED, "keeper")
    assert sensor.factor == pytest.approx(1 / 0.98)
    assert sensor.offset == pytest.approx(1 / 0.98)
    assert (sensor.start, sensor.end) == (START, None)
    assert "Compared with Right, temperature, 2026-06-01 00:00 to 2026-06-08 00:00, 672 quarters" in sensor.note
    assert newest(wrong) == before
    assert keeper.get(answer["Location"]).status_code == 200
    accept(sensor, "keeper")
    follow_pending()
    assert newest(wrong) == pytest.approx(newest(right))


def test_what_is_corrected_already_stays_in_the_new_correction(pair, keeper):
    right, wrong = pair
    since = Span(to_millis(START) - 86_400_000, EVER.end_ms)
    add_sensor(wrong, 1, since, "SHT31", "anna", serial="7", factor=2, offset=3)
    follow_pending()
    click(keeper, right, wrong)
    proposed = Sensor.objects.get(state=State.PROPOSED)
    assert (proposed.model, proposed.serial) == ("SHT31", "7")
    accept(proposed, "keeper")
    follow_pending()
    raw = Reading.objects.filter(station=wrong).latest("measured_at").value
    assert raw * proposed.factor + proposed.offset == pytest.approx(newest(right))
    assert newest(wrong) == pytest.approx(newest(right))


def test_nobody_else_sees_the_button_or_may_propose(pair, keeper, django_user_model):
    form = {"field": names(*pair), "period": "week", "date": "2026-06-03"}
    staff = Client()
    staff.force_login(django_user_model.objects.create_user("reader", password="x", is_staff=True))
    for client in (Client(), staff):
        assert ADDRESS not in client.get(reverse("compare") + query(*names(*pair))).content.decode()
        assert client.post(ADDRESS, form).status_code == (403 if client is staff else 413)
    assert keeper.get(ADDRESS).status_code == 405
    assert not Sensor.objects.exists()


@pytest.mark.parametrize(
    "form",
    [
        {"field": ["1.1"]},
        {"field": ["1.1", "999.1"]},
        {"field": []},
        {"field": ["{right}.1", "{wrong}.1"], "period": "week", "date": "2020-06-03"},
        {"field": ["{right}.1", "{wrong}.1"], "period": "week", "date": "x"},
    ],
)
def test_a_form_that_names_no_two_sensors_or_no_readings_is_not_found(pair, keeper, form):
    right, wrong = pair
    sent = form | {"field": [each.format(right=right.pk, wrong=wrong.pk) for each in form["field"]]}
    assert keeper.post(ADDRESS, sent).status_code == 404
    assert not Sensor.objects.exists()


def test_keepers_of_a_group_are_told_no_name_of_a_private_station_of_others(pair, keeper):
    right, wrong = pair
    Station.objects.filter(pk=right.pk).update(public=False)
    StationGroup.objects.create(name="School").stations.add(wrong)
    click(keeper, right, wrong)
    assert Sensor.objects.get().note.startswith("Compared with a station of others, 2026-06-01 00:00 to ")
