"""The reading side of ThingSpeak, as its clients ask for it."""

import json

import pytest
from django.test import Client

from freetemp.fields import now_millis
from readings.models import Reading
from stations.models import Key, Station
from tests.conftest import MAC

pytestmark = pytest.mark.django_db

NOON_MS = 1638100800000  # 2021-11-28T12:00:00Z
FIRST = "2021-11-28T11:58:00Z"


def get(path, **headers):
    answer = Client().get(path, **headers)
    assert answer.headers.keys() == {"Content-Type", "Cache-Control", "Content-Length"}
    return answer


def text(path, **headers):
    answer = get(path, **headers)
    return answer.status_code, answer.content.decode()


@pytest.fixture
def channel(made):
    """Return a channel with three entries a minute apart, the second without field2, and an entry of today."""
    station, key = made("thingspeak")
    for n, number in enumerate((2, 1), start=1):  # Numbers as they came: field2 reported first.
        station.fields.create(number=n, name=f"of field{number}", source=f"field{number}", quantity="other")
    Reading.objects.bulk_create(
        Reading(station=station, field=field, measured_at=NOON_MS - before_s * 1000, value=value)
        for field, before_s, value in [(2, 120, 21.5), (1, 120, 7), (2, 60, 22), (2, 0, 23.25), (1, 0, 8)]
    )
    return station, key


@pytest.mark.parametrize("path", ["feeds.json", "feed.json", "feeds", "feed.json/", "feed.txt"])
def test_a_feed_is_compact_and_its_values_are_strings(channel, path):
    station, _ = channel
    answer = get(f"/channels/{station.pk}/{path}?start=2021-11-28")
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.content.decode() == (
        f'{{"channel":{{"id":{station.pk},"name":"Roof","description":"","field1":"of field1","field2":"of field2",'
        '"created_at":null,"updated_at":null,"last_entry_id":null,"public_flag":true},"feeds":['
        f'{{"created_at":"{FIRST}","entry_id":1638100680,"field1":"21.5","field2":"7"}},'
        '{"created_at":"2021-11-28T11:59:00Z","entry_id":1638100740,"field1":"22","field2":null},'
        '{"created_at":"2021-11-28T12:00:00Z","entry_id":1638100800,"field1":"23.25","field2":"8"}]}'
    )


def ids(path):
    return [each["entry_id"] - NOON_MS // 1000 for each in json.loads(get(path).content)["feeds"]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", []),  # A day, as with ThingSpeak.
        ("results=2", [-60, 0]),
        ("results=0", []),
        ("days=100000", [-120, -60, 0]),
        ("minutes=10", []),
        ("start=2021-11-28%2011:59:00", [-60, 0]),
        ("start=2021-11-28%2012:59:00&timezone=Europe/Berlin", [-60, 0]),
        ("start=2021-11-28T12:59:00&offset=1", [-60, 0]),
        ("start=2021-11-28&end=2021-11-28%2011:59:00", [-120, -60]),
        ("end=2021-11-28%2011:59:00", []),
        ("start=2030-01-01&end=2020-01-01&results=8001", []),
    ],
)
def test_the_entries_of_a_time(channel, query, expected):
    assert ids(f"/channels/{channel[0].pk}/feeds.json?{query}") == expected


@pytest.mark.parametrize(
    ("query", "word"),
    [
        *(("results=x", "results"), ("results=-1", "results"), ("days=1.5", "days"), ("start=soon", "start")),
        *(
            ("timezone=Nowhere", "timezone"),
            ("offset=25", "timezone"),
            ("average=60", "average"),
            ("callback=f", "call"),
        ),
        *(("round=x", "round"), ("&".join(["a=1"] * 400), "names")),
    ],
)
def test_what_cannot_be_answered_is_said_in_a_line(channel, query, word):
    status, line = text(f"/channels/{channel[0].pk}/feeds.json?{query}")
    assert status == 400
    assert line.startswith(word)


