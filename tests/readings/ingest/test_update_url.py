"""The URL that boards call, through Django. test_update_server.py tests the same with the real server."""

from datetime import UTC, datetime, timedelta
from unittest import mock

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from freetemp.sql.waits import InDoubtError
from readings.models import Reading
from stations.models import Field, Key, Station

pytestmark = pytest.mark.django_db

MAC = "6c:ef:7f:3b:9d:e8"


@pytest.fixture
def get(client, key):
    def get(mac=MAC, field="1", data="21.4", api_key=key, end="", **extra):
        return client.get(f"/update/API_key={api_key}/mac={mac}/field={field}/data={data}{end}", **extra)

    return get


def line(response):
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response["Cache-Control"] == "no-store"
    assert not response.cookies
    assert int(response["Content-Length"]) == len(response.content)
    assert b"\n" not in response.content
    return response.status_code, response.content.decode()


@pytest.mark.parametrize(
    "mac", [MAC, "6c-ef-7f-3b-9d-e8", "6CEF7F3B9DE8", "6C:EF:7F:3B:9D:E8", "6c%3Aef%3A7f%3A3b%3A9d%3Ae8"]
)
def test_a_mac_is_read_however_it_is_written(get, mac):
    assert line(get(mac=mac)) == (200, "OK")
    assert Reading.objects.get().value == 21.4


@pytest.mark.parametrize(
    ("data", "value"), [("-0.5", -0.5), ("1e2", 100.0), ("+3", 3.0), (".5", 0.5), ("7.", 7.0), ("2E-3", 0.002)]
)
def test_a_decimal_number_is_stored_as_it_is(get, data, value):
    assert line(get(data=data)) == (200, "OK")
    assert Reading.objects.get().value == value


@pytest.mark.parametrize(
    "data",
    [
        "nan",
        "inf",
        "-inf",
        "",
        "72,3",
        "1e999",
        "1_0",
        "%2021.4",
        "0x10",
        "٣",
        "21.4%00",
        "%ff",
        "9" * 1000,
        "1e99999999",
    ],
)
def test_what_is_no_finite_decimal_number_is_refused_with_a_sentence(get, data):
    status, text = line(get(data=data))
    assert (status, text.partition(":")[0]) == (400, "data")
    assert not Reading.objects.exists()


@pytest.mark.parametrize("field", ["0", "99", "x", "", "-1", "1.0", "99999999999999999999", "%00", "²"])
def test_a_field_that_the_station_does_not_define_is_refused(get, field):
    status, text = line(get(field=field))
    assert (status, text.partition(":")[0]) == (400, "field")
    assert not Reading.objects.exists()


@pytest.mark.parametrize("mac", ["", "6c:ef", "6c:ef:7f:3b:9d:e8:00", "zz:ef:7f:3b:9d:e8", "%00", "%ff%fe", "x" * 5000])
def test_a_malformed_mac_is_refused_whatever_the_key(get, mac):
    assert line(get(mac=mac, api_key="x")) == (400, "mac: six hex pairs expected, like 6c:ef:7f:3b:9d:e8")


def test_a_slash_at_the_end_and_a_query_string_change_nothing(get):
    assert line(get(end="/")) == (200, "OK")
    assert line(get(end="?data=99&field=7")) == (200, "OK")
    assert list(Reading.objects.values_list("value", flat=True)) == [21.4, 21.4]


@pytest.mark.parametrize("api_key", ["", "wrong", "k" * 10_000, "%00", "%ff%fe", "é", "%0a"])
def test_a_wrong_key_is_refused(get, api_key):
    assert line(get(api_key=api_key)) == (403, "unknown station or key")
    assert not Reading.objects.exists()


def test_unknown_mac_ended_key_and_inactive_station_are_told_apart_by_nobody(get, station, key):
    unknown = line(get(mac="00:00:00:00:00:01"))
    Station.objects.update(active=False)
    inactive = line(get())
    Station.objects.update(active=True)
    Key.objects.end()
    assert {unknown, inactive, line(get())} == {(403, "unknown station or key")}


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_every_method_but_get_is_refused_and_stores_nothing(client, key, method):
    response = client.generic(method, f"/update/API_key={key}/mac={MAC}/field=1/data=21.4")
    assert line(response) == (405, "use GET")
    assert response["Allow"] == "GET"
    assert not Reading.objects.exists()


def test_head_is_refused_without_a_line_and_stores_nothing(client, key):
    response = client.head(f"/update/API_key={key}/mac={MAC}/field=1/data=21.4")
    assert (response.status_code, response.content) == (405, b"")
    assert not Reading.objects.exists()


@pytest.mark.parametrize(
    "path", ["/update/", "/update/x", "/update/API_key=a/mac=b", "/update/%00", "/update/%ff", "/update//"]
)
def test_what_is_no_report_gets_the_form_of_one(client, path):
    status, text = line(client.get(path))
    assert (status, text.partition(":")[0]) == (400, "path")


