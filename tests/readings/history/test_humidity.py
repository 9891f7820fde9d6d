"""Dew point and heat index against published tables, and the choice of a station's values for them."""

from datetime import UTC, datetime, timedelta

import pytest

from readings.history.humidity import air, derived, dew_point_c, heat_index_f
from stations.models import Field, Station

pytestmark = pytest.mark.sqlite_only

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


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


def station_with(*fields, interval_s=60):
    return Station(name="Roof", interval_s=interval_s), [
        Field(number=number, name=name, unit=unit, newest_value=value, newest_at=at)
        for number, (name, unit, value, at) in enumerate(fields, start=1)
    ]


def test_both_are_told_of_values_from_one_report():
    found = derived(*station_with(("temperature", "degC", 32.0, NOON), ("humidity", "%", 60.0, NOON)))
    assert found.at == NOON
    assert found.dew_point_c == pytest.approx(dew_point_c(32, 60))
    assert found.heat_index_c == pytest.approx((heat_index_f(89.6, 60) - 32) / 1.8)


def test_a_station_in_fahrenheit_has_the_same():
    in_c = derived(*station_with(("temperature", "degC", 30.0, NOON), ("humidity", "%", 60.0, NOON)))
    in_f = derived(*station_with(("temperature", "degF", 86.0, NOON), ("humidity", "%", 60.0, NOON)))
    assert in_f.dew_point_c == pytest.approx(in_c.dew_point_c)
    assert in_f.heat_index_c == pytest.approx(in_c.heat_index_c)


def test_no_heat_index_is_told_below_where_its_chart_begins():
    found = derived(*station_with(("temperature", "degC", 26.6, NOON), ("humidity", "%", 60.0, NOON)))
    assert found.heat_index_c is None
    assert found.dew_point_c is not None


@pytest.mark.parametrize(("temperature_c", "humidity"), [(1e300, 60.0), (1e300, 1e300), (60.1, 50.0), (20.0, 5e-324)])
def test_nothing_is_told_of_what_a_broken_board_reports(temperature_c, humidity):
    told = station_with(("temperature", "degC", temperature_c, NOON), ("humidity", "%", humidity, NOON))
    assert derived(*told) is None


@pytest.mark.parametrize(("age_s", "is_told"), [(0, True), (120, True), (121, False), (86_400, False)])
@pytest.mark.parametrize("older", ["temperature", "humidity"])
def test_values_that_were_not_measured_together_tell_nothing(older, age_s, is_told):
    at = dict.fromkeys(("temperature", "humidity"), NOON) | {older: NOON - timedelta(seconds=age_s)}
    found = derived(
        *station_with(("temperature", "degC", 20.0, at["temperature"]), ("humidity", "%", 60.0, at["humidity"]))
    )
    assert (found is not None) == is_told
    assert found is None or found.at == NOON - timedelta(seconds=age_s)


def test_an_implausible_or_missing_value_tells_nothing():
    station, fields = station_with(("temperature", "degC", 85.0, NOON), ("humidity", "%", 60.0, NOON))
    fields[0].largest = 60
    assert derived(station, fields) is None
    fields[0].newest_value = fields[0].newest_at = None
    assert derived(station, fields) is None
    assert derived(station, []) is None


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["temperature %C", "humidity %"], (1, 2)),
        (["soil temperature %C", "temperature %C", "humidity %"], (2, 3)),
        (["Outdoor temperature %C", "Indoor temperature %C", "Indoor humidity %"], (2, 3)),
        (["temperature %C", "Relative humidity %"], (1, 2)),
        (["air %F", "humidity %"], (1, 2)),
        (["roof %C", "cellar %C", "humidity %"], None),
        (["temperature %C", "soil moisture %"], None),
        (["temperature %C", "soil humidity %"], None),
        (["temperature %C", "battery %"], None),
        (["humidity %"], None),
        (["Temperatur %C", "Luftfeuchtigkeit %"], (1, 2)),
        (["Bodentemperatur %C", "Lufttemperatur %C", "rel. Luftfeuchte %"], (2, 3)),
        (["Bodentemperatur %C", "Temperatur %C", "Relative Feuchte %"], (2, 3)),
        (["Außentemperatur %C", "Innentemperatur %C", "Innenluftfeuchte %"], (2, 3)),
        (["Temperatur außen %C", "Temperatur innen %C", "Feuchte innen %"], (2, 3)),
        (["Temperatur %C", "Bodenfeuchte %"], None),
        (["Temperatur %C", "Feuchte Boden %"], None),
        (["Temperatur %C", "Holzfeuchte %"], None),
        (["Temperatur %C", "Blattfeuchtigkeit %"], None),
    ],
)
def test_a_humidity_goes_with_the_temperature_of_its_own_air(names, expected):
    fields = [
        (name[:-3], "deg" + name[-1], 20.0, NOON) if name[-1] in "CF" else (name[:-2], "%", 50.0, NOON)
        for name in names
    ]
    found = air(station_with(*fields)[1])
    assert (found and tuple(field.number for field, _, _ in found)) == expected
