"""Heat index, wind chill, apparent temperature and humidex against published tables."""

import pytest

from readings.derived.felt import (
    apparent_temperature_c,
    heat_index_c,
    heat_index_f,
    humidex,
    humidex_at_dew_point,
    wind_chill_c,
)
from readings.derived.vapour import vapour_pressure_hpa

pytestmark = pytest.mark.sqlite_only


# The National Weather Service's chart of the heat index, in whole degF: by temperature, from 40 % on in steps of 5 %.
CHART = {
    80: [80, 80, 81, 81, 82, 82, 83, 84, 84, 85, 86, 86, 87],
    82: [81, 82, 83, 84, 84, 85, 86, 88, 89, 90, 91, 93, 95],
    84: [83, 84, 85, 86, 88, 89, 90, 92, 94, 96, 98, 100, 103],
    86: [85, 87, 88, 89, 91, 93, 95, 97, 100, 102, 105, 108, 112],
    88: [88, 89, 91, 93, 95, 98, 100, 103, 106, 110, 113, 117, 121],
    90: [91, 93, 95, 97, 100, 103, 105, 109, 113, 117, 122, 127, 132],
    92: [94, 96, 99, 101, 105, 108, 112, 116, 121, 126, 131],
    94: [97, 100, 103, 106, 110, 114, 119, 124, 129, 135],
    96: [101, 104, 108, 112, 116, 121, 126, 132],
    98: [105, 109, 113, 117, 123, 128, 134],
    100: [109, 114, 118, 124, 129, 136],
}


@pytest.mark.parametrize("temperature_f", CHART)
def test_the_heat_index_is_that_of_the_chart(temperature_f):
    for step, expected_f in enumerate(CHART[temperature_f]):
        # The chart leaves out the adjustment for high humidity, which is at most 2.1 degF, and rounds.
        more_f = 2.1 if 40 + 5 * step > 85 and temperature_f <= 87 else 0
        assert -1 <= heat_index_f(temperature_f, 40 + 5 * step) - expected_f <= 1 + more_f, step


@pytest.mark.parametrize(
    ("temperature_f", "humidity", "expected_f"),
    # Exact arithmetic: the regression minus sqrt(12/17), minus 2, unchanged, and plus 0.5; then the simple formula.
    [
        (100, 9, 93.75652),
        (95, 5, 88.17678),
        (112, 10, 106.75098),
        (82, 90, 91.99168),
        (80, 90, 86.34189),
        (113, 10, 107.8191),
        (90, 90, 121.9012),
        (70, 50, 69.525),
        (50, 80, 49.23),
    ],
)
def test_dry_humid_and_mild_air_have_their_own_terms(temperature_f, humidity, expected_f):
    assert heat_index_f(temperature_f, humidity) == pytest.approx(expected_f, abs=1e-5)


@pytest.mark.parametrize(("temperature_c", "is_told"), [(26.6, False), (26.7, True), (60.0, True), (60.1, False)])
def test_a_heat_index_is_told_where_its_chart_begins(temperature_c, is_told):
    assert (heat_index_c(temperature_c, 60) is not None) == is_told


# Environment Canada's “Wind chill calculation chart” of 2001: for each wind in km/h, from 5 to -50 degC in steps of 5.
CHILL = {
    5: [4, -2, -7, -13, -19, -24, -30, -36, -41, -47, -53, -58],
    10: [3, -3, -9, -15, -21, -27, -33, -39, -45, -51, -57, -63],
    15: [2, -4, -11, -17, -23, -29, -35, -41, -48, -54, -60, -66],
    20: [1, -5, -12, -18, -24, -30, -37, -43, -49, -56, -62, -68],
    30: [0, -6, -13, -20, -26, -33, -39, -46, -52, -59, -65, -72],
    40: [-1, -7, -14, -21, -27, -34, -41, -48, -54, -61, -68, -74],
    60: [-2, -9, -16, -23, -30, -36, -43, -50, -57, -64, -71, -78],
    80: [-3, -10, -17, -24, -31, -38, -45, -52, -60, -67, -74, -81],
}
# The National Weather Service's “Wind chill chart” of 2001 is in degF and mph: temperature, wind, wind chill.
CHILL_F = [(40, 5, 36), (40, 60, 25), (20, 15, 6), (0, 30, -26), (-20, 10, -41), (-45, 5, -63), (-45, 60, -98)]


@pytest.mark.parametrize("wind_km_h", CHILL)
def test_the_wind_chill_is_that_of_the_chart_of_canada(wind_km_h):
    told = [wind_chill_c(5 - 5 * step, wind_km_h) for step in range(12)]
    assert told == pytest.approx(CHILL[wind_km_h], abs=0.501)


@pytest.mark.parametrize(("temperature_f", "wind_mph", "expected_f"), CHILL_F)
def test_the_wind_chill_is_that_of_the_chart_of_the_united_states(temperature_f, wind_mph, expected_f):
    told = wind_chill_c((temperature_f - 32) / 1.8, wind_mph * 1.609344)
    assert told * 1.8 + 32 == pytest.approx(expected_f, abs=0.55)


