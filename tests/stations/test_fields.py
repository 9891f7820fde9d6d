"""A station's fields, and their fixed properties once there are readings."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from readings import ingest
from stations.models import Claim, Field, Key
from stations.models.station import newest_at

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def field(station):
    return station.fields.get()


@pytest.fixture
def measured(station, field):
    """The field, after its first reading has arrived in the usual way."""
    Key.objects.issue(station)
    ingest.record(Claim(station.mac, Key.objects.get().digest), 1, 21.4)
    field.refresh_from_db()
    return field


def test_number_and_unit_are_free_before_the_first_reading(field):
    field.number, field.unit = 7, "degF"
    field.full_clean()
    field.save()


@pytest.mark.parametrize(("name", "value", "was"), [("number", 7, "1"), ("unit", "degF", "degC"), ("unit", "", "degC")])
def test_number_and_unit_are_fixed_after_the_first_reading(measured, name, value, was):
    setattr(measured, name, value)
    with pytest.raises(ValidationError) as refused:
        measured.full_clean()
    sentence = f"It is {was} in the readings that are stored: add another field instead."
    assert refused.value.message_dict == {name: [sentence]}


def test_what_is_only_shown_may_change_after_the_first_reading(measured):
    measured.name, measured.decimals, measured.smallest, measured.largest = "air", 2, -40, 60
    measured.full_clean()


def test_a_form_that_was_opened_before_the_first_reading_changes_no_unit(field, measured):
    stale = Field(pk=field.pk, station=field.station, number=1, name="temperature", unit="degF")
    with pytest.raises(ValidationError, match="It is degC"):
        stale.full_clean()


def test_a_field_with_readings_cannot_be_deleted(measured):
    with pytest.raises(ValidationError, match="has readings: it stays"):
        measured.delete()
    assert Field.objects.filter(pk=measured.pk).exists()


def test_a_field_without_readings_can_be_deleted(field):
    field.delete()
    assert not Field.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"number": 1}, "The station has a field with this number already."),
        ({"name": "temperature"}, "The station has a field with this name already."),
        ({"smallest": 5, "largest": 5}, "The smallest plausible value is below the largest."),
        ({"smallest": 6, "largest": 5}, "The smallest plausible value is below the largest."),
        ({"number": 0}, "greater than or equal to 1"),
        ({"number": 256}, "less than or equal to 255"),
        ({"decimals": 7}, "less than or equal to 6"),
    ],
)
def test_a_field_that_cannot_be_is_refused_with_a_sentence(station, wrong, sentence):
    with pytest.raises(ValidationError, match=sentence):
        Field(**{"station": station, "number": 2, "name": "humidity"} | wrong).full_clean()


@pytest.mark.parametrize(
    "wrong", [{"number": 1}, {"name": "temperature"}, {"number": 0}, {"number": 256}, {"smallest": 6, "largest": 5}]
)
def test_the_database_itself_refuses_it_too(station, wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        Field.objects.create(**{"station": station, "number": 2, "name": "humidity"} | wrong)


@pytest.mark.parametrize(
    ("limits", "plausible", "implausible"),
    [
        ({}, [-1e9, 0, 1e9], []),
        ({"smallest": 0}, [0, 1], [-0.1]),
        ({"largest": 50}, [50, -1e9], [50.1]),
        ({"smallest": 0, "largest": 50}, [0, 50], [-0.1, 50.1]),
    ],
)
def test_the_limits_themselves_are_plausible(limits, plausible, implausible):
    field = Field(**limits)
    assert all(map(field.is_plausible, plausible))
    assert not any(map(field.is_plausible, implausible))


@pytest.mark.parametrize(("seconds", "lags"), [(0, False), (180, False), (180.001, True)])
def test_a_field_lags_behind_after_three_intervals(seconds, lags):
    field = Field(newest_at=NOON - timedelta(seconds=seconds))
    assert field.lags_behind(NOON, 60) == lags
    assert Field().lags_behind(NOON, 60), "never measured"


def test_the_newest_of_some_fields_is_that_of_those_that_have_one():
    fields = [Field(newest_at=at) for at in (None, NOON - timedelta(hours=1), NOON, None)]
    assert newest_at(fields) == NOON
    assert newest_at(fields[:1]) is None
    assert newest_at([]) is None
