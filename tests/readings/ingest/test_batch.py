"""POST /api/v1/readings/: many values at once."""

import base64
import json
from datetime import UTC, datetime, timedelta
from unittest import mock

import pytest
from django.db import OperationalError
from django.utils import timezone

from freetemp.fields import to_millis
from readings.ingest.refusals import refusals
from readings.models import BoardState, Boot, Reading, RefusedReport
from stations.models import Key, Station

pytestmark = pytest.mark.django_db

MAC = "6c:ef:7f:3b:9d:e8"
NOW = datetime(2026, 11, 22, 12, 0, 0, 250_000, tzinfo=UTC)
NOW_S = 1_795_348_800


@pytest.fixture(autouse=True)
def clock():
    with mock.patch("django.utils.timezone.now", return_value=NOW) as now:
        yield now


@pytest.fixture
def post(client, key):
    def post(body, password=key, method="POST", **headers):
        credentials = base64.b64encode(f"6CEF7F3B9DE8:{password}".encode()).decode()
        return client.generic(
            method,
            "/api/v1/readings/",
            body if isinstance(body, bytes) else json.dumps(body),
            content_type="application/json",
            **({"HTTP_AUTHORIZATION": f"Basic {credentials}"} | headers),
        )

    return post


def reading(seq, value=21.4, field=1, **moment):
    return {"seq": seq, "field": field, "value": value} | (moment or {"at": NOW_S - 1_000 + seq})


def report(*readings, boot=7, **besides):
    return {"boot": boot, "readings": list(readings), **besides}


def stored():
    rows = Reading.objects.order_by("measured_at", "field").values_list("measured_at", "value")
    return [(to_millis(at), value) for at, value in rows]


def test_a_report_is_stored_and_its_receipt_counts_every_reading(post):
    response = post(report(reading(41, at=NOW_S - 60), reading(42, 21.5, age=12)))
    assert response.json() == {"stored": 2, "duplicate": 0, "rejected": [], "ack": 42, "time": mock.ANY}
    assert response["Content-Type"] == "application/json"
    assert int(response["Content-Length"]) == len(response.content)
    assert not response.cookies
    assert stored() == [((NOW_S - 60) * 1000, 21.4), ((NOW_S - 12) * 1000 + 250, 21.5)]


def test_a_moment_is_kept_to_the_millisecond(post):
    post(report(reading(1, at=NOW_S - 60.0625), reading(2, age=0.5)))
    assert [at for at, _ in stored()] == [(NOW_S - 60) * 1000 - 62, NOW_S * 1000 - 250]


def test_a_report_repeated_after_a_lost_answer_is_stored_once(post):
    body = report(reading(1, age=30), reading(2, age=20))
    first, again = post(body).json(), post(body).json()
    assert (first["stored"], again["stored"], again["duplicate"], again["ack"]) == (2, 0, 2, 2)
    assert len(stored()) == 2


def test_what_is_not_above_the_highest_seq_of_its_boot_is_a_duplicate_and_the_rest_is_stored(post):
    post(report(reading(5)))
    receipt = post(report(reading(4), reading(5), reading(6), reading(9))).json()
    assert (receipt["stored"], receipt["duplicate"], receipt["ack"]) == (2, 2, 9)


def test_each_boot_counts_by_itself_also_when_they_take_turns(post):
    for boot in (1, 2, 1, 2):
        post(report(reading(1, at=NOW_S - boot), boot=boot))
    assert len(stored()) == 2


def test_64_boots_are_remembered_and_the_longest_unused_goes(post, clock, station):
    for boot in range(66):
        clock.return_value = NOW + timedelta(seconds=boot)
        post(report(reading(1, at=NOW_S - boot - 1), boot=boot))
    assert set(Boot.objects.filter(station=station).values_list("boot", flat=True)) == set(range(2, 66))


def test_a_wrong_part_of_what_a_board_says_costs_nothing_and_staff_see_it(post, station, monkeypatch):
    monkeypatch.setattr(refusals, "_tallies", {})
    receipt = post(report(reading(1), board={"start": 1, "reset": 6, "up": True, "rssi": 31})).json()
    assert (receipt["stored"], receipt["rejected"]) == (1, [])
    assert BoardState.objects.values_list("start", "reset_cause", "up_s", "rssi").get() == (1, 6, None, None)
    assert refusals.flush()
    noted = RefusedReport.objects.order_by("part").values_list("reason", "mac", "part", "answer", "example")
    assert list(noted) == [
        ("board", MAC, "rssi", "a number from -127 to -1 expected", "board, rssi: 31"),
        ("board", MAC, "up", "a number from 0 to 2147483647 expected", "board, up: True"),
    ]


