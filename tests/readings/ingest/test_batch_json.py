"""The limits of a valid report of many readings, number by number."""

import json
from math import isnan

import pytest

from readings.ingest.batch_json import FAR_MS, Body, parse_report
from readings.ingest.reports import NO_SEQ, NoReportError, Rejection, Sample, TooLargeError, TooOftenError

pytestmark = pytest.mark.sqlite_only


def parse(body):
    return parse_report(json.dumps(body).encode())


def reading(**besides):
    return {"seq": 1, "field": 1, "value": 2.5, "at": 3} | besides


def sample(**besides):
    (only,) = parse({"boot": 7, "readings": [reading(**besides)]}).samples
    return only


def test_a_report_is_what_it_says():
    told = {
        "boot": 7,
        "readings": [reading(seq=0), {"seq": 5, "field": 2, "value": 1, "age": 0.5}],
        "trouble": " a\tb ",
    }
    assert parse(told) == Body(7, [Sample(0, 1, 2.5, 3_000, False), Sample(5, 2, 1.0, 500, True)], "a b")
    alone = {"readings": [{"field": 1, "value": 2, "at": 1}], "trouble": "no board tells it"}
    assert parse(alone) == Body(None, [Sample(NO_SEQ, 1, 2.0, 1_000, False)], "")
    assert parse({"boot": None, "readings": []}) == Body(None, [], "")


@pytest.mark.parametrize("boot", [0, 2**32 - 1])
def test_the_smallest_and_the_largest_boot(boot):
    assert parse({"boot": boot, "readings": []}).boot == boot


@pytest.mark.parametrize("seq", [0, 2**53 - 1])
def test_the_smallest_and_the_largest_seq(seq):
    assert sample(seq=seq).seq == seq


@pytest.mark.parametrize("value", [1e300, -1e300, 0, -0.0, 10**300])
def test_the_largest_values_are_numbers(value):
    assert sample(value=value).value == float(value)


@pytest.mark.parametrize("value", [1.0000001e300, -1.0000001e300, 10**301, -(10**301), True, "1", None, [1], {}])
def test_what_is_larger_or_no_number_is_nan(value):
    assert isnan(sample(value=value).value)


def test_a_reading_without_a_field_or_a_value_is_of_none():
    (only,) = parse({"boot": 7, "readings": [{"seq": 1, "at": 3}]}).samples
    assert (only.field, isnan(only.value)) == (0, True)
    assert [sample(field=field).field for field in (0, -1, 255, 256, True, 1.0, "1", None)] == [
        0,
        -1,
        255,
        256,
        0,
        0,
        0,
        0,
    ]


@pytest.mark.parametrize(
    ("told", "time_ms"),
    [
        ({"at": 0}, 0),
        ({"at": -1.5}, -1_500),
        ({"at": 1.0004}, 1_000),
        ({"at": 1.0006}, 1_001),
        ({"at": 1e300}, FAR_MS),
        ({"at": -1e300}, -FAR_MS),
        ({"at": FAR_MS / 1000 - 1}, FAR_MS - 1_000),
    ],
)
def test_a_moment_is_rounded_to_the_millisecond_and_no_farther_than_numbers_are_exact(told, time_ms):
    assert sample(**told).time_ms == time_ms
    if time_ms >= 0:
        (aged,) = parse({"boot": 7, "readings": [{"seq": 1, "field": 1, "value": 1, "age": told["at"]}]}).samples
        assert (aged.time_ms, aged.is_age) == (time_ms, True)


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"boot": -1, "readings": []}, "boot: a whole number of 32 bits"),
        ({"boot": 2**32, "readings": []}, "boot: a whole number of 32 bits"),
        ({"boot": True, "readings": []}, "boot: a whole number of 32 bits"),
        ({"boot": 7, "readings": [reading(seq=-1)]}, "seq: a whole number above"),
        ({"boot": 7, "readings": [reading(seq=2**53)]}, "seq: a whole number above"),
        ({"boot": 7, "readings": [reading(), reading()]}, "seq: a whole number above"),
        ({"boot": 7, "readings": [7]}, "seq: a whole number above"),
        ({"boot": 7, "readings": [reading(age=1)]}, "at or age: exactly one"),
        ({"boot": 7, "readings": [{"seq": 1}]}, "at or age: exactly one"),
        ({"boot": 7, "readings": [reading(at=None)]}, "at: a number of seconds"),
        ({"boot": 7, "readings": [{"seq": 1, "age": -0.001}]}, "age: a number of seconds"),
        ({"boot": 7, "readings": [{"seq": 1, "age": "1"}]}, "age: a number of seconds"),
        ({"readings": [{"at": 1, "age": 1}]}, "at or age: exactly one"),
        ({"readings": [{"age": 1}]}, "boot: expected beside seq and age"),
        ({"readings": [{"at": 1, "seq": 1}]}, "boot: expected beside seq and age"),
        ({"readings": [7]}, "boot: expected beside seq and age"),
        ({"boot": 7, "readings": [], "trouble": 5}, "trouble: text expected"),
        ({"boot": 7}, "readings: expected"),
        ([], "readings: expected"),
    ],
)
def test_what_is_wrong_is_named(body, sentence):
    with pytest.raises(NoReportError, match=sentence):
        parse(body)


def test_a_report_is_at_most_so_large():
    whole = json.dumps({"readings": [{"at": 1}] * 1_000}).encode()
    assert len(parse_report(whole + b" " * (256 * 1024 - len(whole))).samples) == 1_000
    with pytest.raises(TooLargeError, match="256 KiB"):
        parse_report(whole + b" " * (256 * 1024 - len(whole) + 1))
    with pytest.raises(TooLargeError, match="1000 readings"):
        parse({"readings": [{"at": 1}] * 1_001})


def test_a_rejection_tells_no_seq_where_there_is_none():
    assert Rejection(NO_SEQ, "old", "long ago").as_json() == {"seq": None, "code": "old", "reason": "long ago"}
    assert Rejection(0, "old", "long ago").as_json()["seq"] == 0


@pytest.mark.parametrize(("wait_ms", "wait_s"), [(1, 1), (999, 1), (1_000, 1), (1_001, 2)])
def test_a_wait_is_told_in_whole_seconds_that_are_enough(wait_ms, wait_s):
    error = TooOftenError(wait_ms)
    assert (error.retry_after_s, str(error)) == (wait_s, f"too often: wait {wait_s} s")
