"""ThingSpeak's updates, as its Arduino library, its npm and PyPI packages and programs by hand send them."""

import json
from unittest import mock

import pytest
import requests
import thingspeak
from django.db import OperationalError
from django.test import Client

from freetemp.fields import now_millis
from readings.ingest.refusals import refusals
from readings.models import Reading, RefusedReport
from tests.conftest import MAC
from tests.readings.foreign.conftest import values
from tests.server import Server

pytestmark = pytest.mark.django_db

FORM = "application/x-www-form-urlencoded"
NOON_MS = 1638100800000  # 2021-11-28T12:00:00Z
EXPECTED = b"path: /update/API_key=<key>/mac=<mac>/field=<number>/data=<value> expected"


@pytest.fixture
def channel(made):
    return made("thingspeak")


def get(path, **headers):
    return Client().get(path, **headers)


def post(path, body, content_type=FORM, **headers):
    return Client().generic("POST", path, body.encode(), content_type=content_type, **headers)


WAYS = {
    "get": lambda key: get(f"/update?api_key={key}&field1=21.5&field2=7"),
    "key": lambda key: get(f"/update?key={key}&1=21.5&2=7"),
    "form": lambda key: post("/update", f"api_key={key}&field1=21.5&field2=7"),
    "json": lambda key: post(
        "/update", json.dumps({"api_key": key, "field1": 21.5, "field2": "7"}), "application/json"
    ),
    # The Arduino library encodes nothing, and an ESP names the header so.
    "arduino": lambda key: post("/update", "field1=21.50000&field2=7&headers=false", HTTP_X_THINGSPEAKAPIKEY=key),
    "header": lambda key: get("/update?field1=21.5&field2=7", HTTP_THINGSPEAKAPIKEY=key),
    # PyPI's thingspeak posts a query without a body; MicroPython programs a query and JSON.
    "query": lambda key: post(f"/update?field1=21.5&field2=7&api_key={key}", ""),
    "query and json": lambda key: post(f"/update?api_key={key}", '{"field1": 21.5, "field2": 7}', "application/json"),
    "path": lambda key: get(f"/in/{key}/update?field1=21.5&field2=7"),
}


@pytest.mark.parametrize("way", WAYS)
def test_every_way_of_a_key_and_of_fields(channel, way):
    station, key = channel
    before_ms = now_millis()
    response = WAYS[way](key)
    assert response.headers.keys() == {"Content-Type", "Cache-Control", "Content-Length"}
    assert (response.status_code, response.headers["Content-Type"]) == (200, "text/plain; charset=utf-8")
    ((moment_ms, value),) = values(station)["field1"]
    assert (value, values(station)["field2"][0][1]) == (21.5, 7)
    assert before_ms <= moment_ms <= now_millis()
    assert int(response.content) == moment_ms // 1000, "a number above 0, that an Arduino takes for a success"


def test_json_is_compact_and_has_strings_as_clients_search_for_them(channel):
    station, key = channel
    answer = get(f"/update.json?api_key={key}&field1=21.5&created_at=2021-05-01T12:00:00Z&status=a+b%26c&lat=50.1")
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.content.decode() == (
        f'{{"channel_id":{station.pk},"created_at":"2021-05-01T12:00:00Z","entry_id":1619870400,"field1":"21.5",'
        '"field2":null,"field3":null,"field4":null,"field5":null,"field6":null,"field7":null,"field8":null,'
        '"latitude":"50.1","longitude":null,"elevation":null,"status":"a b&c"}'
    )
    xml = get(f"/update.xml?api_key={key}&field1=22&created_at=2021-05-01T12:00:01Z&status=<\x01>").content.decode()
    assert '<entry-id type="integer">1619870401</entry-id>' in xml
    assert "<field1>22</field1>" in xml
    assert "<status>&lt;&gt;</status>" in xml


@pytest.mark.parametrize(
    ("created_at", "moment_ms"),
    [
        ("2021-11-28T13:00:00+01:00", NOON_MS),  # nobody encoded it: the + is a blank when it arrives
        ("2021-11-28%2012:00:00", NOON_MS),
        ("2021-11-28%2013:00:00%20%2B0100", NOON_MS),
        ("2021-11-28T12:00:00.250Z", NOON_MS + 250),
        ("2021-11-28%2013:00:00&timezone=Europe/Berlin", NOON_MS),
        ("2021-11-28%2012:00:00&timezone=Nowhere", NOON_MS),
        ("1638100800", NOON_MS),
        ("1638100800250", NOON_MS + 250),
    ],
)
def test_moments(channel, created_at, moment_ms):
    station, key = channel
    with mock.patch("readings.foreign.view.shared_now_ms", return_value=NOON_MS + 86_400_000):
        get(f"/update?api_key={key}&field1=1&created_at={created_at}")
    assert values(station)["field1"] == [(moment_ms, 1)]


