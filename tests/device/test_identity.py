"""boot and seq in RTC memory, whatever happens to it."""

import pytest

from tests.device.in_vm import play

pytestmark = pytest.mark.sqlite_only

WORDS = """
    from identity import CLOCK_AT, REPORTER_AT, SIZE, Identity
    def numbers(identity, count):
        return [identity.next_seq() for _ in range(count)]
"""


@pytest.mark.parametrize("cause", ["SOFT_RESET", "DEEPSLEEP_RESET", "WDT_RESET", "HARD_RESET"])
def test_boot_and_seq_go_on_after_a_reset(tmp_path, cause):
    scene = f"""
        first = Identity()
        taken = numbers(first, 3)
        world.cause = world.{cause}
        second = Identity()
        say(taken + numbers(second, 2), first.boot == second.boot)
    """
    assert play(tmp_path, WORDS, scene) == [[1, 2, 3, 4, 5], True]


def test_a_seq_that_was_taken_is_not_given_again_after_a_reset_right_behind_it(tmp_path):
    scene = """
        given = []
        for _ in range(20):
            given.append(Identity().next_seq())
        say(given)
    """
    assert play(tmp_path, WORDS, scene) == list(range(1, 21))


def test_a_new_boot_is_drawn_when_the_power_was_away(tmp_path):
    scene = """
        boots = set()
        for _ in range(20):
            world.rtc = b""
            identity = Identity()
            boots.add(identity.boot)
        say(len(boots), max(boots) < 2**32, max(boots) > 2**28, numbers(identity, 1), identity.run)
    """
    assert play(tmp_path, WORDS, scene) == [20, True, True, [1], 1]


def test_any_flipped_bit_draws_a_new_boot(tmp_path):
    scene = """
        boot = Identity().boot
        whole = world.rtc
        kept = 0
        for bit in range(8 * len(whole)):
            words = bytearray(whole)
            words[bit // 8] ^= 1 << bit % 8
            world.rtc = bytes(words)
            kept += Identity().boot == boot
        say(kept, len(whole))
    """
    assert play(tmp_path, WORDS, scene) == [0, 64]


@pytest.mark.parametrize("garbage", [b"", b"\x00", b"\xff" * 63, b"\xff" * 64, b"\x00" * 492, b"ft01" + b"\x55" * 488])
def test_rtc_memory_may_hold_anything_at_first(tmp_path, garbage):
    scene = f"world.rtc = {garbage!r}\nsay(Identity().next_seq())"
    assert play(tmp_path, WORDS, scene) == 1


def test_what_others_keep_behind_it_stays(tmp_path):
    scene = """
        Identity()
        world.rtc += b"theirs"
        identity = Identity()
        identity.next_seq()
        identity.keep(REPORTER_AT, b"ours")
        say(world.rtc[SIZE:].decode(), len(world.rtc), Identity().next_seq())
    """
    assert play(tmp_path, WORDS, scene) == ["theirs", 70, 2]


def test_runs_are_counted_and_deep_sleep_is_part_of_one(tmp_path):
    scene = """
        world.rtc = b""
        runs = [Identity().run]
        world.cause = world.SOFT_RESET
        runs.append(Identity().run)
        identity = Identity()
        identity.keep(CLOCK_AT, b"noon", True)
        world.cause = world.DEEPSLEEP_RESET
        woken = Identity()
        runs += [identity.run, woken.run]
        say(runs, woken.woke, woken.recall(CLOCK_AT, 4).decode(), woken.boot == identity.boot)
    """
    assert play(tmp_path, WORDS, scene) == [[1, 2, 3, 3], True, "noon", True]


def test_runs_are_counted_from_one_again_behind_the_last_that_a_record_can_hold(tmp_path):
    """0 says of a record that its moment is Unix time."""
    scene = """
        runs = []
        for run in (65533, 65534, 65535):
            identity = Identity()
            identity.run = run
            identity.next_seq()
            runs.append(Identity().run)
        say(runs)
    """
    assert play(tmp_path, WORDS, scene) == [65534, 65535, 1]


def test_each_keeps_its_own_bytes_and_reads_zeros_where_nothing_was_kept(tmp_path):
    scene = """
        world.rtc = b""
        identity = Identity()
        before = [sum(identity.recall(CLOCK_AT, 12)), sum(identity.recall(REPORTER_AT, 32))]
        identity.keep(CLOCK_AT, bytes(range(1, 13)))
        identity.keep(REPORTER_AT, bytes(range(101, 133)))
        again = Identity()
        say(before, list(again.recall(CLOCK_AT, 12)), list(again.recall(REPORTER_AT, 32)), again.next_seq(), SIZE)
    """
    assert play(tmp_path, WORDS, scene) == [[0, 0], list(range(1, 13)), list(range(101, 133)), 1, 64]


@pytest.mark.parametrize(
    ("announced", "cause"),
    [("True", "HARD_RESET"), ("True", "PWRON_RESET"), ("False", "DEEPSLEEP_RESET"), ("", "WDT_RESET")],
)
def test_only_the_end_of_an_announced_sleep_is_a_waking(tmp_path, announced, cause):
    """The length of the sleep is unknown after the button. A soft reset leaves the last hard reset's cause."""
    scene = f"""
        Identity().keep(CLOCK_AT, b"noon", {announced})
        world.cause = world.{cause}
        say(Identity().woke)
    """
    assert play(tmp_path, WORDS, scene) is False


def test_a_second_start_after_one_sleep_is_no_waking(tmp_path):
    scene = """
        Identity().keep(CLOCK_AT, b"noon", True)
        world.cause = world.DEEPSLEEP_RESET
        say(Identity().woke, Identity().woke)
    """
    assert play(tmp_path, WORDS, scene) == [True, False]


def test_an_announced_reset_goes_on_and_one_that_did_not_come_is_forgotten(tmp_path):
    scene = """
        identity = Identity()
        identity.keep(CLOCK_AT, b"noon", True)
        world.cause = world.WDT_RESET
        first = Identity().woke
        identity = Identity()
        identity.keep(CLOCK_AT, b"noon", True)
        identity.next_seq()
        say(first, Identity().woke)
    """
    assert play(tmp_path, WORDS, scene) == [True, False]


def test_the_real_stand_in_for_rtc_memory_serves_it(tmp_path):
    scene = """
        import sys
        del sys.modules["machine"]
        first = Identity()
        taken = numbers(first, 2)
        second = Identity()
        say(taken + numbers(second, 1), first.boot == second.boot)
    """
    assert play(tmp_path, WORDS, scene) == [[1, 2, 3], True]
