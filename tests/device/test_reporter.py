"""The reporter's handling of readings on their way, and of each kind of answer."""

import json

import pytest

from readings.ingest.batch_json import parse_report
from tests.device.in_vm import play

pytestmark = pytest.mark.sqlite_only

NOBODYS_ANSWERS = [b"<html>welcome to our hotel", b"", b"\xff\xfe", b"[]", b"42", b'{"ack": null}', b'{"ack": "1"}']
NOBODYS_ANSWERS += [b'{"ack": 7}', b'{"ack": 1.0}', b'{"ack": true}', b'{"stored": 1}', b'{"ack": 1', b"[" * 1024]


def test_a_reading_that_is_delivered_at_once_never_touches_the_flash(tmp_path):
    scene = """
        before = flash.writes
        wait_s = measure([21437, -500, 0, -21437])
        say(wait_s, values(), sizes(), flash.writes - before)
    """
    assert play(tmp_path, scene) == [None, [21437, -500, 0, -21437], [1, 1, 1, 1], 0]


def test_values_are_told_to_the_thousandth_without_the_boards_floats(tmp_path):
    scene = """
        from report import decimal
        say([decimal(value) for value in (0, 1, -1, 999, -999, 1000, -1001, 1013250, -40000, 2**31 - 1)])
    """
    shown = ["0.000", "0.001", "-0.001", "0.999", "-0.999", "1.000", "-1.001", "1013.250", "-40.000", "2147483.647"]
    assert play(tmp_path, scene) == shown


def test_freetemp_itself_understands_a_report(tmp_path):
    scene = """
        take, bodies = server.post, []
        def post(body):
            bodies.append(life.whole(body))
            return take(body)
        board.reporter._post = post
        board.reporter.add(2, -437)
        world.seconds += 3
        board.reporter.deliver()
        board.reporter.trouble = "dht22: wrong checksum"
        board.reporter.add(255, 1013250)
        board.reporter.deliver()
        world.seconds += 700
        board.reporter.deliver()
        say(board.identity.boot, *bodies)
    """
    boot, *bodies = play(tmp_path, scene)
    reports = [parse_report(body.encode()) for body in bodies]
    aged, dated, alone = ((report.boot, list(report.samples), report.trouble, report.firmware) for report in reports)
    assert aged == (boot, [(1, 2, -0.437, 3000, True)], "", "1.2.3")
    assert dated == (boot, [(2, 255, 1013.25, 1_795_334_403_000, False)], "dht22: wrong checksum", "1.2.3")
    assert alone == (boot, [], "dht22: wrong checksum", "1.2.3")


@pytest.mark.parametrize("answer", NOBODYS_ANSWERS)
def test_a_200_without_a_whole_ack_is_no_receipt(tmp_path, answer):
    scene = f"""
        server.answer = {answer!r}
        wait_s = measure([1])
        kept, server.answer = len(board.outbox), None
        say(wait_s > 0, kept, deliver_all(), values())
    """
    assert play(tmp_path, scene) == [True, 1, True, [1]]


@pytest.mark.parametrize("answer", [b'{"ack": 1}', b'{"ack": 1, "time": "noon", "rejected": [7, {}]}'])
def test_an_ack_counts_whatever_else_is_missing(tmp_path, answer):
    assert play(tmp_path, f"server.answer = {answer!r}\nsay(measure([1]), board.clock.now())") == [None, None]


@pytest.mark.parametrize("fail", [None, 500, 502, 404, 418, "lost", 401, 403, 301, 302, 307, 503, 429])
def test_after_a_failure_everything_arrives_later_in_order_and_once(tmp_path, fail):
    scene = f"""
        server.fail = {fail!r}
        measure(range(130))
        waiting, server.fail = len(board.outbox), 200
        say(deliver_all(), values() == list(range(130)), waiting, moments()[-1] - moments()[0], server.wrong)
    """
    done, in_order, waiting, span, wrong = play(tmp_path, scene)
    assert (done, in_order, span, wrong) == (True, True, 129 * 60, [])
    assert waiting == 130