@pytest.mark.parametrize(
    "created_at", ["yesterday", "0001-01-01 00:00:00%2B23:59", "9999-12-31 23:59:59-23:59", "2021-02-30 00:00:00"]
)
def test_a_date_that_is_none_is_that_of_the_arrival(channel, created_at):
    station, key = channel
    before_ms = now_millis()
    assert get(f"/update?api_key={key}&field1=1&created_at={created_at}").status_code == 200
    assert before_ms <= values(station)["field1"][0][0] <= now_millis()


def test_an_update_without_a_value_is_a_success_that_stores_nothing(channel):
    _, key = channel
    assert int(get(f"/update?api_key={key}&status=booted").content) > 0
    assert not Reading.objects.exists()


def test_a_wrong_key_is_what_each_client_takes_for_a_failure(channel):
    answer = get("/update?api_key=wrong&field1=1")
    assert (answer.status_code, answer.content) == (400, b"0")
    answer = get("/update.json?api_key=wrong&field1=1")
    assert answer.status_code == 401
    assert answer.json()["error"]["error_code"] == "error_auth_required"
    assert not Reading.objects.exists()


def test_a_boards_key_alone_is_wrong_and_a_device_of_another_format_may_send_this_one(key, made):
    assert get(f"/update?api_key={key}&field1=1").status_code == 400
    _, console_key = made("wunderground", "Console")
    assert get(f"/update?api_key={console_key}&field1=1").status_code == 200


def test_what_cannot_be_stored_now_is_no_success(channel):
    _, key = channel
    with mock.patch("readings.ingest.store.group_commit.submit", side_effect=OperationalError("disk full")):
        answers = [get(f"/update{form}?api_key={key}&field1=1") for form in ("", ".json", ".xml")]
        answers.append(post("/channels/1/bulk_update.json", json.dumps({"write_api_key": key, "updates": []})))
    assert [each.status_code for each in answers] == [503] * 4
    assert [answers[0].content, answers[2].content] == [b"0", b"0"]


@pytest.mark.parametrize(
    ("method", "path", "status", "line"),
    [
        ("GET", "/update", 400, EXPECTED),
        ("GET", "/update?field1=21.4", 400, EXPECTED),
        ("GET", "/update?api_key={key}&mac=6c:ef:7f:3b:9d:e8&field=1&data=21.4", 400, EXPECTED),
        ("GET", "/update/?api_key={key}&field1=21.4", 400, EXPECTED),
        ("GET", "//update?api_key={key}&field1=21.4", 400, EXPECTED),
        ("GET", "/Update?api_key={key}&field1=21.4", 400, EXPECTED),
        ("POST", "/update", 405, b"use GET"),
        ("PUT", "/update", 405, b"use GET"),
        ("GET", "/update/API_key={key}/mac=%s/field=1/data=21.4?api_key={key}" % MAC, 200, b"OK"),  # noqa: UP031 - braces
    ],
)
def test_what_is_not_thingspeaks_stays_as_it_is(channel, key, method, path, status, line):
    path, _, query = path.format(key=key).partition("?")
    answer = Client().generic(method, "/", PATH_INFO=path, QUERY_STRING=query)
    assert (answer.status_code, answer.content) == (status, line)


BULK = {
    "updates": [
        {"created_at": "2021-05-01T12:00:00Z", "field1": 1, "field2": "x"},
        {"created_at": "2021-05-01 12:00:01 +0000", "field1": "2"},
        {"created_at": "2021-05-01 12:00:01 +0000", "field1": "3"},
        {"created_at": 1619870402, "field1": 4.5, "field3": None},
    ]
}


def test_many_updates_are_stored_once_however_often_they_come(channel):
    station, key = channel
    path = f"/channels/{station.pk}/bulk_update.json"
    for _ in range(2):
        answer = post(path, json.dumps(BULK | {"write_api_key": key}), "application/json")
        assert (answer.status_code, answer.content) == (202, b'{"success":true}')
    start = 1619870400000
    assert values(station) == {"field1": [(start, 1), (start + 1000, 2), (start + 1001, 3), (start + 2000, 4.5)]}


def test_relative_moments_count_back_from_now(channel):
    station, key = channel
    updates = [{"delta_t": 5, "field1": 1}, {"delta_t": "10", "field1": 2}, {"delta_t": 20, "field1": 3}]
    with mock.patch("readings.foreign.view.shared_now_ms", return_value=NOON_MS):
        post("/channels/1/bulk_update.json", json.dumps({"write_api_key": key, "updates": updates}))
    assert values(station)["field1"] == [(NOON_MS - 30_000, 1), (NOON_MS - 20_000, 2), (NOON_MS, 3)]


