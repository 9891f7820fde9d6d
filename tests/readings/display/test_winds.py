"""Directions and forces of the wind in words."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from django.utils import translation

from readings.display.values import quantity
from readings.display.winds import FORCES_MS, direction, force, force_words, is_calm, steadiness, wind_words
from stations.models import Field, Station
from stations.units import METRIC

NARROW = "\N{NARROW NO-BREAK SPACE}"
NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)

# WMO-No. 306, Manual on Codes, volume I.1, section E: the speeds of each force in knots and in m/s.
TABLE = [
    *((0, "calm", "Windstille", 0, 0.0, 0.2), (1, "light air", "leiser Zug", 2, 0.3, 1.5)),
    *((2, "light breeze", "leichte Brise", 5, 1.6, 3.3), (3, "gentle breeze", "schwache Brise", 9, 3.4, 5.4)),
    *((4, "moderate breeze", "mäßige Brise", 13, 5.5, 7.9), (5, "fresh breeze", "frische Brise", 19, 8.0, 10.7)),
    *((6, "strong breeze", "starker Wind", 24, 10.8, 13.8), (7, "near gale", "steifer Wind", 30, 13.9, 17.1)),
    *((8, "gale", "stürmischer Wind", 37, 17.2, 20.7), (9, "strong gale", "Sturm", 44, 20.8, 24.4)),
    *((10, "storm", "schwerer Sturm", 52, 24.5, 28.4), (11, "violent storm", "orkanartiger Sturm", 60, 28.5, 32.6)),
    (12, "hurricane", "Orkan", 70, 32.7, 80.0),
]


@pytest.mark.parametrize(("number", "english", "german", "knots", "least", "most"), TABLE)
def test_a_speed_has_the_force_of_the_scale(number, english, german, knots, least, most):
    assert force(least, "m/s") == force(most, "m/s") == force(knots, "kn") == number
    field = Field(name="wind", unit="m/s", quantity="wind_speed", newest_value=least)
    assert force_words(field) == f"{number} Bft, {english}"
    with translation.override("de"):
        assert force_words(field) == f"{number} Bft, {german}"


def test_a_speed_in_any_unit_has_a_force_and_another_quantity_has_none():
    assert (force(19.8, "km/h"), force(19.7, "km/h"), force(12.4, "mph")) == (4, 3, 4)
    assert force(5.0, "degC") is None
    assert force_words(Field(name="wind", unit="m/s")) == ""
    assert all(one < other for one, other in pairwise(FORCES_MS))


@pytest.mark.parametrize(
    ("degrees", "english", "german"),
    [
        (0, "N (0°)", "N (0°)"),
        (359.7, "N (0°)", "N (0°)"),
        (11.2, "N (11°)", "N (11°)"),
        (11.3, "NNE (11°)", "NNO (11°)"),
        (90, "E (90°)", "O (90°)"),
        (224, "SW (224°)", "SW (224°)"),
        (348.7, "NNW (349°)", "NNW (349°)"),
        (360, "N (0°)", "N (0°)"),
    ],
)
def test_a_direction_is_a_point_of_the_compass_and_degrees(degrees, english, german):
    assert direction(degrees) == english
    field = Field(name="wind direction", unit="deg", quantity="wind_direction")
    assert quantity(degrees, field, METRIC) == english
    with translation.override("de"):
        assert direction(degrees) == german


def test_a_mean_direction_says_how_steady_it_was_and_a_calm_has_none():
    assert wind_words(224.0, 0.869) == f"SW (224°), steady 86{NARROW}%"
    assert wind_words(None, None) == "calm"
    assert [steadiness(share) for share in (1.0, 0.999, 0.29)] == [f"{n}{NARROW}%" for n in (100, 99, 29)]
    with translation.override("de"):
        assert wind_words(90.0, 0.5) == f"O (90°), zu 50{NARROW}% beständig"
        assert wind_words(None, None) == "Windstille"


@pytest.mark.parametrize(
    ("speed", "minutes", "is_it"), [(0.2, 0, True), (0.2, 2, True), (0.3, 0, False), (0.2, 3, False), (None, 0, False)]
)
def test_a_vane_shows_a_calm_only_if_no_wind_was_measured_then(speed, minutes, is_it):
    station = Station(name="Roof", interval_s=60)
    vane = Field(pk=1, station=station, unit="deg", quantity="wind_direction", newest_value=90.0, newest_at=NOW)
    at = None if speed is None else NOW - timedelta(minutes=minutes)
    own = Field(pk=2, station=station, unit="m/s", quantity="wind_speed", newest_value=speed, newest_at=at)
    other = Field(pk=3, station=station, unit="m/s", quantity="wind_speed", newest_value=9.0, newest_at=NOW)
    assert is_calm(vane, [vane, own]) == is_it
    assert is_calm(vane, [vane, other, own]) == is_it or speed is None
    assert not is_calm(vane, [vane])