def test_no_redirect_no_host_check_and_no_cookie_also_behind_tls(get, settings):
    settings.SECURE_SSL_REDIRECT = True
    settings.ALLOWED_HOSTS = []
    assert line(get(HTTP_HOST="anything.example")) == (200, "OK")


def test_a_reading_is_stored_under_the_moment_of_its_arrival(get):
    before = timezone.now()
    get()
    after = timezone.now()
    reading = Reading.objects.get()
    assert before - timedelta(milliseconds=1) < reading.measured_at <= after
    assert reading.measured_at.microsecond % 1000 == 0


def test_two_values_in_one_millisecond_are_both_kept(get):
    moment = datetime(2026, 11, 22, 12, 0, 0, 123_000, tzinfo=UTC)
    with mock.patch("django.utils.timezone.now", return_value=moment):
        assert [line(get(data=data))[0] for data in ("1", "2", "3")] == [200, 200, 200]
    stored = Reading.objects.order_by("measured_at").values_list("measured_at", "value")
    assert list(stored) == [(moment + timedelta(milliseconds=n), n + 1.0) for n in range(3)]


def test_the_newest_value_and_the_moment_of_hearing_are_kept_with_the_station(get, station):
    get(data="1.5")
    station.refresh_from_db()
    field = station.fields.get()
    assert field.newest_value == 1.5
    assert field.newest_at == station.last_heard_at == Reading.objects.get().measured_at
    assert station.status() == "alive"


def test_a_key_takes_over_with_the_first_reading_that_it_stores(get, station, key):
    get()
    pending = Key.objects.issue(station)
    get(api_key=pending, data="nonsense")
    assert line(get())[0] == 200, "the live key ends only when a reading came with the new one"
    assert line(get(api_key=pending))[0] == 200
    assert line(get())[0] == 403


def test_a_burst_of_120_is_taken_and_ten_times_the_rate_for_long_is_not(get):
    start = timezone.now()
    with mock.patch("django.utils.timezone.now") as now:
        now.return_value = start
        assert {get().status_code for _ in range(120)} == {200}
        refused = get()
        assert line(refused)[0] == 429
        assert int(refused["Retry-After"]) > 0
        now.return_value = start + timedelta(seconds=int(refused["Retry-After"]))
        assert line(get())[0] == 200, "after the time that Retry-After tells"
    assert Reading.objects.count() == 121


def test_a_field_that_is_throttled_leaves_the_others_alone(get, station):
    station.fields.create(number=2, name="humidity", unit="%")
    with mock.patch("django.utils.timezone.now", return_value=timezone.now()):
        while get().status_code == 200:
            pass
        assert line(get(field="2")) == (200, "OK")


def test_wrong_keys_in_number_get_429_and_the_right_key_from_there_is_still_taken(get):
    answers = {get(api_key="wrong").status_code for _ in range(60)}
    refused = get(api_key="wrong")
    assert (answers, refused.status_code) == ({403}, 429)
    assert int(refused["Retry-After"]) > 0
    assert line(get()) == (200, "OK")
    assert line(get(api_key="wrong", REMOTE_ADDR="192.0.2.7"))[0] == 403, "another address is not meant"


def test_a_clock_that_is_behind_stores_nothing(get, station):
    get()
    with mock.patch("django.utils.timezone.now", return_value=datetime(1970, 1, 1, 0, 5, tzinfo=UTC)):
        refused = get()
    assert line(refused)[0] == 503
    assert int(refused["Retry-After"]) > 0
    assert Reading.objects.count() == 1


@pytest.mark.parametrize("broken", ["stations.models.Key.objects.verify", "readings.ingest.record"])
def test_a_database_that_cannot_take_it_is_a_503(get, broken):
    # A full disk would need filling a disk, so it is simulated; the crash and lock tests use the real thing.
    with mock.patch(broken, side_effect=OperationalError("database or disk is full")):
        refused = get()
    assert line(refused)[0] == 503
    assert int(refused["Retry-After"]) > 0


def test_a_commit_that_the_database_has_not_answered_is_told_as_in_doubt(get):
    with mock.patch("readings.ingest.record", side_effect=InDoubtError("PostgreSQL has not answered in time")):
        refused = get()
    assert line(refused) == (
        503,
        "in doubt: the database has not answered. Sent again with its boot and seq, it is stored once",
    )
    assert int(refused["Retry-After"]) > 0


def test_a_fault_of_ours_is_one_line_too(key):
    client_that_gets_the_500 = Client(raise_request_exception=False)
    with mock.patch("readings.ingest.record", side_effect=RuntimeError("a fault")):
        response = client_that_gets_the_500.get(f"/update/API_key={key}/mac={MAC}/field=1/data=1")
    assert line(response) == (500, "the server failed: its log says why")


def test_the_number_of_queries_of_a_report_is_constant(get, django_assert_max_num_queries):
    get()
    Station.objects.bulk_create(Station(name=f"s{n}") for n in range(20))
    Field.objects.bulk_create(
        Field(station=each, number=1, name="t") for each in Station.objects.filter(name__startswith="s")
    )
    with django_assert_max_num_queries(11):
        get()
