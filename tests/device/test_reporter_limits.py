"""The reporter at its limits: how long it waits, how much it sends at once, which times it believes, what it drops."""

import pytest

from tests.device.in_vm import play

pytestmark = pytest.mark.sqlite_only


def test_the_readings_of_one_moment_are_delivered_without_the_flash_up_to_eight_of_them(tmp_path):
    scene = """
        writes = []
        for count in (3, 8, 9):
            before = flash.writes
            for field in range(1, count + 1):
                board.reporter.add(field, field)
            done = deliver_all()
            writes.append(flash.writes > before)
        say(writes, done, sizes(), values(), server.wrong)
    """
    writes, done, sizes, values, wrong = play(tmp_path, scene)
    assert (writes, done, wrong) == ([False, False, True], True, [])
    assert sizes == [3, 8, 9]
    assert values == [*range(1, 4), *range(1, 9), *range(1, 10)]


@pytest.mark.parametrize(("interval_s", "first_s"), [(1, 1), (2, 1), (10, 5), (60, 30), (86400, 30)])
def test_the_first_wait_is_half_an_interval_but_no_more_than_half_a_minute(tmp_path, interval_s, first_s):
    """A quarter more or less, and a second at least."""
    scene = f"""
        life.CONFIG["interval_s"] = {interval_s}
        asked = []
        server.fail = 500
        for _ in range(40):
            blank()
            start()
            asked.append(measure([1]))
        say(min(asked), max(asked))
    """
    least, most = play(tmp_path, scene)
    assert first_s * 3 // 4 <= least <= most <= -(-first_s * 5 // 4)
    assert (least < first_s < most) == (first_s >= 5)


def test_which_answers_are_waited_for_an_hour_and_which_ten_minutes(tmp_path):
    """What a person has to mend takes an hour; what passes by itself, ten minutes: and a quarter more at most."""
    hour, minutes = (300, 308, 399, 401, 403), (299, 402, 404, 413, 500, 503, None)
    scene = f"""
        longest = []
        for server.fail in {hour + minutes}:
            blank()
            start()
            measure([1])
            longest.append(max(waits(12)))
        say(longest)
    """
    longest = play(tmp_path, scene)
    assert 2700 <= min(longest[:5]) <= max(longest[:5]) <= 3600
    assert 450 <= min(longest[5:]) <= max(longest[5:]) <= 750


def test_it_tries_again_at_the_very_second_that_was_asked_for_and_not_before(tmp_path):
    scene = """
        server.fail, server.retry_after_s = 503, 100
        measure([1])
        sent = []
        for seconds in (99, 1, 1, 98, 1):
            world.seconds += seconds
            board.reporter.deliver()
            sent.append(len(server.reports))
        say(sent)
    """
    assert play(tmp_path, scene) == [1, 2, 2, 2, 3]


def test_a_success_makes_the_next_wait_short_again(tmp_path):
    scene = """
        server.fail = 500
        measure([1])
        longest = max(waits(8))
        server.fail = 200
        deliver_all()
        server.fail = 500
        say(longest, measure([2]))
    """
    longest, wait_s = play(tmp_path, scene)
    assert longest > 400
    assert wait_s <= 38


def test_after_a_failure_that_was_no_refusal_reports_are_small_again(tmp_path):
    scene = """
        server.fail = None
        measure(range(100))
        server.fail = 200
        world.seconds += 900
        for _ in range(2):
            board.reporter.deliver()
        server.fail = 500
        board.reporter.deliver()
        server.fail = 200
        deliver_all()
        say(sizes()[:6], values() == list(range(100)))
    """
    assert play(tmp_path, scene) == [[8, 16, 25, 8, 16, 25], True]


def test_a_failure_makes_no_report_larger_that_was_too_large(tmp_path):
    scene = """
        server.fail = None
        measure(range(30))
        world.seconds += 900
        for server.fail in (413, 413, 500, 500, 200, 200, 200, 200):
            board.reporter.deliver()
            world.seconds += 900
        say(sizes(), values() == list(range(30)))
    """
    assert play(tmp_path, scene) == [[8, 4, 2, 2, 2, 4, 8, 16], True]


def test_reports_are_small_again_where_readings_are_rejected_for_their_time(tmp_path):
    """An answer that rejects each of more than eight does not fit into the 1 KiB that arrives."""
    scene = """
        measure([-1])
        board.clock.set(server.now() + 86400)
        server.rejects = lambda reading, now: "clock" if reading.get("at", 0) > now + 300 else None
        server.fail = None
        measure(range(40))
        server.fail = 200
        say(deliver_all(), sizes(), sorted(values()) == list(range(-1, 40)), server.wrong)
    """
    assert play(tmp_path, scene) == [True, [1, 8, 8, 16, 16], True, []]


