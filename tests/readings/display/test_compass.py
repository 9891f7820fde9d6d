"""Directions in words."""

import pytest
from django.utils import translation

from readings.display.compass import compass_point

CLOCKWISE = ["N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE", "S", "SSW", "SW", "WSW", "W", "WNW", "NW", "NNW"]


def test_each_of_16_points_reaches_half_way_to_its_neighbours():
    for number, name in enumerate(CLOCKWISE):
        for degrees in (-11.2, 0, 11.2):
            assert compass_point((22.5 * number + degrees) % 360) == name
    assert compass_point(360) == "N"


@pytest.mark.parametrize(("degrees", "point"), [(20, "NNO"), (90, "O"), (150, "SSO"), (247, "WSW")])
def test_east_is_ost_in_german(degrees, point):
    with translation.override("de"):
        assert compass_point(degrees) == point
