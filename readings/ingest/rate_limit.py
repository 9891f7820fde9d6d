"""How often a field of a station may report."""

BURST = 120  # Single values at once: a board that was away for two hours catches up.
SUSTAINED = 5  # Times its own rate, for as long as it likes.


def admit(empty_at_ms: int, now_ms: int, interval_s: int) -> tuple[int, int]:
    """Pour one value into a leaky bucket.

    `empty_at_ms` is when the bucket would be empty again, in Unix milliseconds. Returns that moment with this value in
    it, and how many milliseconds to wait where the bucket is too full to take it: 0 means that it is admitted.
    The generic cell rate algorithm: ITU-T I.371, annex A.
    """
    drip_ms = interval_s * 1000 // SUSTAINED
    level_at = max(empty_at_ms, now_ms) + drip_ms
    return level_at, max(0, level_at - now_ms - BURST * drip_ms)