def test_without_boot_and_seq_the_moment_finds_repeats(post):
    body = {"readings": [{"field": 1, "value": 1, "at": NOW_S - 5}, {"field": 1, "value": 2, "at": NOW_S - 4}]}
    post(body)
    receipt = post(body).json()
    assert (receipt["stored"], receipt["duplicate"], receipt["rejected"]) == (0, 2, [])


def test_another_value_for_a_moment_is_no_repeat_it_is_named_and_the_first_stays(post):
    body = {"readings": [{"field": 1, "value": 1, "at": NOW_S - 5}, {"field": 1, "value": 2, "at": NOW_S - 4}]}
    post(body)
    body["readings"][0]["value"] = 99
    receipt = post(body).json()
    assert (receipt["stored"], receipt["duplicate"], receipt["ack"]) == (0, 1, None)
    reason = f"field 1 has another value at {NOW_S - 5}.0: 1.0"
    assert receipt["rejected"] == [{"seq": None, "code": "value", "reason": reason}]
    assert [value for _, value in stored()] == [1, 2]


def test_another_value_is_named_too_where_a_report_repeats_a_stored_moment_twice(post):
    post(report(reading(1, 1.0, at=NOW_S)))
    receipt = post(report(reading(2, 2.0, at=NOW_S), reading(3, 1.0, at=NOW_S), reading(4, 2.0, at=NOW_S))).json()
    assert (receipt["stored"], receipt["duplicate"]) == (0, 1)
    assert [(each["seq"], each["code"]) for each in receipt["rejected"]] == [(2, "value"), (4, "value")]


def trouble(station):
    station.refresh_from_db()
    return station.trouble


def test_what_is_wrong_with_a_board_is_kept_until_it_reports_without(post, station):
    assert post(report(trouble="ds18b20: no answer")).json() == {
        "stored": 0,
        "duplicate": 0,
        "rejected": [],
        "ack": None,
        "time": NOW_S,
    }
    assert trouble(station) == "ds18b20: no answer"
    post({"readings": [{"field": 1, "value": 1, "at": NOW_S - 5}]})
    assert trouble(station) == "ds18b20: no answer", "a client without a boot is no board"
    post(report(reading(1)))
    assert trouble(station) == ""


@pytest.mark.parametrize(
    ("told", "kept"), [("x" * 500, "x" * 120), ("a\nb\x00c\ud800d\x1b", "a b c d"), (None, ""), ("<b>ü", "<b>ü")]
)
def test_a_boards_words_never_cost_a_reading(post, station, told, kept):
    assert post(report(reading(1), trouble=told)).json()["stored"] == 1
    assert trouble(station) == kept


@pytest.mark.parametrize("name", ["trouble", "firmware"])
def test_words_that_are_no_text_are_no_report(post, station, name):
    assert post(report(reading(1), **{name: ["x"]})).status_code == 400
    assert stored() == []


def test_a_board_s_version_is_kept_until_it_tells_another(post, station):
    for told, kept in [
        ({"firmware": "1.0.0"}, "1.0.0"),
        ({"trouble": "dht22: no answer"}, "1.0.0"),
        ({"firmware": "9" * 99}, "9" * 20),
        ({"firmware": ""}, "9" * 20),
        ({"firmware": "1.2\n"}, "1.2"),
    ]:
        assert post(report(**told)).status_code == 200
        station.refresh_from_db()
        assert station.firmware == kept
    assert station.trouble == ""


def test_a_member_of_a_later_firmware_costs_no_reading(post):
    assert post(report(reading(1), battery_mv=2980, anything={"else": None})).json()["stored"] == 1


def test_the_same_moment_twice_in_one_report_is_stored_once(post):
    receipt = post(report(*(reading(seq, 1.0, at=NOW_S) for seq in (1, 2)), reading(3, 2.0, at=NOW_S))).json()
    assert (receipt["stored"], receipt["duplicate"]) == (1, 1)
    assert [(each["seq"], each["code"]) for each in receipt["rejected"]] == [(3, "value")]
    assert [value for _, value in stored()] == [1.0]
    assert [value for _, value in stored()] == [1.0]


