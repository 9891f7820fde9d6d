"""The leaky bucket by itself."""

from readings.ingest.rate_limit import BURST, SUSTAINED, admit


def admitted(times_ms, interval_s=60):
    """Return the number of admitted values among those that arrive at these moments."""
    empty_at_ms = count = 0
    for now_ms in times_ms:
        level_at, wait_ms = admit(empty_at_ms, now_ms, interval_s)
        if not wait_ms:
            empty_at_ms, count = level_at, count + 1
    return count


def test_a_burst_is_taken_whole_and_no_more():
    assert admitted([1_000_000] * 500) == BURST


def test_the_own_rate_and_twice_it_are_taken_for_ever():
    assert admitted(range(0, 100_000_000, 60_000)) == 1_667
    assert admitted(range(0, 100_000_000, 30_000)) == 3_334


def test_ten_times_the_rate_is_cut_to_the_sustained_one():
    day_ms = 86_400_000
    assert admitted(range(0, day_ms, 6_000)) <= SUSTAINED * 1_440 + BURST + 1


def test_the_wait_that_is_told_is_enough_and_no_longer_than_needed():
    now_ms = empty_at_ms = 1_000_000
    for _ in range(BURST):
        empty_at_ms, _ = admit(empty_at_ms, now_ms, 60)
    wait_ms = admit(empty_at_ms, now_ms, 60)[1]
    assert admit(empty_at_ms, now_ms + wait_ms, 60)[1] == 0
    assert admit(empty_at_ms, now_ms + wait_ms - 1, 60)[1] == 1