@pytest.mark.parametrize("is_relative", [True, False])
def test_many_updates_as_csv(channel, is_relative):
    station, key = channel
    rows = "0,1,,3|10,2" if is_relative else "2021-11-28T12:59:50+01:00,1,,3,,,,,,1,2,3,ok|2021-11-28 12:00:00 UTC,2"
    time_format = "relative" if is_relative else "absolute"
    with mock.patch("readings.foreign.view.shared_now_ms", return_value=NOON_MS):
        body = f"write_api_key={key}&time_format={time_format}&updates={rows}"
        assert post("/channels/9/bulk_update.csv", body).status_code == 202
    assert values(station) == {"field1": [(NOON_MS - 10_000, 1), (NOON_MS, 2)], "field3": [(NOON_MS - 10_000, 3)]}


def test_a_bulk_of_more_than_a_report_holds_is_stored(channel):
    station, key = channel
    updates = [{"created_at": 1619870400 + n, **{f"field{m}": n * m for m in range(1, 9)}} for n in range(300)]
    answer = post("/channels/1/bulk_update.json", json.dumps({"write_api_key": key, "updates": updates}))
    assert answer.status_code == 202
    assert Reading.objects.count() == 2400
    assert station.fields.count() == 8


@pytest.mark.parametrize(
    ("body", "status"),
    [
        *(("{", 400), ("[]", 400), ('{"updates": 1}', 400), ('{"updates": [1]}', 400), ('{"updates": []}', 401)),
        ("x" * 262_145, 413),
    ],
)
def test_a_bulk_that_is_none(channel, body, status):
    answer = post("/channels/1/bulk_update.json", body)
    assert (answer.status_code, answer.json()["status"]) == (status, str(status))


def test_staff_see_unknown_names_and_refused_updates_without_keys(channel):
    station, key = channel
    get(f"/update?api_key={key}&field1=x&field9=1")
    get("/update?api_key=hunter22hunter22&field1=21.5&x=hunter22", HTTP_X_THINGSPEAKAPIKEY="hunter33")
    refusals.flush()
    rows = {row.get_reason_display(): row for row in RefusedReport.objects.all()}
    assert rows.keys() == {"unknown name", "rejected reading", "unknown key"}
    assert rows["unknown key"].example == "GET /update?api_key=***&field1=21.5&x=***"
    assert rows["unknown name"].part == "field9"
    assert station.fields.count() == 1


def test_a_unit_may_be_given_afterwards(channel):
    station, key = channel
    get(f"/update?api_key={key}&field1=21.5")
    field = station.fields.get()
    field.name, field.unit, field.quantity = "Air", "degC", "temperature"
    field.full_clean()
    field.save()
    get(f"/update?api_key={key}&field1=22.5")
    assert [value for _, value in values(station)["Air"]] == [21.5, 22.5]


@pytest.mark.sqlite_only
@pytest.mark.django_db(transaction=True)
def test_the_package_of_pypi_updates_and_reads_a_channel_of_the_real_server(made, tmp_path):
    station, key = made("thingspeak")
    with Server(tmp_path / "log") as server:
        channel = thingspeak.Channel(station.pk, api_key=key, server_url=server.url)
        entry = json.loads(channel.update({"field1": 21.5, "field2": "a", "status": "a b&c"}))
        assert int(thingspeak.Channel(1, api_key=key, fmt="txt", server_url=server.url).update({1: 22.5})) > 0
        with pytest.raises(requests.HTTPError, match="401"):
            thingspeak.Channel(1, api_key="wrong", server_url=server.url).update({"field1": 1})
        texts = [channel.view(), channel.get({"results": 2}), channel.get_field(1), channel.get_field_last(1)]
        about, feed, of_field, last = map(json.loads, texts)
        assert json.loads(channel.get_last_data_age(1))["last_data_age"].isdecimal()
        with pytest.raises(requests.HTTPError, match="404"):
            channel.get_field_last(2)
        plain = thingspeak.Channel(station.pk, fmt="txt", server_url=server.url)
        assert (plain.get_field_last(1), plain.get_last_data_age(1).isdecimal()) == ("22.5", True)
    assert (about["id"], about["field1"]) == (station.pk, "field1")
    assert (
        [each["field1"] for each in feed["feeds"]] == [each["field1"] for each in of_field["feeds"]] == ["21.5", "22.5"]
    )
    assert last["field1"] == "22.5"
    assert (entry["channel_id"], entry["field1"], entry["status"]) == (station.pk, "21.5", "a b&c")
    assert [value for _, value in values(station)["field1"]] == [21.5, 22.5]
    assert key not in (tmp_path / "log").read_text()