def test_what_can_never_be_stored_is_rejected_with_its_code_and_the_others_are_stored(post):
    receipt = post(
        report(
            reading(1, field=2),
            reading(2, field="1"),
            reading(3, field=True),
            reading(4, value="21.4"),
            reading(5, value=None),
            reading(6, value=10**400),
            reading(7, value=True),
            reading(8, at=NOW_S + 400),
            reading(9, at=-1),
            reading(10, at=1e300),
            reading(11, age=1e300),
            reading(12, 1.0, at=NOW_S + 290),
        )
    ).json()
    codes = [(each["seq"], each["code"]) for each in receipt["rejected"]]
    assert codes == [
        *((1, "field"), (2, "field"), (3, "field"), (4, "value"), (5, "value"), (6, "value"), (7, "value")),
        *((8, "clock"), (9, "clock"), (10, "clock"), (11, "clock")),
    ]
    assert all(each["reason"] for each in receipt["rejected"])
    assert (receipt["stored"], receipt["ack"]) == (1, 12)
    assert [value for _, value in stored()] == [1.0]


def counts(response):
    receipt = response.json()
    return receipt["stored"], receipt["duplicate"], [each["seq"] for each in receipt["rejected"]]


def test_a_rejection_whose_answer_was_lost_is_told_again_in_longer_and_in_shorter_reports(post):
    """A board takes a duplicate for stored: it would forget a reading that it could date anew."""
    wrong = [reading(1), reading(2, field=9), reading(3, at=NOW_S + 9_000), reading(4, field=9)]
    assert counts(post(report(*wrong))) == (1, 0, [2, 3, 4])
    assert counts(post(report(*wrong, reading(5)))) == (1, 1, [2, 3, 4])
    assert counts(post(report(*wrong[:2]))) == (0, 1, [2])
    assert counts(post(report(wrong[2]))) == (0, 0, [3])
    assert counts(post(report(wrong[3]))) == (0, 0, [4])


def test_a_rejected_reading_is_stored_when_it_comes_again_and_nothing_is_wrong_any_more(post, clock):
    ahead = reading(1, at=NOW_S + 9_000)
    assert counts(post(report(ahead))) == (0, 0, [1])
    clock.return_value = NOW + timedelta(hours=3)
    assert counts(post(report(ahead, reading(2)))) == (2, 0, [])
    assert counts(post(report(ahead, reading(2)))) == (0, 2, [])


def test_a_rejected_reading_is_settled_once_its_board_has_gone_on(post):
    post(report(reading(1, field=9)))
    post(report(reading(2)))
    assert counts(post(report(reading(1, field=9)))) == (0, 1, [])


def test_a_moment_that_has_another_value_is_rejected_again_too(post):
    post(report(reading(1, 20.0, at=NOW_S)))
    other = report(reading(2, 21.0, at=NOW_S), reading(3, 21.0, at=NOW_S))
    assert counts(post(other)) == counts(post(other)) == (0, 0, [2, 3])


@pytest.mark.parametrize(
    "body",
    [
        *(
            b"",
            b"{",
            b"[]",
            b"null",
            b"\xff\xfe",
            b'"x"',
            b"[" * 100_000,
            b'{"readings": 1}',
            b'{"readings": {}}',
            b"1" * 5_000,
        ),
        *(report(reading(1), boot=boot) for boot in (-1, 2**32, 1.0, "7", True)),
        report(reading(1), {"field": 1, "value": 2, "at": 3}),
        report(reading(1), reading(1)),
        report(reading(2), reading(1)),
        report(reading(-1)),
        report(reading(2**53)),
        report(reading(1.0)),
        report(reading("1", at=NOW_S)),
        report(7),
        report({"seq": 1, "field": 1, "value": 2}),
        report(reading(1, at=1, age=2)),
        report(reading(1, at="now")),
        report(reading(1, at=True)),
        report(reading(1, age=-1)),
        report(reading(1, at=None)),
        {"readings": [{"field": 1, "value": 2, "age": 3}]},
        {"readings": [{"seq": 1, "field": 1, "value": 2, "at": 3}]},
        b'{"boot": 1, "readings": [{"seq": 1, "field": 1, "value": NaN, "at": 3}]}',
        b'{"boot": 1, "readings": [{"seq": 1, "field": 1, "value": 1, "at": Infinity}]}',
    ],
)
def test_what_is_no_report_is_a_400_in_one_line_and_stores_nothing(post, body):
    response = post(body)
    assert response.status_code == 400, response.content
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert 0 < len(response.content) < 120
    assert b"\n" not in response.content
    assert stored() == []


