"""Time by ticks that wrap, and from the server."""

import pytest

from tests.device.in_vm import play

pytestmark = pytest.mark.sqlite_only

WORDS = """
    import time
    from clock import Clock
    from identity import Identity

    class Ticks:
        def __init__(self, ms=0):
            self.ms = ms

        def __call__(self):
            return time.ticks_add(0, self.ms)
"""


def test_the_stand_in_for_ticks_wraps_as_the_boards_do(tmp_path):
    scene = "say(Ticks(2**30 - 1)(), Ticks(2**30)(), time.ticks_diff(Ticks(2**30 + 5)(), Ticks(2**30 - 5)()))"
    assert play(tmp_path, WORDS, scene) == [2**30 - 1, 0, 10]


@pytest.mark.parametrize("every_s", [1, 60, 3600, 6 * 86400])
def test_seconds_since_power_up_survive_the_wrapping_of_ticks(tmp_path, every_s):
    scene = f"""
        ticks = Ticks(2**30 - 1500)
        clock = Clock(ticks_ms=ticks)
        for _ in range(10000):
            ticks.ms += {every_s} * 1000
            clock.up_s()
        say(clock.up_s())
    """
    assert play(tmp_path, WORDS, scene) == 10000 * every_s


def test_no_part_of_a_second_is_lost(tmp_path):
    scene = """
        ticks = Ticks()
        clock = Clock(ticks_ms=ticks)
        seen = []
        for _ in range(3000):
            ticks.ms += 333
            seen.append(clock.up_s())
        say(seen[-1], seen == sorted(seen))
    """
    assert play(tmp_path, WORDS, scene) == [999, True]


def test_there_is_no_time_at_first(tmp_path):
    assert play(tmp_path, WORDS, "clock = Clock(ticks_ms=Ticks())\nsay(clock.now(), clock.start())") == [None, None]


def test_the_servers_time_is_carried_on(tmp_path):
    scene = """
        ticks = Ticks(5000)
        clock = Clock(ticks_ms=ticks)
        ticks.ms += 90_000
        clock.set(NOON)
        ticks.ms += 2**28
        say(clock.now() - NOON, clock.start() - NOON)
    """
    assert play(tmp_path, WORDS, scene) == [2**28 // 1000, -90]


def test_moments_told_by_a_clock_that_ran_ahead_are_corrected(tmp_path):
    """Moments in the past may be right, and stay; a moment still in the future cannot be later than now."""
    scene = """
        clock = Clock(ticks_ms=Ticks())
        before = clock.correct(NOON + 99999)
        clock.set(NOON + 3600)
        clock.set(NOON)
        clock.set(NOON + 1)
        say([at - NOON for at in (before, clock.correct(NOON + 3500), clock.correct(NOON), clock.correct(NOON + 9000))])
    """
    assert play(tmp_path, WORDS, scene) == [99999, -100, 0, 1]


def test_only_a_step_of_a_minute_or_more_corrects_what_was_told_before_it(tmp_path):
    """A smaller one is the network's: what is in the future after that was told by no clock, and cannot be later."""
    scene = """
        told = []
        for step in (59, 60, -60, -59):
            clock = Clock(ticks_ms=Ticks())
            clock.set(NOON + step)
            clock.set(NOON)
            told.append([clock.correct(NOON + at) - NOON for at in (0, 1, 30)])
        say(told)
    """
    assert play(tmp_path, WORDS, scene) == [[0, 0, 0], [0, -59, -30], [0, 0, 0], [0, 0, 0]]


def test_what_was_saved_is_taken_up_to_the_millisecond_and_a_late_start_counts_10_s(tmp_path):
    """Ticks may go on over a reset: then they say nothing of how long it took."""
    scene = """
        ticks, told = Ticks(), []
        for ticks_ms in (999, 9_999, 10_000, 60_000):
            ticks.ms = 0
            clock = Clock(ticks_ms=ticks)
            ticks.ms = 1_900
            clock.save(Identity(), 59, 999)
            world.cause = world.WDT_RESET
            ticks.ms = ticks_ms
            clock = Clock(ticks_ms=ticks)
            clock.restore(Identity())
            told.append([clock.up_s(), clock._ms, clock.now()])
        say(told)
    """
    assert play(tmp_path, WORDS, scene) == [[62, 898, None], [71, 898, None], [71, 899, None], [71, 899, None]]


def test_deep_sleep_is_counted_and_with_it_the_time_to_wake(tmp_path):
    scene = """
        ticks = Ticks()
        clock = Clock(ticks_ms=ticks)
        clock.set(NOON)
        for _ in range(1000):
            ticks.ms += 700
            clock.save(Identity(), 59, 300)
            world.cause = world.DEEPSLEEP_RESET
            ticks.ms = 250
            clock = Clock(ticks_ms=ticks)
            clock.restore(Identity())
        say(clock.now() - NOON, clock.up_s())
    """
    # 1,000 times 700 ms awake, 59.3 s of sleep, and 250 ms until the program runs. Ticks continue from there.
    assert play(tmp_path, WORDS, scene) == [60250, 60250]


@pytest.mark.parametrize("cause", ["HARD_RESET", "PWRON_RESET"])
def test_there_is_no_clock_after_a_start_that_nobody_announced(tmp_path, cause):
    scene = f"""
        clock = Clock(ticks_ms=Ticks(5000))
        clock.set(NOON)
        clock.save(Identity(), 60)
        world.cause = world.{cause}
        again = Clock(ticks_ms=Ticks(5000))
        again.restore(Identity())
        say(again.now(), again.up_s())
    """
    assert play(tmp_path, WORDS, scene) == [None, 0]


def test_a_night_of_watchdog_resets_is_dated_to_seconds_whether_there_was_a_clock_or_not(tmp_path):
    """The network hangs in each report, and the board has a last word before the watchdog bites."""
    scene = """
        def hang(body):
            board.reporter.keep()
            board.clock.save(board.identity, 2)
            raise SystemExit

        def night(begin):
            for value in range(begin, begin + 60):
                board.reporter._post = hang
                try:
                    measure([value])
                except SystemExit:
                    world.seconds += 2
                    start(World.WDT_RESET)
        night(0)
        board.reporter._post = server.post
        deliver_all()
        night(60)
        board.reporter._post = server.post
        say(deliver_all(), values() == list(range(120)), board.identity.run, board.reporter._news(), server.wrong)
    """
    done, in_order, run, news, wrong = play(tmp_path, scene)
    assert (done, in_order, run, news, wrong) == (True, True, 1, "", [])


def test_a_board_that_sleeps_before_any_contact_still_counts_seconds(tmp_path):
    scene = """
        server.fail = None
        for value in range(50):
            measure([value], every_s=1)
            sleep(59)
        server.fail = 200
        say(deliver_all(), values() == list(range(50)), moments() == [1 + 60 * turn for turn in range(50)])
    """
    assert play(tmp_path, scene) == [True, True, True]
