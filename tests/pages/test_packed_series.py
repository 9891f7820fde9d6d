"""Charts fetch packed series: the page's script unpacks them to the server's values."""

import json
import re
from random import Random

import pytest

from readings.history.packing import packed
from readings.history.series import Series
from tests.pages.viewer import drawn

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]

CHANCE = Random(7)
GET = """async (columns) => {
    const { getSeries } = await import("/static/js/lib/api.js");
    return getSeries("/series/", 99, { start: 0, end: 1 }, 500);
}"""


def buckets(middle, height, count=200, gap=None):
    """Return a series of buckets around a value, with this height in all, and a gap after so many."""
    rows = []
    for n in range(count):
        mean = middle + height * CHANCE.uniform(-0.4, 0.4)
        rows.append((1_793_458_800.0 + 900 * n, mean, mean - height * CHANCE.random() / 10, mean + height / 10))
    if gap is not None:
        rows.insert(gap, (rows[gap][0] - 450, None, None, None))
    return Series(900, *map(list, zip(*rows, strict=True)))


def readings(*values):
    column = list(values)
    return Series(None, [1_793_458_800.123 + 60 * n for n in range(len(column))], column, column, column)


def as_the_page_has_it(page, series, decimals):
    page.route(re.compile("/series/.*packed=1"), lambda route: route.fulfill(json=packed(series, decimals)))
    return page.evaluate(GET)


@pytest.fixture
def page(page):
    page.goto("/stations/1/")
    drawn(page)
    return page


@pytest.mark.parametrize(
    ("series", "decimals", "within"),
    [
        (buckets(21.4, 18), 1, 0.000_5),
        (buckets(-3, 200, gap=17), 0, 0.05),
        (buckets(1013.2, 0.4), 1, 0.000_5),
        (buckets(4e-7, 3e-7), 1, 3e-10),
        (buckets(1e12, 1e11), 0, 0.005),
        (readings(21.4, 21.45, None, -0.07, 0.0), 1, 0),
        (readings(7.0), 0, 0),
        (readings(), 2, 0),
    ],
    ids=["temperature", "with a gap", "low", "tiny", "large", "readings", "one reading", "none"],
)
def test_a_packed_series_is_the_series_as_far_as_a_chart_shows_it(page, series, decimals, within):
    own = as_the_page_has_it(page, series, decimals)
    assert own["step_s"] == series.step_s
    assert own["time"] == pytest.approx(series.time, abs=0.000_5)
    for column in ("mean", "min", "max"):
        assert own[column] == pytest.approx(getattr(series, column), abs=1.001 * within + 1e-15), column


def test_values_too_large_for_it_come_as_they_are(page):
    series = readings(1.7e308, 21.4, -1.7e308)
    own = as_the_page_has_it(page, series, 1)
    assert own["mean"] == series.mean
    assert own["time"] == series.time


def test_a_packed_week_is_half_as_long():
    week = buckets(9, 18, count=672)
    assert 2 * len(json.dumps(packed(week, 1))) < len(json.dumps(vars(week)))
