"""How many examples, and which: the same ones every time, or with FUZZ=5000 so many new ones a test."""

import os

from hypothesis import HealthCheck, settings

FUZZ = int(os.environ.get("FUZZ", "0"))


def examples(number: int) -> settings:
    return settings(
        max_examples=FUZZ or number,
        derandomize=not FUZZ,
        deadline=None,
        print_blob=bool(FUZZ),
        # The server and its station are one for all examples: each is compared with what the last one left.
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
    )
