"""Dew point, absolute humidity and vapour pressure deficit against published tables."""

import pytest

from readings.derived.vapour import (
    absolute_humidity_g_m3,
    dew_point_c,
    vapour_pressure_deficit_kpa,
    vapour_pressure_hpa,
)

pytestmark = pytest.mark.sqlite_only


@pytest.mark.parametrize(
    ("temperature_c", "humidity", "expected_c"),
    # Sensirion's application note “Dew-point calculation” has the same formula and coefficients.
    [(25, 10, -8.77), (50, 90, 47.90)],
)
def test_the_dew_point_is_that_of_the_same_formula_elsewhere(temperature_c, humidity, expected_c):
    assert dew_point_c(temperature_c, humidity) == pytest.approx(expected_c, abs=0.01)


@pytest.mark.parametrize(
    ("temperature_c", "humidity", "expected_c"),
    # The dew point table of DIN 4108-3, in tenths of a degree.
    [(30, 30, 10.5), (30, 50, 18.4), (25, 60, 16.7), (20, 50, 9.3), (20, 70, 14.4), (15, 80, 11.6), (10, 60, 2.6)],
)
def test_the_dew_point_is_that_of_a_published_table(temperature_c, humidity, expected_c):
    assert dew_point_c(temperature_c, humidity) == pytest.approx(expected_c, abs=0.1)


@pytest.mark.parametrize("temperature_c", [-45, -12.5, 0, 21, 60])
def test_saturated_air_is_at_its_dew_point(temperature_c):
    assert dew_point_c(temperature_c, 100) == pytest.approx(temperature_c, abs=1e-9)
    assert dew_point_c(temperature_c, 101.3) == pytest.approx(temperature_c, abs=1e-9), "a sensor that reads too much"


@pytest.mark.parametrize(
    ("temperature_c", "humidity"), [(20, 0), (20, 5e-324), (20, -1), (-45.1, 50), (60.1, 50), (1e300, 50)]
)
def test_there_is_no_dew_point_where_the_formula_does_not_reach(temperature_c, humidity):
    assert dew_point_c(temperature_c, humidity) is None
    assert vapour_pressure_hpa(temperature_c, humidity) is None
    assert absolute_humidity_g_m3(temperature_c, humidity) is None
    assert vapour_pressure_deficit_kpa(temperature_c, humidity) is None


# FAO Irrigation and Drainage Paper 56, annex 2, table 2.3: saturation vapour pressure in kPa. It is by Tetens's
# formula, which is 0.3 % above Magnus's at most.
SATURATED_KPA = {5: 0.872, 10: 1.228, 15: 1.705, 18: 2.064, 20: 2.338, 25: 3.168, 30: 4.243, 35: 5.624, 40: 7.376}


@pytest.mark.parametrize("temperature_c", SATURATED_KPA)
def test_the_vapour_pressure_is_that_of_a_published_table(temperature_c):
    expected_hpa = 10 * SATURATED_KPA[temperature_c]
    assert vapour_pressure_hpa(temperature_c) == pytest.approx(expected_hpa, rel=0.003)
    assert vapour_pressure_hpa(temperature_c, 40) == pytest.approx(0.4 * expected_hpa, rel=0.003)


@pytest.mark.parametrize(("temperature_c", "humidity", "lacking"), [(25, 54, 0.46), (18, 82, 0.18), (35, 20, 0.8)])
def test_what_is_lacking_until_saturation_is_the_deficit(temperature_c, humidity, lacking):
    expected_kpa = lacking * SATURATED_KPA[temperature_c]
    assert vapour_pressure_deficit_kpa(temperature_c, humidity) == pytest.approx(expected_kpa, rel=0.003)


def test_saturated_air_lacks_nothing():
    assert vapour_pressure_deficit_kpa(20, 100) == vapour_pressure_deficit_kpa(20, 104) == 0


@pytest.mark.parametrize(
    ("temperature_c", "expected_g"),
    # Smithsonian Meteorological Tables, 6th edition (1951), table 108: the density of saturated vapour over water.
    [(-20, 1.074), (-10, 2.358), (0, 4.847), (10, 9.399), (20, 17.300), (30, 30.38), (40, 51.19)],
)
def test_the_absolute_humidity_is_that_of_a_published_table(temperature_c, expected_g):
    assert absolute_humidity_g_m3(temperature_c, 100) == pytest.approx(expected_g, rel=0.005)
    assert absolute_humidity_g_m3(temperature_c, 50) == pytest.approx(expected_g / 2, rel=0.005)
