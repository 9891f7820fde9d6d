"""The rate at which a field of a station may report."""

BURST = 120  # Single values at once: enough for a board to catch up after two hours.
SUSTAINED = 5  # Times its own rate, for any length of time.


def admit(empty_at_ms: int, now_ms: int, interval_s: int) -> tuple[int, int]:
    """Pour one value into a leaky bucket.

    `empty_at_ms` is the moment at which the bucket would be empty again, in Unix milliseconds. Returns that moment with
    this value in the bucket, and the milliseconds to wait if the bucket is too full: 0 means that it is admitted.
    This is the generic cell rate algorithm: ITU-T I.371, annex A.
    """
    drip_ms = interval_s * 1000 // SUSTAINED
    if empty_at_ms > now_ms + BURST * drip_ms:
        empty_at_ms = now_ms  # No bucket is fuller: a clock that was ahead has filled it, or a longer interval.
    level_at = max(empty_at_ms, now_ms) + drip_ms
    return level_at, max(0, level_at - now_ms - BURST * drip_ms)
