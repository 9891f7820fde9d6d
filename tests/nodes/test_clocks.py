"""Nodes whose clocks are apart: every report is dated by PostgreSQL's clock, and no node harms another's stations."""

import json
import time
from contextlib import ExitStack

import pytest

from readings.models import Reading
from readings.models.stored_ahead import StoredAhead
from stations.models import Field, Station
from tests.crash.client import Console
from tests.crash.registry import register, register_consoles
from tests.server import Server

CLOCKS_S = (0, 7, 301, -301)
SLACK_S = 5  # The clock that counts is this machine's, too.


@pytest.fixture(scope="module")
def nodes(django_db_setup, tmp_path_factory, request):
    """A node that is right, two that are ahead, and one that is behind."""
    with ExitStack() as stack:
        servers = []
        for ahead_s in CLOCKS_S:
            folder = tmp_path_factory.mktemp("node")
            server = Server(folder / "log", VAR_DIR=str(folder / "var"), AHEAD_S=str(ahead_s))
            server.command[-1] = "tests.nodes.ahead:application"
            servers.append(stack.enter_context(server))
        yield servers


def moments_s():
    return sorted(each.timestamp() for each in Reading.objects.values_list("measured_at", flat=True))


@pytest.mark.django_db(transaction=True)
def test_single_values_through_all_nodes_are_taken_and_dated_in_the_order_of_their_arrival(nodes):
    board, other = register(2, (3,))
    before_s, values = time.time(), []
    for turn in range(3):
        for number, node in enumerate(nodes):
            for each in (board, other):
                assert node.send(each.get(3, turn * 10 + number))[0] == 200
            values.append(turn * 10 + number)
    assert before_s - SLACK_S <= moments_s()[0] <= moments_s()[-1] <= time.time() + SLACK_S
    stored = Reading.objects.filter(station=board.station).order_by("measured_at").values_list("value", flat=True)
    assert list(stored) == values
    field = Field.objects.get(station=board.station, number=3)
    assert (field.newest_value, Station.objects.get(pk=board.station).last_heard_at) == (values[-1], field.newest_at)
    assert not StoredAhead.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_board_is_told_the_right_time_and_its_moments_are_judged_by_it(nodes):
    (board,) = register(1, ())
    for seq, node in enumerate(nodes, start=1):
        now_s = round(time.time())
        readings = [{"seq": seq, "field": 1, "value": seq, "at": now_s + seq}]
        status, _, body = node.send(board.post({"boot": 7, "readings": readings}))
        told = json.loads(body)
        assert (status, told["stored"], told["rejected"]) == (200, 1, []), told
        assert abs(told["time"] - now_s) <= SLACK_S
    late = {"boot": 7, "readings": [{"seq": 99, "field": 1, "value": 1, "at": round(time.time()) + 400}]}
    for node in nodes:
        assert json.loads(node.send(board.post(late))[2])["rejected"][0]["code"] == "clock"


@pytest.mark.django_db(transaction=True)
def test_a_device_without_a_clock_is_dated_rightly_too(nodes):
    (console,) = register_consoles(1)
    assert isinstance(console, Console)
    for number, node in enumerate(nodes):
        assert node.send(console.get("now", 50 + number))[0] == 200
    assert len(moments_s()) == len(nodes)
    assert all(abs(each - time.time()) <= SLACK_S + 10 for each in moments_s())
