"""The pressure at sea level against published tables and reports."""

import pytest

from readings.derived.sea_level import reduced_hpa, sea_level_pressure_hpa, usual_vapour_hpa
from readings.derived.vapour import vapour_pressure_hpa

pytestmark = pytest.mark.sqlite_only


@pytest.mark.parametrize(
    ("elevation_m", "temperature_c", "pressure_hpa"),
    # U.S. Standard Atmosphere 1976, table I: dry air that has 1013.25 hPa at sea level.
    [
        *((-400, 17.60, 1062.2), (0, 15.00, 1013.25), (100, 14.35, 1001.29), (200, 13.70, 989.45)),
        *((500, 11.75, 954.61), (700, 10.45, 931.94), (1000, 8.50, 898.76)),
    ],
)
def test_the_standard_atmosphere_is_reduced_to_its_own_pressure_at_sea_level(elevation_m, temperature_c, pressure_hpa):
    assert reduced_hpa(pressure_hpa, elevation_m, temperature_c, 0) == pytest.approx(1013.25, abs=0.06)


def test_the_highest_pressure_of_all_is_reduced_as_wmo_did():
    """Tosontsengel, 29 December 2004: wmo.asu.edu gives the values, and “the WMO formula” for the result."""
    assert reduced_hpa(846.5, 1725.8, -44.8, 0) == pytest.approx(1089.1, abs=0.06)


# Reports of Romania's stations of 21 March 2022, 12 UTC (SMRO01 YRBK 211200), with the heights of their barometers, as
# WMO's synop2bufr brings them: height in m, temperature, dew point, pressure at the station and at sea level.
REPORTED = [
    ("15020 Botosani", 162.2, 13.0, -7.5, 1017.7, 1037.7),
    ("15090 Iasi", 75.69, 13.9, -7.5, 1027.1, 1036.4),
    ("15120 Cluj-Napoca", 411.5, 10.1, -8.9, 987.4, 1037.6),
    ("15150 Bacau", 175.4, 12.6, -10.3, 1015.2, 1036.7),
    ("15200 Arad", 117.6, 12.3, -8.2, 1023.0, 1037.6),
    ("15230 Deva", 241.52, 10.4, -12.2, 1007.8, 1037.6),
    ("15292 Caransebes", 242.52, 10.4, -8.7, 1007.2, 1037.1),
    ("15310 Galati", 70.4, 13.1, -7.4, 1026.1, 1034.7),
    ("15335 Tulcea", 5.6, 11.8, -9.6, 1034.3, 1035.0),
    ("15350 Buzau", 98.0, 12.5, -7.5, 1023.5, 1035.6),
    ("15420 Bucuresti", 91.2, 12.4, -11.3, 1023.8, 1035.1),
    ("15450 Craiova", 193.4, 10.2, -10.2, 1012.2, 1036.0),
    # A humid day, 17 January 2023, 12 UTC.
    ("15420 Bucuresti", 91.2, 12.7, 8.7, 991.2, 1002.1),
    ("15310 Galati", 70.4, 11.1, 6.6, 994.2, 1002.6),
]


@pytest.mark.parametrize(("station", "elevation_m", "temperature_c", "dew_c", "pressure_hpa", "expected_hpa"), REPORTED)
def test_the_reduction_is_that_of_published_reports(
    station, elevation_m, temperature_c, dew_c, pressure_hpa, expected_hpa
):
    """Both pressures are rounded to a tenth. Romania's own method gives up to 0.6 % of the reduction more."""
    most = 0.1 + 0.006 * (expected_hpa - pressure_hpa)
    humidity = 100 * vapour_pressure_hpa(dew_c) / vapour_pressure_hpa(temperature_c)
    told = sea_level_pressure_hpa(pressure_hpa, elevation_m, temperature_c, humidity)
    assert told == pytest.approx(expected_hpa, abs=most), station
    without = sea_level_pressure_hpa(pressure_hpa, elevation_m, temperature_c, None)
    assert without == pytest.approx(told, abs=0.006 * (expected_hpa - pressure_hpa)), "without a humidity"


def test_the_reduction_is_that_of_deutscher_wetterdienst():
    """Ulm-Mähringen, 593 m, 1 January 2021, 13 UTC, from its open data: 937.6 hPa, and 1009.2 at sea level."""
    assert sea_level_pressure_hpa(937.6, 593, 0.0, 92) == pytest.approx(1009.2, abs=0.15)


@pytest.mark.parametrize("temperature_c", [9.0999999, -39, 0, 20, 35])
def test_the_usual_vapour_pressure_is_one_of_damp_air_and_has_no_step(temperature_c):
    usual_hpa = usual_vapour_hpa(temperature_c)
    assert 0 <= usual_hpa <= vapour_pressure_hpa(temperature_c)
    assert usual_hpa == pytest.approx(usual_vapour_hpa(temperature_c + 2e-7), abs=0.1)


@pytest.mark.parametrize(
    ("pressure_hpa", "elevation_m", "temperature_c", "humidity", "is_told"),
    [
        *((930, 750, 10, 50, True), (930, 751, 10, 50, False), (1065, -450, 20, 50, True), (1065, -451, 20, 50, False)),
        *((1000, 100, 60.1, 50, False), (1000, 100, 60.1, None, False), (1000, 100, -45.1, None, False)),
        *((1000, 100, 20, 0, False), (1e300, 100, 20, 50, False), (-1, 100, 20, 50, False)),
    ],
)
def test_nothing_is_told_outside_the_range(pressure_hpa, elevation_m, temperature_c, humidity, is_told):
    found = sea_level_pressure_hpa(pressure_hpa, elevation_m, temperature_c, humidity)
    assert (found is not None) == is_told


def test_a_pressure_that_is_reduced_already_is_noticed_where_that_shows():
    """At 600 m, 1015 hPa would be 1090 at sea level, which nobody has measured."""
    assert sea_level_pressure_hpa(1015, 600, 10, 50) is None