def test_a_number_too_large_for_a_float_in_a_string_of_digits_costs_its_reading_only(post):
    body = b'{"boot": 1, "readings": [{"seq": 1, "field": 1, "value": 1e999, "at": %d}]}' % NOW_S
    assert post(body).json()["rejected"][0]["code"] == "value"


def test_1000_readings_are_taken_and_1001_or_256_kib_are_too_many(post):
    assert post(report(*(reading(n, at=NOW_S - n) for n in range(1_000)))).json()["stored"] == 1_000
    assert post(report(*(reading(n, at=NOW_S - n) for n in range(1_001)), boot=8)).status_code == 413
    padded = json.dumps(report(reading(1, at=NOW_S - 5_000), boot=9)).encode()
    assert post(padded + b" " * (256 * 1024 - len(padded))).status_code == 200
    refused = post(padded + b" " * (256 * 1024 - len(padded) + 1))
    assert (refused.status_code, refused["Content-Type"]) == (413, "text/plain; charset=utf-8")
    assert len(stored()) == 1_001


def test_an_empty_report_is_one(post):
    assert post(report()).json() == {"stored": 0, "duplicate": 0, "rejected": [], "ack": None, "time": mock.ANY}


@pytest.mark.parametrize(
    "header", ["", "Basic", "Basic !", "Basic AAAA", "Bearer x", "Basic " + "A" * 9_999, "Basic w7/Dvw==", "Basic //79"]
)
def test_without_the_key_of_a_station_it_is_refused(post, header):
    response = post(report(reading(1)), HTTP_AUTHORIZATION=header)
    assert response.status_code in (400, 403)
    assert stored() == []


def test_a_wrong_key_an_ended_one_and_an_inactive_station_are_told_apart_by_nobody(post):
    answers = [post(report(reading(1)), password="wrong")]
    Station.objects.update(active=False)
    answers.append(post(report(reading(1))))
    Station.objects.update(active=True)
    Key.objects.end()
    answers.append(post(report(reading(1))))
    assert {(each.status_code, each.content) for each in answers} == {(403, b"unknown station or key")}


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS"])
def test_every_method_but_post_is_refused(post, method):
    response = post(report(reading(1)), method=method)
    assert (response.status_code, response.content, response["Allow"]) == (405, b"use POST", "POST")


def test_the_server_tells_its_time_in_whole_seconds(post, clock):
    clock.side_effect = lambda: datetime.now(UTC)
    before = timezone.now().timestamp()
    told = post(report()).json()["time"]
    assert isinstance(told, int)
    assert before - 1 <= told <= timezone.now().timestamp() + 1


def test_a_pending_key_takes_over_with_what_it_stores_and_not_with_what_is_rejected(post, station, key):
    post(report(reading(1)))
    pending = Key.objects.issue(station)
    post(report(reading(2, field=9)), password=pending)
    assert post(report(reading(3))).status_code == 200
    assert post(report(reading(4)), password=pending).json()["stored"] == 1
    assert post(report(reading(5))).status_code == 403


def test_a_late_report_does_not_become_the_newest_and_the_station_was_heard(post, station):
    post(report(reading(1, 1.0, at=NOW_S - 10)))
    post(report(reading(2, 2.0, at=NOW_S - 9_999)))
    station.refresh_from_db()
    assert station.fields.get().newest_value == 1.0
    assert station.last_heard_at == NOW.replace(microsecond=250_000)


def test_a_database_that_cannot_take_it_is_a_503(post):
    with mock.patch("readings.ingest.group_commit.store_together", side_effect=OperationalError("disk I/O error")):
        refused = post(report(reading(1)))
    assert (refused.status_code, refused.content) == (503, b"the database cannot take it now")
    assert int(refused["Retry-After"]) > 0
    assert post(report(reading(1))).json()["stored"] == 1, "nothing was settled"


def test_a_clock_that_is_behind_stores_nothing(post, clock):
    post(report(reading(1)))
    clock.return_value = datetime(2001, 1, 1, tzinfo=UTC)
    assert post(report(reading(2))).status_code == 503
    assert len(stored()) == 1
