#!/usr/bin/env bash
# Installing schemathesis removes the values from every failing hypothesis test, also in tests that never use it.
#
# One would guess: a pytest plugin that is only installed, for one test of an API, leaves other tests' reports as they
#   are.
# In fact: the plugin is loaded automatically and changes hypothesis's output. The failing example of any property-based
#   test is `n=,` with nothing after the equals sign. `-p no:schemathesis` brings the value back. The program
#   `schemathesis` works without the plugin.
# Met by: a project that tests its parser with hypothesis and its API with schemathesis. A failure in CI does not show
#   its example.
# Seen with: schemathesis 4.32.5, hypothesis 6.170.15, pytest 9.2.0.
source "$(dirname "$0")/common.sh"

from_pypi schemathesis==4.32.5 hypothesis==6.170.15 pytest==9.2.0

cat >test_small.py <<'PROGRAM'
from hypothesis import given, settings, strategies


@settings(database=None, derandomize=True)
@given(strategies.integers())
def test_small(celsius):
    assert celsius < 100
PROGRAM

failing() {
    { python -m pytest -q -p no:cacheprovider "$@" test_small.py || true; } | grep -A 2 "test case:"
}

with_and_without() {
    failing
    echo "without its plugin:"
    failing -p no:schemathesis
}

prints with_and_without <<'SEEN'
E       Failing test case: test_small(
E           celsius=,
E       )
without its plugin:
E       Failing test case: test_small(
E           celsius=100,
E       )
SEEN
