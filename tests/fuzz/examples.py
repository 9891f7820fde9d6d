"""The choice of examples: the same ones every time, or with FUZZ=5000 that many new ones per test."""

import os

from hypothesis import HealthCheck, settings

FUZZ = int(os.environ.get("FUZZ", "0"))


def examples(number: int) -> settings:
    return settings(
        max_examples=FUZZ or number,
        derandomize=not FUZZ,
        deadline=None,
        print_blob=bool(FUZZ),
        # All examples share the server and its station: each is compared with the state that the last one left.
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
    )
