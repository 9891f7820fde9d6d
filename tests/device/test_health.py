"""What a board says of itself in its reports: over resets, deep sleep, lost answers and weeks."""

import pytest

from readings.ingest.batch_json import parse_report
from tests.device.in_vm import play

pytestmark = pytest.mark.sqlite_only

WORDS = """
def said():
    members = [each.get("board") for each in server.reports]
    return [member and {name: member[name] for name in member if name != "heap"} for member in members]

"""


def test_a_start_is_told_until_a_report_with_it_was_taken(tmp_path):
    scene = """
        measure([1, 2])
        start(World.HARD_RESET)
        server.fail = "lost"
        measure([3])
        server.fail = 200
        deliver_all()
        measure([4])
        say(*said())
    """
    first, second, lost, again, later = play(tmp_path, WORDS, scene)
    assert first == {"start": 1, "up": 60, "reset": 0}
    assert second == {"start": 1, "up": 120}
    assert lost == {"start": 2, "up": 60, "reset": 6}
    assert again == {"start": 2, "up": again["up"], "reset": 6, "failed": 1}
    assert later == {"start": 2, "up": later["up"]}


def test_deep_sleep_is_no_start_and_what_waits_to_be_told_outlasts_it(tmp_path):
    scene = """
        server.fail = None
        measure([1])
        sleep(600)
        server.fail = 200
        deliver_all()
        sleep(600)
        measure([2])
        say(*said())
    """
    first, second = play(tmp_path, WORDS, scene)
    assert first == {"start": 1, "up": 660, "reset": 0, "failed": 1}
    assert second == {"start": 1, "up": 1320}


def test_a_reset_that_the_board_announced_is_a_start_all_the_same_and_counts_its_seconds_anew(tmp_path):
    scene = """
        measure([1])
        board.clock.save(board.identity, 1)
        start(World.SOFT_RESET)
        measure([2])
        say(board.identity.run, board.clock.up_s(), *said())
    """
    run, up_s, _, member = play(tmp_path, WORDS, scene)
    assert (run, up_s) == (1, 121)
    assert member == {"start": 2, "up": 60, "reset": 4}


def test_a_board_without_power_begins_to_count_its_starts_again(tmp_path):
    scene = """
        measure([1])
        start(World.WDT_RESET)
        measure([2])
        start(World.PWRON_RESET)
        measure([3])
        say(len({report["boot"] for report in server.reports}), *said())
    """
    boots, *members = play(tmp_path, WORDS, scene)
    assert boots == 2
    assert [(each["start"], each["reset"]) for each in members] == [(1, 0), (2, 1), (1, 0)]


def test_seconds_are_counted_over_the_wrap_of_ticks(tmp_path):
    days = "measure(range(4), every_s=5 * 86_400)\nsay([each['up'] for each in said()])"
    assert play(tmp_path, WORDS, days) == [5 * 86_400 * day for day in (1, 2, 3, 4)]


def test_reports_in_vain_are_counted_over_resets_up_to_the_one_that_is_taken(tmp_path):
    scene = """
        measure([1])
        for fail in (None, "lost", 503, 500):
            server.fail = fail
            measure([2])
            world.seconds += 4_000
        start(World.WDT_RESET)
        measure([3])
        server.fail = 200
        deliver_all()
        measure([4])
        say(*[member.get("failed", 0) for member in said()])
    """
    told = play(tmp_path, WORDS, scene)
    assert told[:4] == [0, 1, 2, 3], "the one without a network reached nobody"
    assert told[4:6] == [4, 5]
    assert told[-1] == 0


def test_signal_and_voltage_are_told_where_there_are_any(tmp_path):
    scene = """
        measure([1])
        board.reporter.health.signal = lambda: -67
        board.reporter.health.more = ',"voltage":3.281'
        measure([2])
        board.reporter.health.signal = lambda: None
        measure([3])
        say(*said())
    """
    first, second, third = play(tmp_path, WORDS, scene)
    assert {"rssi", "voltage"}.isdisjoint(first)
    assert (second["rssi"], second["voltage"]) == (-67, 3.281)
    assert ("rssi" in third, third["voltage"]) == (False, 3.281)


def test_readings_that_go_one_by_one_go_without_it_and_it_is_told_later(tmp_path):
    scene = """
        server.fail = 400
        measure([1, 2], every_s=0)
        server.fail = 200
        deliver_all()
        measure([3])
        say(*said())
    """
    refused, alone, again, later = play(tmp_path, WORDS, scene)
    assert (refused["reset"], alone, again["reset"], again["failed"]) == (0, None, 0, 2)
    assert later == {"start": 1, "up": 60}


def test_freetemp_understands_it(tmp_path):
    scene = """
        board.reporter.health.signal = lambda: -100
        board.reporter.health.more = ',"voltage":1.800'
        bodies = []
        board.reporter._post = lambda body: bodies.append(life.whole(body)) or (500, None, b"")
        measure([1])
        world.seconds += 100
        measure([2])
        say(*bodies)
    """
    first, second = (parse_report(body.encode()) for body in play(tmp_path, scene))
    assert (first.left_out, second.left_out) == ((), ())
    heap = first.board.heap
    assert 0 < heap < 4_000_000
    assert first.board == (1, 0, 60, -100, 1.8, heap, None)
    assert second.board.failed == 1
