"""The characteristic of three hours of pressure against WMO's code table 0200."""

import pytest

from readings.derived.tendency import characteristic

pytestmark = pytest.mark.sqlite_only

# The rows of the table: code figure, its words, and the condition on now against three hours ago. For each, series that
# the words describe, in tenths of hPa above the oldest.
TABLE = [
    (0, ("increasing", "decreasing"), "same or higher", [(0, 10, 14, 6), (0, 12, 8, 0), (0, 9, 20, 11)]),
    (1, ("increasing", "steady"), "higher", [(0, 9, 12, 12), (0, 5, 6, 6)]),
    (1, ("increasing", "slower"), "higher", [(0, 10, 16, 19), (0, 20, 30, 36)]),
    (2, ("increasing", ""), "higher", [(0, 5, 10, 15), (0, 7, 8, 16), (0, 1, 2, 3), (0, 6, 11, 15), (0, 1, 2, 2)]),
    (3, ("decreasing", "increasing"), "higher", [(0, -8, -6, 5), (0, -4, 3, 12), (0, 3, -10, 2)]),
    (3, ("steady", "increasing"), "higher", [(0, 0, 1, 9), (0, 0, 0, 6)]),
    (3, ("increasing", "faster"), "higher", [(0, 3, 9, 19), (0, 5, 15, 35)]),
    (4, ("steady", ""), "same", [(0, 0, 0, 0), (0, 1, 0, 1), (0, -1, 1, 0)]),
    (5, ("decreasing", "increasing"), "same or lower", [(0, -10, -14, -6), (0, -12, -8, 0)]),
    (6, ("decreasing", "steady"), "lower", [(0, -9, -12, -12)]),
    (6, ("decreasing", "slower"), "lower", [(0, -10, -16, -19)]),
    (7, ("decreasing", ""), "lower", [(0, -5, -10, -15), (0, -7, -8, -16)]),
    (8, ("steady", "decreasing"), "lower", [(0, 0, -1, -9)]),
    (8, ("increasing", "decreasing"), "lower", [(0, 8, 6, -5)]),
    (8, ("decreasing", "faster"), "lower", [(0, -3, -9, -19)]),
]


@pytest.mark.parametrize(("code", "words", "now", "tenths"), [(*row[:3], tenths) for row in TABLE for tenths in row[3]])
def test_each_row_of_the_table_is_told_of_what_it_describes(code, words, now, tenths):
    found = characteristic([1000 + each / 10 for each in tenths], 0.19)
    assert (found.code, (found.first, found.then)) == (code, words)
    change = tenths[-1] - tenths[0]
    told = "same" if abs(change) < 2 else "higher" if change > 0 else "lower"
    assert told in now


@pytest.mark.parametrize("tenths", [tenths for row in TABLE for tenths in row[3]])
def test_what_falls_is_the_mirror_of_what_rises(tenths):
    mirror = {0: 5, 1: 6, 2: 7, 3: 8, 4: 4, 5: 0, 6: 1, 7: 2, 8: 3}
    up, down = (characteristic([1000 + sign * each / 10 for each in tenths], 0.19) for sign in (1, -1))
    assert down.code == mirror[up.code]


def test_what_noise_would_do_is_nothing():
    assert characteristic([1000.0, 1000.4, 999.8, 1000.3], 0.5).code == 4
    assert characteristic([1000.0, 1000.9, 999.8, 1000.3], 0.5).code == 0, "the greater turn counts"