def test_a_server_that_moves_between_all_kinds_of_failure_gets_each_reading_once(tmp_path):
    scene = """
        for turn in range(300):
            server.fail = (200, None, "lost", 500, 503, 403, 413, 302, "lost")[turn * 7 % 9]
            measure([turn])
            world.seconds += 3600 * (turn % 5 == 0)
        server.fail = 200
        say(deliver_all(), values() == list(range(300)), server.wrong)
    """
    assert play(tmp_path, scene) == [True, True, []]


@pytest.mark.parametrize(("fail", "longest"), [(401, 3600), (403, 3600), (302, 3600), (500, 750), (None, 750)])
def test_waits_double_up_to_a_limit(tmp_path, fail, longest):
    scene = f"""
        server.fail = {fail!r}
        measure([1])
        say(waits(14))
    """
    asked = play(tmp_path, scene)
    assert 22 <= asked[0] <= 38
    assert asked[0] < asked[2] < asked[4]
    assert longest * 0.6 <= min(asked[-4:])
    assert max(asked) <= longest


def test_two_boards_do_not_come_back_at_one_instant(tmp_path):
    scene = "server.fail = 500\nmeasure([1])\nsay(waits(10))"
    assert play(tmp_path, scene) != play(tmp_path, scene)


@pytest.mark.parametrize("fail", [429, 503])
@pytest.mark.parametrize(("retry_after_s", "asked_s"), [(7, 7), (0, 1), (1800, 1800), (86400, 3600)])
def test_retry_after_is_obeyed_up_to_an_hour(tmp_path, fail, retry_after_s, asked_s):
    scene = f"""
        server.fail, server.retry_after_s = {fail}, {retry_after_s}
        say(measure([1]), board.reporter.deliver(), len(server.reports))
    """
    assert play(tmp_path, scene) == [asked_s, asked_s, 1]


def test_calling_early_sends_nothing_and_keeps_new_readings_on_flash(tmp_path):
    scene = """
        server.fail, server.retry_after_s = 503, 3600
        measure([1])
        measure([2, 3], every_s=1)
        say(len(server.reports), len(board.outbox))
    """
    assert play(tmp_path, scene) == [1, 3]


def test_reports_hold_at_most_25_and_begin_small(tmp_path):
    scene = """
        server.fail = None
        measure(range(300))
        server.fail = 200
        deliver_all()
        say(sizes(), values() == list(range(300)))
    """
    assert play(tmp_path, scene) == [[8, 16, *[25] * 11, 1], True]


@pytest.mark.parametrize("count", [0, 1, 25])
@pytest.mark.parametrize("reading", [(2**32 - 1, 2**16 - 1, -(2**31), "age", 2**32 - 1), (1, 1, 0, "at", 0)])
def test_a_report_is_as_long_as_it_says_before_it_is_made(tmp_path, count, reading):
    scene = f"""
        from report import Body
        body = Body(2**32 - 1, {count}, lambda index: {reading}, "x" * 120, "1.0.0")
        say(len(body), "".join(body), "".join(body))
    """
    length, text, again = play(tmp_path, scene)
    assert length == len(text) <= 2048
    assert text == again
    seq, field, thousandths, name, seconds = reading
    each = {"seq": seq, "field": field, "value": thousandths / 1000, name: seconds}
    words = {"trouble": "x" * 120, "firmware": "1.0.0"}
    assert json.loads(text) == {"boot": 2**32 - 1, "readings": [each] * count} | words


def test_a_report_of_nothing_is_short(tmp_path):
    scene = """
        from report import Body
        say("".join(Body(0, 0, None)))
    """
    assert play(tmp_path, scene) == '{"boot":0,"readings":[]}'


