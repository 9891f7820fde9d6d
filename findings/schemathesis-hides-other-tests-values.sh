#!/usr/bin/env bash
# Installing schemathesis takes the values out of every failing hypothesis test, also of tests that never use it.
#
# One would guess: a pytest plugin that is only installed, for one test of an API, leaves other tests' reports as they
#   are.
# In fact: its plugin is loaded by itself and changes what hypothesis says. The failing example of any property-based
#   test is `n=,` with nothing behind the sign. `-p no:schemathesis` brings the value back; the program `schemathesis`
#   works without the plugin.
# Met by: a project that tests its parser with hypothesis and its API with schemathesis: a failure in CI does not say
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