def test_one_field_and_its_last_value(channel):
    at = f"/channels/{channel[0].pk}"
    for singular, one in (("field", "feed"), ("fields", "feeds")):
        assert list(json.loads(get(f"{at}/{singular}/2.json?results=9").content)["feeds"][1]) == [
            *("created_at", "entry_id", "field2")
        ]
        assert text(f"{at}/{singular}/1/last") == (200, "23.25")
        assert text(f"{at}/{singular}/1/last.txt?round=1") == (200, "23.2")
        assert text(f"{at}/{singular}/field2/last.json") == (
            *(200, '{"created_at":"2021-11-28T12:00:00Z","entry_id":1638100800,"field2":"8"}'),
        )
        last = json.loads(get(f"{at}/{one}/last.txt?status=true&location=true&timezone=Europe/Berlin").content)
        assert last == {
            "created_at": "2021-11-28T13:00:00+01:00",
            "entry_id": 1638100800,
            "field1": "23.25",
            "field2": "8",
            **dict.fromkeys(["latitude", "longitude", "elevation", "location", "status"]),
        }
    age_s = int(json.loads(get(f"{at}/fields/1/last_data_age.json").content)["last_data_age"])
    assert 0 <= (now_millis() - NOON_MS) // 1000 - age_s < 100
    assert text(f"{at}/fields/3/last.json") == text(f"{at}/fields/300.json") == (404, "-1")


def test_csv_and_xml(channel):
    at = f"/channels/{channel[0].pk}"
    answer = get(f"{at}/feeds.csv?results=2")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.content.decode() == (
        "created_at,entry_id,field1,field2\n2021-11-28T11:59:00Z,1638100740,22,\n2021-11-28T12:00:00Z,1638100800,23.25,8\n"
    )
    assert '<feed><created-at type="dateTime">2021-11-28T12:00:00Z</created-at>' in text(f"{at}/feeds.xml?results=1")[1]
    assert "<field1>23.25</field1>" in text(f"{at}/fields/1/last.xml")[1]


def test_a_channel_and_its_status(channel):
    station, _ = channel
    station.latitude, station.longitude = 50.1, 8.5
    station.save()
    assert "latitude" not in json.loads(get(f"/channels/{station.pk}.json").content), "not shown on the map"
    Station.objects.update(on_map=True)
    about = json.loads(get(f"/channels/{station.pk}.json").content)
    assert (about["name"], about["latitude"], about["field2"]) == ("Roof", "50.1", "of field2")
    assert json.loads(get(f"/channels/{station.pk}/status.json").content)["feeds"] == []


@pytest.mark.parametrize("way", ["key={}", "api_key={}", "header", "path"])
def test_a_station_that_is_not_public_is_read_by_its_device_s_key(channel, made, way):
    station, key = channel
    _, of_another = made("thingspeak", "Other")
    board = Station.objects.create(name="Board", mac=MAC, public=False)
    of_board = Key.objects.issue(board)
    Station.objects.update(public=False)

    def status(pk, key):
        headers = {"HTTP_X_THINGSPEAKAPIKEY": key} if way == "header" else {}
        start = f"/in/{key}" if way == "path" else ""
        return text(f"{start}/channels/{pk}/feeds.json?{way.format(key) if '{' in way else ''}", **headers)

    assert status(station.pk, key)[0] == 200
    wrong = [(station.pk, of_another), (station.pk, "wrong"), (board.pk, of_board), (board.pk + 1, key)]
    assert {status(*each) for each in wrong} == {(400, "-1")}
    assert text(f"/channels/{station.pk}.json") == (400, "-1")


def test_somebody_who_tries_keys_is_told_to_wait_and_a_right_key_is_not(channel):
    station, key = channel
    Station.objects.update(public=False)
    statuses = [Client().get(f"/channels/{station.pk}/feeds.json?key=wrong{n}").status_code for n in range(61)]
    assert statuses == [400] * 60 + [429]
    assert text(f"/channels/{station.pk}/feeds.json?key={key}")[0] == 200


def test_fields_of_any_station_have_their_own_numbers(station):
    Reading.objects.create(station=station, field=1, measured_at=NOON_MS, value=-3.5)
    assert text(f"/channels/{station.pk}/fields/1/last") == (200, "-3.5")


def test_a_station_with_many_fields_has_fewer_rows(channel, django_assert_num_queries):
    station, _ = channel
    for number in range(3, 35):
        station.fields.create(number=number, name=f"more {number}")
    with django_assert_num_queries(36):  # the station, its fields, the last rows of each
        assert len(ids(f"/channels/{station.pk}/feeds.json?results=2")) == 2