def test_413_halves_the_report(tmp_path):
    scene = """
        server.fail = None
        measure(range(12))
        server.fail = 413
        world.seconds += 900
        asked = [board.reporter.deliver() for _ in range(4)]
        halved, server.fail = [len(report["readings"]) for report in server.reports], 200
        say(halved, asked[:3], asked[3] > 0, deliver_all(), values() == list(range(12)))
    """
    assert play(tmp_path, scene) == [[8, 4, 2, 1], [0, 0, 0], True, True, True]


def test_400_sends_the_readings_again_one_by_one_and_drops_the_refused(tmp_path):
    scene = """
        import json
        take = server.post
        def post(body):
            refused = 7 in [each["seq"] for each in json.loads(life.whole(body))["readings"]]
            server.fail = 400 if refused else 200
            return take(body)
        server.fail = None
        measure(range(1, 13))
        world.seconds += 900
        board.reporter._post = post
        say(deliver_all(), values(), sizes(), board.reporter._news())
    """
    done, values, sizes, news = play(tmp_path, scene)
    assert done
    assert values == [1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12]
    assert sizes == [8, 1, 1, 1, 1, 1, 1, 1, 1, 4]
    assert news == "1 refused"


def test_a_server_that_refuses_every_reading_is_not_hammered(tmp_path):
    scene = """
        server.fail = 400
        measure(range(400))
        say(len(server.reports), 400 - len(board.outbox))
    """
    sent, dropped = play(tmp_path, scene)
    assert sent < 30  # in 400 minutes
    assert dropped < 20


@pytest.mark.parametrize("word", ["trouble", "firmware"])
def test_a_single_reading_is_not_dropped_for_the_words_told_beside_it(tmp_path, word):
    scene = f"""
        board.reporter.trouble = "dht22: wrong checksum"
        take = server.post
        def post(body):
            server.fail = 400 if "{word}" in life.whole(body) else 200
            return take(body)
        board.reporter._post = post
        wait_s = measure([5])
        say(wait_s, deliver_all(), values())
    """
    assert play(tmp_path, scene) == [0, True, [5]]


@pytest.mark.parametrize("code", ["field", "value", "old", "something new"])
def test_a_rejected_reading_is_dropped_and_counted_and_does_not_block(tmp_path, code):
    scene = f"""
        server.rejects = lambda reading, now: "{code}" if reading["seq"] in (3, 4) else None
        server.fail = None
        measure(range(1, 7))
        server.fail = 200
        say(deliver_all(), values(), board.reporter._news(), len(board.outbox))
    """
    assert play(tmp_path, scene) == [True, [1, 2, 5, 6], "2 refused", 0]


def test_a_date_of_long_ago_that_is_rejected_is_lost_and_not_sent_for_ever(tmp_path):
    scene = """
        server.rejects = lambda reading, now: "clock" if reading.get("at", now) < 1_262_304_000 else None
        board.reporter._put(99, 5000, 0, 1)
        board.reporter.keep()
        say(deliver_all(), values(), board.reporter._news(), len(board.outbox))
    """
    assert play(tmp_path, scene) == [True, [], "1 refused", 0]


FUTURE = """
    server.rejects = lambda reading, now: "clock" if reading.get("at", 0) > now + 300 else None
"""


def test_a_clock_that_runs_ahead_is_set_and_the_reading_sent_again_with_a_new_date(tmp_path):
    scene = """
        measure([1])
        board.clock.set(server.now() + 3600)
        wait_s = measure([2])
        done = deliver_all()
        seqs = [seq for _, seq, _, _ in server.stored]
        say(wait_s, done, seqs, moments(), values(), board.clock.now() - server.now(), server.wrong)
    """
    assert play(tmp_path, FUTURE, scene) == [0, True, [1, 3], [60, 120], [1, 2], 0, []]


def test_a_night_dated_ahead_arrives_whole_although_answers_are_cut_at_1_kib(tmp_path):
    scene = """
        measure([-1])
        board.clock.set(server.now() + 86400)
        server.fail = None
        measure(range(600))
        server.fail = 200
        done = deliver_all()
        say(done, sorted(values()) == list(range(-1, 600)), max(moments()), len(set(moments())), server.wrong)
    """
    assert play(tmp_path, FUTURE, scene) == [True, True, 601 * 60, 601, []]