def test_an_undated_reading_that_is_rejected_for_its_time_is_lost_and_not_sent_for_ever(tmp_path):
    scene = """
        server.rejects = lambda reading, now: "clock"
        wait_s = measure([5])
        say(wait_s, deliver_all(), values(), board.reporter._news(), sizes())
    """
    assert play(tmp_path, scene) == [0, True, [], "1 refused", [1, 0]]


def test_a_time_before_2020_or_beyond_32_bits_or_that_is_no_number_sets_no_clock(tmp_path):
    scene = """
        import json
        taken = []
        for given in (1_600_000_000, 2**32 - 1, 1_599_999_999, 2**32, 0, -1, True, 1.7e9, "1700000000", None, [1]):
            start()
            server.answer = json.dumps({"ack": 1, "time": given}).encode()
            measure([1])
            taken.append(board.clock.now() is not None)
        say(taken)
    """
    assert play(tmp_path, scene) == [True, True, *[False] * 9]


def test_what_nobody_can_date_is_counted_to_the_record_and_readings_between_them_arrive(tmp_path):
    scene = """
        server.fail = None
        measure(range(103))
        start(World.SOFT_RESET)
        server.fail = 200
        alone = deliver_all(), board.reporter._news(), sizes()
        server.fail = None
        start()
        measure(range(5))
        start(World.SOFT_RESET)
        board.clock.set(server.now())
        measure(range(10, 15))
        start(World.SOFT_RESET)
        measure(range(20, 25))
        server.fail = 200
        say(*alone, deliver_all(), values(), board.reporter._news(), len(board.outbox), server.wrong)
    """
    done, news, sent, again, values, both, left, wrong = play(tmp_path, scene)
    assert (done, news, sent) == (True, "103 without a date", [0])
    assert (again, values, left, wrong) == (True, [10, 11, 12, 13, 14, 20, 21, 22, 23, 24], 0, [])
    assert both == "5 without a date"


REFUSING = """
    import json
    take = server.post
    def post(body):
        readings = json.loads(life.whole(body))["readings"]
        server.fail = 400 if refused & set(each["seq"] for each in readings) else 200
        return take(body)
    def attempts(count):
        asked = []
        for _ in range(count):
            asked.append(board.reporter.deliver())
            if asked[-1] is None:
                break
            world.seconds += asked[-1]
        return asked
"""


@pytest.mark.parametrize(
    ("refused", "count", "waited"), [({2, 4, 6}, 6, 0), ({2, 3}, 6, 1), ({2, 3, 4}, 6, 2), ({1}, 1, 0)]
)
def test_it_waits_only_where_one_reading_after_another_is_refused(tmp_path, refused, count, waited):
    """One is that reading's fault; two in a row may be the server's."""
    scene = f"""
        refused, number = {refused}, {count}
        server.fail = None
        measure(range(1, number + 1))
        world.seconds += 900
        board.reporter._post = post
        asked = attempts(30)
        say(asked, values(), board.reporter._news(), len(board.outbox))
    """
    asked, values, news, left = play(tmp_path, REFUSING, scene)
    assert sum(1 for wait_s in asked if wait_s) == waited
    assert values == [each for each in range(1, count + 1) if each not in refused]
    assert (news, left, asked[-1]) == (f"{len(refused)} refused", 0, None)


def test_a_reading_from_ram_that_is_refused_is_dropped_from_there(tmp_path):
    scene = """
        refused = {2, 4}
        board.reporter._post = post
        for value in range(1, 6):
            world.seconds += 60
            board.reporter.add(1, value)
        say(attempts(30)[-1], values(), board.reporter._news(), len(board.outbox))
    """
    assert play(tmp_path, REFUSING, scene) == [None, [1, 3, 5], "2 refused", 0]


def test_after_those_that_were_sent_alone_reports_are_whole_again(tmp_path):
    scene = """
        refused = {3}
        server.fail = None
        measure(range(1, 41))
        world.seconds += 900
        board.reporter._post = post
        attempts(60)
        say(sizes(), values() == [each for each in range(1, 41) if each != 3])
    """
    assert play(tmp_path, REFUSING, scene) == [[8, *[1] * 8, 25, 7], True]
