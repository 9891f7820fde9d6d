"""A station, and the constraints of the database itself."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from stations.models import Field, Station
from stations.models.status import AHEAD

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
MS = timedelta(milliseconds=1)
MINUTE = timedelta(minutes=1)


def in_sql(at):
    """Map each status to the stations that its queryset returns."""
    stations = Station.objects.all()
    return {
        "alive": stations.alive(at),
        "late": stations.late(at),
        "silent": stations.silent(at),
        "never": stations.never_heard(),
        "inactive": stations.inactive(),
    }


@pytest.mark.parametrize(
    ("silence", "status"),
    [
        (timedelta(), "alive"),
        (-5 * MINUTE, "alive"),
        (3 * MINUTE, "alive"),
        (3 * MINUTE + MS, "late"),
        (60 * MINUTE, "late"),
        (60 * MINUTE + MS, "silent"),
        (timedelta(days=4000), "silent"),
    ],
)
def test_a_station_is_late_after_three_intervals_and_silent_after_sixty(silence, status):
    station = Station(interval_s=60, last_heard_at=NOON - silence)
    assert station.status(NOON) == status


@pytest.mark.parametrize("interval_s", [1, 7, 60, 3600, 86_400])
def test_sql_and_python_agree_at_every_boundary(interval_s):
    # The clock has microseconds, the database milliseconds: they must also agree between two milliseconds.
    at = NOON + timedelta(microseconds=700)
    edges = [-AHEAD, *(timedelta(seconds=interval_s) * n for n in (0, 3, 60))]
    nudges = (-2 * MS, -MS, timedelta(), MS, 2 * MS)
    for n, heard_at in enumerate(NOON - edge + nudge for edge in edges for nudge in nudges):
        Station.objects.create(name=f"heard {n}", interval_s=interval_s, last_heard_at=heard_at)
        Station.objects.create(name=f"rests {n}", interval_s=interval_s, last_heard_at=heard_at, active=False)
    Station.objects.create(name="never", interval_s=interval_s)
    Station.objects.create(name="never, and rests", interval_s=interval_s, active=False)
    in_python = {status: {s for s in Station.objects.all() if s.status(at) == status} for status in in_sql(at)}
    assert {status: set(stations) for status, stations in in_sql(at).items()} == in_python
    assert all(in_python.values()), "every status is tried"
    assert sum(map(len, in_python.values())) == Station.objects.count()


def test_stations_are_counted_by_status_in_one_query(django_assert_num_queries):
    for n, silence in enumerate([0, 1, 5, 90]):
        Station.objects.create(name=f"s{n}", last_heard_at=NOON - silence * MINUTE)
    Station.objects.create(name="never")
    Station.objects.create(name="rests", active=False)
    with django_assert_num_queries(1):
        counts = Station.objects.count_by_status(NOON)
    assert counts == {"alive": 2, "late": 1, "silent": 1, "never": 1, "inactive": 1}


def test_a_station_that_was_heard_in_the_future_is_silent_until_it_is_heard_now():
    station = Station(last_heard_at=NOON + timedelta(days=3650))
    assert (station.status(NOON), station.is_heard_ahead(NOON)) == ("silent", True)
    station.last_heard_at = NOON + AHEAD
    assert (station.status(NOON), station.is_heard_ahead(NOON)) == ("alive", False)


def test_a_clock_that_went_back_makes_no_negative_silence(station):
    station.last_heard_at = NOON
    assert station.silence(NOON - MINUTE) == timedelta()
    assert Station().silence(NOON) is None


def test_a_new_station_has_the_field_temperature(station):
    field = station.fields.get()
    assert (field.number, field.name, field.unit) == (1, "temperature", "degC")


def test_saving_it_again_adds_no_field(station):
    station.fields.all().delete()
    station.save()
    assert not station.fields.exists()


def test_a_mac_is_kept_in_one_form_and_none_is_no_text(station):
    other = Station.objects.create(name="Pond", mac="AA-BB-CC-DD-EE-01")
    assert other.mac == "aa:bb:cc:dd:ee:01"
    nameless = [Station.objects.create(name=name, mac="") for name in ("one", "two")]
    assert [each.mac for each in nameless] == [None, None]


def test_two_stations_cannot_have_one_mac_however_it_is_written(station):
    twin = Station(name="Twin", mac="6C-EF-7F-3B-9D-E8")
    with pytest.raises(ValidationError) as refused:
        twin.full_clean()
    sentence = "Another station has this MAC address: search for it in the list of stations."
    assert refused.value.message_dict == {"mac": [sentence]}
    with pytest.raises(IntegrityError), transaction.atomic():
        twin.save()


@pytest.mark.parametrize(
    ("wrong", "about", "sentence"),
    [
        ({"mac": "6c:ef"}, "mac", "“6c:ef” is not a MAC address: six hex pairs expected, like 6c:ef:7f:3b:9d:e8."),
        ({"latitude": 90.1, "longitude": 0}, "latitude", "less than or equal to 90"),
        ({"latitude": 0, "longitude": -180.1}, "longitude", "greater than or equal to -180"),
        ({"latitude": 52.5}, "__all__", "Give both latitude and longitude, or neither."),
        ({"longitude": 13.4}, "__all__", "Give both latitude and longitude, or neither."),
        ({"on_map": True}, "on_map", "Give the station's coordinates, or leave it off the map."),
        ({"interval_s": 0}, "interval_s", "greater than or equal to 1"),
        ({"interval_s": 86_401}, "interval_s", "less than or equal to 86400"),
        ({"timezone": "Europe/Berln"}, "timezone", "“Europe/Berln” is not an IANA time zone: did you mean Europe/Berl"),
        ({"timezone": "GMT+1"}, "timezone", "“GMT+1” is an offset and knows no summer time."),
        ({"timezone": "Etc/GMT+1"}, "timezone", "“Etc/GMT+1” is UTC-1: in these names the sign is turned round."),
        ({"timezone": "../../etc/passwd"}, "timezone", "like Europe/Berlin or America/New_York."),
        ({"timezone": "localtime"}, "timezone", "is not an IANA time zone"),
        ({"name": ""}, "name", "cannot be blank"),
        ({"name": "Garden"}, "name", "already exists"),
    ],
)
def test_what_an_administrator_may_break_is_refused_with_a_sentence(station, wrong, about, sentence):
    with pytest.raises(ValidationError) as refused:
        Station(**{"name": "Pond", "mac": "aa:bb:cc:dd:ee:01", "timezone": "UTC"} | wrong).full_clean()
    assert list(refused.value.message_dict) == [about]
    assert sentence in refused.value.message_dict[about][0]


@pytest.mark.parametrize("right", [(90.0, 180.0), (-90.0, -180.0), (0.0, 0.0)])
def test_coordinates_reach_to_the_poles_and_the_date_line_and_zero_is_a_place(right):
    latitude, longitude = right
    station = Station(name="Far", latitude=latitude, longitude=longitude, on_map=True)
    station.full_clean()
    station.save()
    station.refresh_from_db()
    assert (station.latitude, station.longitude) == right


@pytest.mark.all_parameters
@pytest.mark.parametrize("wrong", [{"latitude": 91}, {"longitude": 181}, {"interval_s": 0}, {"interval_s": 86_401}])
def test_the_database_itself_refuses_what_is_out_of_range(station, wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        Station.objects.update(**wrong)


def test_a_number_finds_before_a_name(station):
    named_like_it = Station.objects.create(name=str(station.pk))
    assert Station.objects.find(str(station.pk)) == station
    assert Station.objects.find("Garden") == station
    named_like_it.name = "123456789"
    named_like_it.save()
    assert Station.objects.find("123456789") == named_like_it
    for text in ("nobody", "", "999999999999999999999", "²"):
        with pytest.raises(Station.DoesNotExist):
            Station.objects.find(text)


def test_what_is_not_public_is_for_staff(station):
    hidden = Station.objects.create(name="Hidden", public=False)
    assert list(Station.objects.visible_to(AnonymousUser())) == [station]
    assert list(Station.objects.visible_to(User())) == [station]
    assert set(Station.objects.visible_to(User(is_staff=True))) == {station, hidden}


def test_stations_come_with_their_fields_in_the_order_of_their_numbers(station, django_assert_num_queries):
    Field.objects.create(station=station, number=9, name="light")
    Field.objects.create(station=station, number=2, name="humidity")
    with django_assert_num_queries(2):
        [found] = Station.objects.with_fields()
        assert [field.number for field in found.fields.all()] == [1, 2, 9]


@pytest.mark.parametrize(
    ("silence", "missed"),
    [(timedelta(), 0), (MINUTE - MS, 0), (MINUTE, 1), (3 * MINUTE + MS, 3), (timedelta(days=1), 1440), (-MINUTE, 0)],
)
def test_a_report_is_missed_for_each_interval_since_the_last(silence, missed):
    station = Station(interval_s=60, last_heard_at=NOON - silence)
    assert station.missed_reports(NOON) == missed
    station.active = False
    assert station.missed_reports(NOON) == 0
    assert Station(interval_s=60).missed_reports(NOON) == 0


def test_a_field_lags_behind_where_others_of_its_station_go_on(station):
    """Three intervals behind the newest is as late as a station may be."""
    station.fields.update(newest_at=NOON)
    for number, newest_at in ((2, NOON - 3 * MINUTE), (3, NOON - 3 * MINUTE - MS), (4, None)):
        Field.objects.create(station=station, number=number, name=f"field {number}", newest_at=newest_at)
    assert [field.number for field in station.lagging_fields()] == [3, 4]
    station.interval_s = 61
    assert [field.number for field in station.lagging_fields()] == [4]
    station.active = False
    assert station.lagging_fields() == []


def test_no_field_lags_where_none_was_ever_measured(station):
    assert station.lagging_fields() == []


def test_a_place_is_told_where_it_is_on_the_map_and_to_staff():
    station = Station(latitude=0.0, longitude=13.4)
    assert station.location_for(AnonymousUser()) is None
    assert station.location_for(User(is_staff=True)) == (0.0, 13.4)
    station.on_map = True
    assert station.location_for(AnonymousUser()) == (0.0, 13.4)
    for name in ("latitude", "longitude"):
        assert Station(**{"latitude": 1.0, "longitude": 2.0, "on_map": True, name: None}).location_for(User()) is None


def test_a_station_without_a_retention_keeps_its_readings_from_the_epoch_on():
    assert Station().raw_since_ms == 0
    assert Station(raw_since=datetime(1970, 1, 1, 0, 0, 1, 5_000, tzinfo=UTC)).raw_since_ms == 1_005


def test_a_new_station_that_cannot_have_its_field_is_not_there(monkeypatch):
    monkeypatch.setattr(Field, "save", lambda self, **kwargs: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        Station.objects.create(name="Half")
    assert not Station.objects.exists()