def test_the_newest_readings_of_a_drifting_clock_arrive_too(tmp_path):
    """The first reports are of the past, and set the clock; the last 40 would all be rejected if sent unchanged."""
    scene = """
        measure([-1])
        board.clock.set(server.now() + 2400)
        server.fail = None
        measure(range(600))
        server.fail = 200
        say(deliver_all(), sorted(values()) == list(range(-1, 600)), max(moments()) <= world.seconds, server.wrong)
    """
    assert play(tmp_path, FUTURE, scene) == [True, True, True, []]


def test_a_new_reading_goes_behind_those_that_wait(tmp_path):
    """Otherwise the server would take the older ones for repeats."""
    scene = """
        server.fail = "lost"
        measure([1])
        server.fail = None
        measure([2, 3])
        server.fail = 200
        world.seconds += 900
        measure([4])
        say(values(), server.wrong, len(board.outbox))
    """
    assert play(tmp_path, scene) == [[1, 2, 3, 4], [], 0]


def test_readings_of_several_boots_go_in_their_order_one_boot_a_report(tmp_path):
    scene = """
        server.fail = None
        for boot in range(3):
            start()
            board.clock.set(server.now())
            measure(range(10 * boot, 10 * boot + 3))
        server.fail = 200
        say(deliver_all(), values(), sizes(), server.wrong)
    """
    assert play(tmp_path, scene) == [True, [0, 1, 2, 10, 11, 12, 20, 21, 22], [3, 3, 3], []]


def test_age_is_counted_when_the_report_is_sent(tmp_path):
    scene = """
        server.fail = None
        measure([1, 2, 3])
        world.seconds += 5000
        server.fail = "lost"
        board.reporter.deliver()
        world.seconds += 5000
        server.fail = 200
        deliver_all()
        say(moments(), [reading.get("at") for reading in server.reports[0]["readings"]])
    """
    assert play(tmp_path, scene) == [[60, 120, 180], [None, None, None]]


def test_undatable_readings_are_dropped_and_counted(tmp_path):
    scene = """
        server.fail = None
        measure(range(100))
        start(World.SOFT_RESET)
        measure([1000])
        server.fail = 200
        say(deliver_all(), values(), board.reporter._news())
    """
    assert play(tmp_path, scene) == [True, [1000], "100 without a date"]


def test_one_contact_dates_the_readings_that_its_power_up_left_on_flash(tmp_path):
    scene = """
        server.fail = None
        measure(range(100))
        server.fail = 200
        world.seconds += 900
        board.reporter.deliver()
        world.seconds += 7
        start()
        say(deliver_all(), values() == list(range(100)), moments()[-1], board.reporter._news())
    """
    assert play(tmp_path, scene) == [True, True, 6000, ""]


def test_trouble_is_told_with_the_readings_and_alone_every_ten_minutes(tmp_path):
    scene = """
        board.reporter.trouble = "ds18b20: no answer"
        measure([1])
        for _ in range(1800):
            world.seconds += 1
            wait_s = board.reporter.deliver()
        told = [(len(report["readings"]), report["trouble"]) for report in server.reports]
        board.reporter.trouble = ""
        measure([2])
        say(told, wait_s, server.reports[-1].get("trouble"))
    """
    told, wait_s, at_last = play(tmp_path, scene)
    assert told == [[1, "ds18b20: no answer"]] + [[0, "ds18b20: no answer"]] * 2
    assert (wait_s, at_last) == (None, None)


def test_new_trouble_is_told_at_once(tmp_path):
    scene = """
        measure([1])
        world.seconds += 60
        board.reporter.trouble = "bme280: it lost its bus"
        say(board.reporter.deliver(), server.troubles)
    """
    assert play(tmp_path, scene) == [None, ["", "bme280: it lost its bus"]]


