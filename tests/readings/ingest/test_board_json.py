"""What a report says of its board never costs a reading, whatever it is."""

import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from readings.ingest import batch_json
from readings.ingest.batch_json import parse_report
from readings.ingest.board_json import LIMITS
from readings.ingest.reports import NoReportError, Sample
from readings.models.board_state import Told

pytestmark = pytest.mark.sqlite_only

READING = '{"seq": 1, "field": 1, "value": 2.5, "at": 3}'
NAMES = sorted(LIMITS)
KNOWN_LIMITS = {
    "start": (0, 2**31 - 1),
    "reset": (0, 6),
    "up": (0, 2**31 - 1),
    "rssi": (-127, -1),
    "voltage": (0, 100),
    "heap": (0, 2**31 - 1),
    "failed": (0, 2**31 - 1),
}
COLUMNS = dict(
    zip(("start", "reset", "up", "rssi", "voltage", "heap", "failed"), Told._fields, strict=True)
)  # by the names on the wire


def parse(board, before=""):
    return parse_report(f'{{{before}"boot": 7, "readings": [{READING}], "board": {board}}}'.encode())


LONG = "a number of more digits than Python prints"
numbers = st.floats() | st.integers() | st.integers(-130, 130) | st.sampled_from([10**400, LONG, 0.5, -0.0])
odd = st.recursive(
    st.none() | st.booleans() | numbers | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=6,
)
members = st.dictionaries(st.sampled_from(NAMES) | st.text(), numbers | odd)


def dumped(value):
    """Return JSON with NaN and numbers of any length, as boards may write them."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(name)}: {dumped(each)}" for name, each in value.items()) + "}"
    if isinstance(value, list):
        return f"[{', '.join(map(dumped, value))}]"
    return "1" + "0" * 5000 if value == LONG else json.dumps(value)


def is_right(name, value):
    least, most = KNOWN_LIMITS[name]
    return type(value) in (int, float) and least <= value <= most


@settings(max_examples=60, deadline=None)
@given(members | odd)
@example({"rssi": float("nan"), "up": [float("inf"), {"x": float("-inf")}]})
@example({"voltage": True, "rssi": -128, "heap": -1, "reset": 7, "start": 2**31})
def test_what_is_right_is_kept_what_is_wrong_is_left_out_and_the_reading_stays(board):
    body = parse(dumped(board))
    assert body.samples[0] == Sample(1, 1, 2.5, 3_000, False)
    if not isinstance(board, dict):
        assert body.board is None
        assert [each.name for each in body.left_out] == ([] if board is None else ["board"])
        return
    told = {name: board[name] for name in NAMES if board.get(name) is not None}
    right = {name: value for name, value in told.items() if is_right(name, value)}
    assert {each.name for each in body.left_out} == told.keys() - right.keys()
    for name, column in COLUMNS.items():
        value = right.get(name, 0 if name == "start" else None)
        is_whole = name != "voltage" and value is not None
        assert getattr(body.board, column) == (round(value) if is_whole else value)


@settings(max_examples=50, deadline=None)
@given(st.fixed_dictionaries({}, optional={name: st.floats(*limits) for name, limits in KNOWN_LIMITS.items()}))
def test_what_is_parsed_at_once_is_what_would_be_parsed_part_by_part(board):
    body = f'{{"boot": 7, "readings": [{READING}], "board": {json.dumps(board)}}}'.encode()
    at_once, by_part = batch_json._ordinary(body), batch_json._any(body)
    assert (at_once.board, at_once.left_out) == (by_part.board, by_part.left_out)
    assert [type(each) for each in at_once.board] == [type(each) for each in by_part.board]


@pytest.mark.parametrize("wrong", ["NaN", "Infinity", "-Infinity", "1" + "0" * 5000])
def test_what_is_no_json_elsewhere_is_refused_as_ever(wrong):
    for before in (f'"trouble": {wrong}, ', f'"board": {wrong}, '):
        with pytest.raises(NoReportError, match="JSON expected"):
            parse('{"up": 1}', before)
    assert parse('{"up": 1}', '"trouble": "x", ').board.up_s == 1


def test_a_part_that_is_left_out_is_named_with_its_limits():
    (left_out,) = parse('{"rssi": 31, "up": 5, "of_tomorrow": "x"}').left_out
    assert left_out == ("rssi", "31", "a number from -127 to -1 expected")
    assert [each.told for each in parse('{"rssi": [1], "up": {}, "heap": "yes"}').left_out] == ["dict", "list", "yes"]


def test_a_report_without_a_boot_says_nothing_of_its_board():
    body = parse_report(b'{"readings": [{"field": 1, "value": 2, "at": 1}], "board": {"up": 5}}')
    assert (body.board, body.left_out) == (None, ())


def test_a_report_too_deep_to_be_read_is_refused_and_nothing_worse():
    with pytest.raises(NoReportError, match="JSON expected"):
        parse('{"x": ' + "[" * 100_000 + "]" * 100_000 + "}")


@pytest.mark.parametrize("deep", [1_200, 3_000])
def test_what_a_later_python_reads_and_cannot_walk_through_is_refused_too(deep):
    with pytest.raises(NoReportError, match="JSON expected"):
        parse('{"x": ' + "[" * deep + "NaN" + "]" * deep + "}")
