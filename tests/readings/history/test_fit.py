"""Offset, factor and scatter of two sensors side by side."""

import random
from datetime import UTC, datetime, timedelta
from math import cos, pi, sqrt

import pytest

from freetemp.fields import to_millis
from readings import ingest
from readings.history.fit import LEAST_FOR_A_FACTOR, LONGEST, comparison_fit, fitted
from readings.ingest.reports import Measurement
from stations.models import Station

START = datetime(2026, 6, 1, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
WEEK = 7 * 96


def weather(n):
    """Return the temperature of a quarter: 8 degrees up and down each day."""
    return 12 + 8 * cos(2 * pi * n / 96)


def moments(count):
    return [to_millis(START + n * QUARTER) for n in range(count)]


def normal_equations(xs, ys):
    """Return factor, offset and standard deviation of the rest, by the sums of the textbook."""
    n, sx, sy = len(xs), sum(xs), sum(ys)
    sxx, sxy = sum(x * x for x in xs), sum(x * y for x, y in zip(xs, ys, strict=True))
    factor = (n * sxy - sx * sy) / (n * sxx - sx * sx)
    offset = (sy - factor * sx) / n
    rest = sum((y - factor * x - offset) ** 2 for x, y in zip(xs, ys, strict=True))
    return factor, offset, sqrt(rest / (n - 2))


def test_it_is_the_line_of_least_squares():
    rng = random.Random(2)
    true = [weather(n) for n in range(WEEK)]
    own = [each + rng.gauss(0, 0.05) for each in true]
    other = [each * 0.95 + 1.3 + rng.gauss(0, 0.1) for each in true]
    found = fitted(moments(WEEK), own, other, 5.0)
    factor, offset, scatter = normal_equations(own, other)
    assert (found.factor, found.offset, found.scatter) == pytest.approx((factor, offset, scatter))
    assert (found.factor, found.offset) == pytest.approx((0.95, 1.3), abs=0.03)
    assert found.difference == pytest.approx(sum(own) / WEEK - sum(other) / WEEK)
    assert found.correlation > 0.999
    assert (found.quarters, found.missing) == (WEEK, "")


def test_its_standard_errors_hold_what_they_promise():
    """Of many weeks, the true factor is within two standard errors in most, also where neighbours are alike."""
    rng, held = random.Random(9), {"white": 0, "alike": 0}
    for name in held:
        for _ in range(40):
            noise, wander = [], 0.0
            for _ in range(WEEK):
                wander = 0.8 * wander + rng.gauss(0, 0.1)
                noise.append(wander if name == "alike" else rng.gauss(0, 0.1))
            own = [weather(n) for n in range(WEEK)]
            found = fitted(moments(WEEK), own, [x * 1.02 + e for x, e in zip(own, noise, strict=True)], 5.0)
            held[name] += abs(found.factor - 1.02) <= 2 * found.factor_error
    assert held["white"] >= 36
    assert held["alike"] >= 34


@pytest.mark.parametrize(
    ("count", "swing", "noise", "missing"),
    [(LEAST_FOR_A_FACTOR - 1, 8, 0.1, "few"), (WEEK, 2, 0.01, "narrow"), (WEEK, 8, 4.0, "narrow"), (WEEK, 8, 0.1, "")],
)
def test_too_few_quarters_or_values_too_close_together_give_the_offset_only(count, swing, noise, missing):
    rng = random.Random(3)
    own = [swing * cos(2 * pi * n / 96) for n in range(count)]
    other = [each * 1.2 - 0.5 + rng.gauss(0, noise) for each in own]
    found = fitted(moments(count), own, other, 5.0)
    assert found.missing == missing
    if missing:
        assert found.factor == 1
        assert found.offset == -found.difference == pytest.approx(sum(other) / count - sum(own) / count)


def test_sensors_that_never_change_have_an_offset_and_no_correlation():
    found = fitted(moments(WEEK), [20.5] * WEEK, [20.0] * WEEK, 5.0)
    assert (found.difference, found.factor, found.offset, found.scatter) == (0.5, 1.0, -0.5, 0.0)
    assert (found.correlation, found.missing) == (None, "narrow")


@pytest.mark.django_db
class TestOfFields:
    @pytest.fixture
    def pair(self, station):
        """A field in degC beside a reference in degF, which lacks every third quarter."""
        other = Station.objects.create(name="Reference", timezone="Asia/Kathmandu")
        reference = other.fields.create(number=2, name="outside", unit="degF")
        at = moments(WEEK)
        ingest.store(station, [Measurement(1, at[n] + 5_000, weather(n)) for n in range(WEEK)])
        shown = [(n, (weather(n) * 0.9 + 2) * 1.8 + 32) for n in range(WEEK) if n % 3]
        ingest.store(other, [Measurement(2, at[n] + 60_000, value) for n, value in shown])
        return station.fields.get(), reference

    def test_only_quarters_of_both_count_and_units_are_converted(self, pair):
        found = comparison_fit(*pair, START, START + timedelta(days=7))
        assert (found.factor, found.offset) == pytest.approx((0.9, 2.0), abs=1e-6)
        assert found.quarters == WEEK * 2 // 3

    def test_the_other_way_round_is_in_the_other_unit(self, pair):
        found = comparison_fit(*pair[::-1], START, START + timedelta(days=7))
        assert found.factor == pytest.approx(1 / 0.9)
        assert found.offset == pytest.approx(32 - (32 + 2 * 1.8) / 0.9)

    @pytest.mark.parametrize(("swing", "missing"), [(2.45, "narrow"), (2.55, "")])
    def test_the_least_spread_is_that_of_the_unit(self, station, swing, missing):
        """Five degC are nine degF."""
        fields = [station.fields.create(number=n, name=f"thermometer {n}", unit="degF") for n in (5, 6)]
        at = moments(WEEK)
        shown = [32 + 1.8 * swing * cos(2 * pi * n / 96) for n in range(WEEK)]
        ingest.store(station, [Measurement(number, at[n], shown[n]) for n in range(WEEK) for number in (5, 6)])
        assert comparison_fit(*fields, START, START + timedelta(days=7)).missing == missing

    def test_less_than_an_hour_of_both_says_nothing(self, pair):
        assert comparison_fit(*pair, START, START + timedelta(minutes=75)) is None
        assert comparison_fit(*pair, START, START + timedelta(minutes=90)).missing == "few"

    def test_what_is_not_alike_or_too_long_has_no_fit(self, pair, station):
        humidity = station.fields.create(number=3, name="humidity", unit="%")
        assert comparison_fit(humidity, pair[1], START, START + timedelta(days=7)) is None
        assert comparison_fit(*pair, START, START + LONGEST + QUARTER) is None