@pytest.mark.parametrize(
    ("temperature_c", "wind_km_h", "is_told"),
    [
        *(
            (10, 20, True),
            (10.1, 20, False),
            (-50, 20, True),
            (-50.1, 20, False),
            (0, 4.83, True),
            (0, 3 * 1.609344, False),
        ),
        *((0, 96.5, True), (0, 96.6, False), (0, 0, False), (0, -1, False), (-1e300, 20, False), (0, 1e300, False)),
    ],
)
def test_there_is_no_wind_chill_outside_its_range(temperature_c, wind_km_h, is_told):
    assert (wind_chill_c(temperature_c, wind_km_h) is not None) == is_told


# The Bureau of Meteorology's “Thermal comfort observations” for New South Wales, 19 October 2025, 7 pm: temperature,
# dew point, wind at 10 m in km/h, apparent temperature in the shade. Nobbys Head and Norah Head have wind from the sea.
APPARENT = [
    ("Ballina", 21.0, 17.2, 9, 21.8),
    ("Cape Byron", 20.7, 17.7, 17, 20.2),
    ("Evans Head", 20.6, 17.4, 9, 21.4),
    ("Taree", 19.5, 13.9, 17, 17.5),
    ("Murrurundi Gap", 23.9, 6.7, 6, 22.0),
    ("Nobbys Head", 19.9, 15.1, 24, 17.0),
    ("Norah Head", 19.7, 16.2, 41, 14.0),
    ("Scone", 23.4, 12.1, 11, 22.0),
    ("Singleton", 24.6, 9.3, 7, 23.1),
    ("Canterbury", 21.0, 13.7, 19, 18.6),
]


@pytest.mark.parametrize(("place", "temperature_c", "dew_c", "wind_km_h", "expected_c"), APPARENT)
def test_the_apparent_temperature_is_the_one_that_its_bureau_tells(place, temperature_c, dew_c, wind_km_h, expected_c):
    """The wind is published in whole km/h, made from whole knots: half a knot is 0.2 degrees."""
    humidity = 100 * vapour_pressure_hpa(dew_c) / vapour_pressure_hpa(temperature_c)
    told = apparent_temperature_c(temperature_c, humidity, wind_km_h / 3.6)
    assert told == pytest.approx(expected_c, abs=0.25), place


@pytest.mark.parametrize(
    ("temperature_c", "humidity", "wind_m_s", "is_told"),
    [
        *((20, 50, 0, True), (20, 50, 26.8, True), (20, 50, 26.9, False), (20, 50, -0.1, False)),
        *((20, 0, 1, False), (60, 5, 1, True), (60.1, 5, 1, False), (-45.1, 50, 1, False)),
    ],
)
def test_there_is_no_apparent_temperature_outside_its_range(temperature_c, humidity, wind_m_s, is_told):
    assert (apparent_temperature_c(temperature_c, humidity, wind_m_s) is not None) == is_told


# Environment Canada's table by dew point, as “Humidex” of Wikipedia has it: how much is added to the temperature, from
# 15 to 43 degC; and the two examples with a decimal of the Waterloo programming contest of 14 July 2007.
ADDED = {10: 1, 11: 2, 12: 2, 13: 3, 14: 3, 15: 4, 25: 12}


@pytest.mark.parametrize("dew_c", ADDED)
def test_the_humidex_is_that_of_the_table(dew_c):
    for temperature_c in (dew_c + 1, 30, 43):
        assert round(humidex_at_dew_point(temperature_c, dew_c)) == temperature_c + ADDED[dew_c]


@pytest.mark.parametrize(("dew_c", "expected"), [(15, 34.0), (25, 42.3)])
def test_the_humidex_is_that_of_published_examples(dew_c, expected):
    assert humidex_at_dew_point(30, dew_c) == pytest.approx(expected, abs=0.05)


@pytest.mark.parametrize(
    ("temperature_c", "humidity", "expected"),
    # The chart by relative humidity of the Canadian Centre for Occupational Health and Safety, and that of the
    # Occupational Health Clinics for Ontario Workers, in whole numbers.
    [(30, 70, 41), (28, 50, 33), (25, 65, 31), (33.3, 56, 44)],
)
def test_the_humidex_is_that_of_a_chart_by_humidity(temperature_c, humidity, expected):
    assert humidex(temperature_c, humidity) == pytest.approx(expected, abs=0.6)


@pytest.mark.parametrize(
    ("temperature_c", "humidity", "is_told"),
    # By the table, one degree is added from a dew point of 10 degC on: at 30 degC, that is 29 %.
    [(20, 60, True), (19.9, 100, False), (30, 29, True), (30, 26, False), (30, 0, False), (61, 50, False)],
)
def test_a_humidex_is_told_in_warm_and_humid_air_only(temperature_c, humidity, is_told):
    assert (humidex(temperature_c, humidity) is not None) == is_told
