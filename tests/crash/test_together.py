"""Reports that arrive at the same moment at two workers of the real server."""

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

import pytest

from freetemp.fields import to_millis
from readings.models import Day, Quarter, Reading
from stations.models import Field, Key, Station
from tests.crash.client import Board, Client, Counting
from tests.programs import PATIENCE_S

MAC = "02:00:00:00:00:01"
TIMES = 60
AT_ONCE = 8
FIELDS = range(2, 6)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def board():
    station = Station.objects.create(name="Garden", mac=MAC, interval_s=1)
    station.fields.update(smallest=None, largest=None)
    Field.objects.bulk_create(Field(station=station, number=number, name=str(number)) for number in FIELDS)
    return Board(station.pk, MAC, Key.objects.issue(station))


@pytest.fixture
def at_once():
    """Call functions at the same moment, each in a thread of its own, and return their results."""
    with ThreadPoolExecutor(AT_ONCE) as pool:

        def run(things: Iterable[Callable[[], object]]):
            things = list(things)
            barrier = threading.Barrier(len(things))
            return list(pool.map(lambda thing: (barrier.wait(timeout=PATIENCE_S), thing())[1], things))

        yield run


@pytest.mark.parametrize("has_clock", [True, False], ids=["at", "age"])
def test_the_same_report_at_the_same_moment_is_stored_once(server, board, at_once, has_clock):
    client = Client(1, server.port, [board], [], seed=1)
    moment = "at" if has_clock else "age"
    for boot in range(TIMES):
        time_s = client.began_at + 20 * boot if has_clock else 1_000_000 - 20 * boot
        body = {"boot": boot, "readings": [{"seq": 1, "field": 1, "value": boot, moment: time_s}]}
        request = client.post(board, body)
        answers = at_once([lambda request=request: client.exchange(request)] * 4)
        assert [status for status, _ in answers] == [200] * 4, answers
        assert sorted(body.count(b'"stored":1') for _, body in answers) == [0, 0, 0, 1], answers
    assert sorted(Reading.objects.values_list("value", flat=True)) == list(range(TIMES))
    assert sum(Quarter.objects.values_list("count", flat=True)) == TIMES
    assert sum(Day.objects.values_list("count", flat=True)) == TIMES


def test_reports_that_overlap_at_the_same_moment_are_stored_once(server, board, at_once):
    """A board that has lost an answer sends more the next time, while the first report is still under way."""
    client = Client(1, server.port, [board], [], seed=1)
    for boot in range(TIMES):
        counting = Counting(board.station, boot, [client.measured() for _ in range(8)])
        requests = [client.report_of(board, counting, end) for end in (2, 5, 8)]
        answers = at_once([lambda request=request: client.exchange(request) for request in requests])
        assert [status for status, _ in answers] == [200] * 3, answers
    values = list(Reading.objects.values_list("value", flat=True))
    assert len(values) == len(set(values)) == 8 * TIMES


def test_values_of_one_field_in_the_same_millisecond_are_all_kept(server, board, at_once):
    client = Client(1, server.port, [], [board], seed=1)
    sent = []
    for number in FIELDS:
        for _ in range(100 // AT_ONCE):
            values = [next(client.values) for _ in range(AT_ONCE)]
            requests = [client.get(board, number, value) for value in values]
            answers = at_once([lambda request=request: client.exchange(request) for request in requests])
            assert answers == [(200, b"OK")] * AT_ONCE
            sent += values
    stored = Reading.objects.values_list("field", "measured_at", "value")
    assert sorted(value for _, _, value in stored) == sent
    assert len({(number, to_millis(at)) for number, at, _ in stored}) == len(sent)
    assert sum(Quarter.objects.values_list("count", flat=True)) == len(sent)
