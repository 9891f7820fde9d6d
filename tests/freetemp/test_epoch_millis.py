"""A moment is a datetime in Python and whole milliseconds in the database."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from django.core import serializers
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import Max

from freetemp.fields import EpochMillisField, from_millis, now_millis, to_millis
from stations.models import Station

MOMENT = datetime(2026, 11, 22, 12, 0, 0, 123_000, tzinfo=UTC)
MILLIS = 1_795_348_800_123


def test_a_moment_and_its_milliseconds_are_the_same():
    assert to_millis(MOMENT) == MILLIS
    assert from_millis(MILLIS) == MOMENT
    assert from_millis(MILLIS).tzinfo is UTC


@pytest.mark.parametrize("millis", [0, 1, -1, -62_135_596_800_000, 253_402_300_799_999, MILLIS, 2**31 * 1000 + 7])
def test_no_millisecond_is_lost_from_the_first_year_to_the_last(millis):
    assert to_millis(from_millis(millis)) == millis


def test_what_is_finer_is_cut_off_before_1970_too():
    assert to_millis(MOMENT + timedelta(microseconds=999)) == MILLIS
    assert to_millis(datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)) == -1


def test_a_zone_changes_nothing():
    assert to_millis(MOMENT.astimezone(ZoneInfo("Asia/Kathmandu"))) == MILLIS
    assert to_millis(MOMENT.astimezone(timezone(timedelta(hours=-9)))) == MILLIS


def test_now_is_now():
    assert abs(now_millis() - to_millis(datetime.now(UTC))) < 5000


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        (None, None),
        (MOMENT, MOMENT),
        (MILLIS, MOMENT),
        ("2026-11-22T12:00:00.123Z", MOMENT),
        ("2026-11-22T17:45:00.123+05:45", MOMENT),
    ],
)
def test_it_is_read_from_what_a_moment_is_written_as(value, moment):
    assert EpochMillisField().to_python(value) == moment


@pytest.mark.parametrize("value", ["", "yesterday", "2026-11-22T12:00:00", "12.5"])
def test_a_text_that_is_no_moment_or_has_no_zone_is_refused(value):
    with pytest.raises(ValidationError, match="is not a moment with its zone"):
        EpochMillisField().to_python(value)


@pytest.mark.django_db
def test_the_database_holds_a_whole_number(station):
    Station.objects.update(last_heard_at=MOMENT + timedelta(microseconds=900))
    with connection.cursor() as cursor:
        cursor.execute("SELECT last_heard_at FROM stations_station")
        assert cursor.fetchone() == (MILLIS,)
    station.refresh_from_db()
    assert station.last_heard_at == MOMENT


@pytest.mark.django_db
def test_lookups_and_aggregates_take_and_give_moments(station):
    Station.objects.update(last_heard_at=MILLIS)
    assert Station.objects.filter(last_heard_at=MOMENT, last_heard_at__lte=MILLIS).exists()
    assert not Station.objects.filter(last_heard_at__gt=MOMENT).exists()
    assert Station.objects.filter(last_heard_at__in=[MOMENT]).exists()
    assert Station.objects.aggregate(newest=Max("last_heard_at")) == {"newest": MOMENT}


@pytest.mark.django_db
@pytest.mark.parametrize("form", ["json", "jsonl", "xml"])
def test_a_dump_brings_it_back(station, form):
    Station.objects.update(last_heard_at=MOMENT)
    dump = serializers.serialize(form, Station.objects.all())
    assert "2026-11-22T12:00:00.123" in dump
    Station.objects.update(last_heard_at=None)
    for each in serializers.deserialize(form, dump):
        each.save()
    station.refresh_from_db()
    assert station.last_heard_at == MOMENT
