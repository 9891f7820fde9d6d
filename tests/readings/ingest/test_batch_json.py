"""The limits of a valid report of many readings, number by number."""

import json
import random
from math import isnan

import pytest

from readings.ingest import batch_json
from readings.ingest.batch_json import FAR_MS, Body, parse_report
from readings.ingest.reports import NO_SEQ, Columns, NoReportError, Rejection, Sample, TooLargeError, TooOftenError

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
    alone = parse({"readings": [{"field": 1, "value": 2, "at": 1}], "trouble": "no board tells it"})
    assert alone._replace(samples=list(alone.samples)) == Body(None, [Sample(NO_SEQ, 1, 2.0, 1_000, False)], "")
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


def test_an_ordinary_report_becomes_columns_which_are_its_samples():
    rows = [{"seq": seq, "field": 1 + seq % 3, "value": seq / 7, "at": 1_577_836_800 + seq} for seq in range(500)]
    for told in (rows, [{"seq": row["seq"], "field": 1, "value": 1, "age": 5.5} for row in rows]):
        samples = parse({"boot": 7, "readings": told, "firmware": "1.0"}).samples
        assert isinstance(samples, Columns)
        assert list(samples) == batch_json._any(json.dumps({"boot": 7, "readings": told}).encode()).samples
        assert (samples[-1], samples[:2], len(samples)) == (list(samples)[-1], list(samples)[:2], 500)


ODD_NUMBERS = (
    "-0 -0.0 0 1.0 1.5 -1 1e2 1e400 01 1. true null [] {} NaN 255 256 4294967296 9007199254740992 9007199254740993 "
    f'"1" {"9" * 30} 1{"0" * 300} 1e300 1.0000001e300 1577836800.0005 9007199254740.5 5e-324 18446744073709551616'
).split()
ODD_MEMBERS = [f'"{name}"' for name in ("seq", "field", "value", "at", "age", "boot", "trouble", "s\\u0065q", "x", "é")]
ODD_TEXTS = ['"ok"', '"a\\tb"', '"a\tb"', '"\\ud800"', '"é"', f'"{"x" * 200}"', '"\x01"', *ODD_NUMBERS]


def odd_body(draw):
    """Return a report that is ordinary, or has a few things in it that are not."""
    odd = draw.choice([0, 0.02, 0.1])

    def one_of(common, *others):
        return draw.choice(others) if draw.random() < odd else common

    def reading(seq, moment):
        number = repr(draw.choice([draw.randrange(10**9), draw.gauss(15, 8), draw.random() * 10 ** draw.randrange(14)]))
        members = [('"seq"', one_of(str(seq), *ODD_NUMBERS)), ('"field"', one_of("1", *ODD_NUMBERS))]
        members += [('"value"', one_of(number, *ODD_NUMBERS)), (moment, one_of(number, *ODD_NUMBERS))]
        members = members if is_counted else members[1:]
        members += [one_of((), (draw.choice(ODD_MEMBERS), draw.choice(ODD_NUMBERS)))]
        return ", ".join(f"{each[0]}: {each[1]}" for each in members if each and one_of(1, 0))

    is_counted, moment = draw.random() < 0.8, draw.choice(['"at"', '"age"'])
    readings = [f"{{{reading(seq, one_of(moment, *ODD_MEMBERS))}}}" for seq in range(draw.randrange(5))]
    members = [
        f'"readings": [{", ".join(readings)}]',
        *([f'"boot": {one_of("7", *ODD_NUMBERS)}'] if is_counted else []),
    ]
    members += [f"{draw.choice(ODD_MEMBERS)}: {draw.choice(ODD_TEXTS)}"] if draw.random() < odd else []
    body = f"{{{', '.join(members)}}}"
    if one_of(0, 1):
        at = draw.randrange(len(body))
        body = body[:at] + draw.choice(['"', "}", ",", "\x00", "\ufeff", "\v", "\xa0"]) + body[at + 1 :]
    return body.encode(errors="surrogatepass")


def test_what_is_parsed_at_once_is_what_would_be_parsed_reading_by_reading():
    draw, at_once = random.Random(14), 0
    for _ in range(5_000):
        body = odd_body(draw)
        found = batch_json._ordinary(body)
        if found is not None:
            right = batch_json._any(body)
            assert found._replace(samples=right.samples) == right, body
            assert repr(list(found.samples)) == repr(right.samples), body
            at_once += 1
    assert at_once > 1_000