def test_trouble_alone_that_is_refused_is_left_for_ten_minutes(tmp_path):
    scene = """
        board.reporter.trouble = "x"
        server.fail = 400
        asked = waits(1)
        for _ in range(500):
            world.seconds += 1
            board.reporter.deliver()
        say(len(server.reports), asked)
    """
    assert play(tmp_path, scene) == [1, [None]]


def test_trouble_is_printable_ascii_of_at_most_120_characters(tmp_path):
    scene = """
        board.reporter.trouble = 'a"b\\\\c\\n\\xe9' + 200 * "x"
        measure([1])
        say(server.troubles)
    """
    assert play(tmp_path, scene) == ["a?b?c??" + 113 * "x"]


def test_losses_are_told_for_a_day(tmp_path):
    scene = """
        server.rejects = lambda reading, now: "value" if reading["seq"] == 1 else None
        measure(range(30), every_s=3600)
        say(server.troubles)
    """
    assert play(tmp_path, scene) == [""] + ["1 refused"] * 24 + [""] * 5


def test_flash_that_refuses_loses_only_what_ram_cannot_hold_and_is_told(tmp_path):
    scene = """
        def refuse(records):
            raise OSError(5)
        append, board.outbox.append = board.outbox.append, refuse
        server.fail = None
        measure(range(11))
        kept, server.fail = len(board.outbox), 200
        say(kept, deliver_all(), values(), server.troubles, server.wrong)
    """
    kept, done, values, troubles, wrong = play(tmp_path, scene)
    assert (kept, done, values, wrong) == (0, True, list(range(3, 11)), [])
    assert troubles[0] == "flash: error 5; 3 too many"


def test_a_watchdog_that_has_the_reading_kept_during_the_post_does_no_harm(tmp_path):
    scene = """
        take = server.post
        def post(body):
            board.reporter.keep()
            return take(body)
        board.reporter._post = post
        measure([1, 2, 3])
        say(deliver_all(), values(), server.wrong)
    """
    assert play(tmp_path, scene) == [True, [1, 2, 3], []]


def test_something_unforeseen_during_a_post_does_not_hammer_the_server(tmp_path):
    scene = """
        posts = []
        def post(body):
            posts.append(1)
            raise RuntimeError("unforeseen")
        board.reporter._post = post
        for _ in range(60):
            try:
                measure([1], every_s=1)
            except RuntimeError:
                pass
        say(len(posts))
    """
    assert play(tmp_path, scene) <= 3


def test_waits_and_losses_outlast_deep_sleep(tmp_path):
    scene = """
        server.rejects = lambda reading, now: "value" if reading["seq"] == 1 else None
        measure([1])
        server.fail = 403
        for value in range(240):
            measure([value], every_s=1)
            sleep(59)
        sent, server.fail = len(server.reports), 200
        say(sent, deliver_all(), values() == list(range(240)), board.reporter._news(), server.wrong)
    """
    sent, done, in_order, news, wrong = play(tmp_path, scene)
    assert sent < 15  # in four hours
    assert (done, in_order, news, wrong) == (True, True, "1 refused", [])


def test_a_battery_board_tells_its_trouble_every_ten_minutes_too(tmp_path):
    scene = """
        for _ in range(60):
            board.reporter.trouble = "sht3x: no answer"
            board.reporter.deliver()
            sleep(60)
        say(len(server.reports))
    """
    assert play(tmp_path, scene) == 6


def test_a_network_that_hangs_until_the_watchdog_resets_is_tried_less_and_less_often(tmp_path):
    scene = """
        posts = []
        def hang(body):
            posts.append(1)
            board.reporter.keep()
            board.clock.save(board.identity, 2)
            raise SystemExit
        for value in range(240):
            board.reporter._post = hang
            try:
                measure([value])
            except SystemExit:
                world.seconds += 2
                start(World.WDT_RESET)
        board.reporter._post = server.post
        say(len(posts), deliver_all(), values() == list(range(240)), server.wrong)
    """
    posts, done, in_order, wrong = play(tmp_path, scene)
    assert posts < 40  # in four hours
    assert (done, in_order, wrong) == (True, True, [])
