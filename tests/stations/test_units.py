"""Units in a viewer's choice."""

import pytest

from stations.units import DIMENSIONS, METRIC, SYSTEMS, Units, displayed

pytestmark = pytest.mark.sqlite_only


@pytest.mark.parametrize(
    ("stored", "shown", "value", "expected"),
    # NIST SP 811, appendix B.8: the factors; exact for temperature, speed and length.
    [
        ("degC", "degF", 100, 212),
        ("degF", "degC", -40, -40),
        ("hPa", "inHg", 1013.25, 29.9213),
        ("inHg", "hPa", 29.92, 1013.207),
        ("m/s", "km/h", 10, 36),
        ("m/s", "mph", 0.44704, 1),
        ("km/h", "mph", 1.609344, 1),
        ("mph", "m/s", 1, 0.44704),
        ("mm", "in", 25.4, 1),
        ("in", "mm", 2, 50.8),
    ],
)
def test_a_value_is_converted(stored, shown, value, expected):
    quantity = next(name for name, sizes in DIMENSIONS.items() if shown in sizes)
    unit = displayed(stored, METRIC._replace(**{quantity: shown}))
    assert unit.name == shown
    assert unit.convert(value) == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("quantity", DIMENSIONS)
def test_there_and_back_is_the_same(quantity):
    for stored in DIMENSIONS[quantity]:
        for shown in DIMENSIONS[quantity]:
            there = displayed(stored, METRIC._replace(**{quantity: shown}))
            back = displayed(shown, METRIC._replace(**{quantity: stored}))
            assert back.convert(there.convert(12.3)) == pytest.approx(12.3)


def test_a_difference_has_no_zero_to_move():
    assert displayed("degC", SYSTEMS["us"]).convert_difference(10) == pytest.approx(18)


def test_a_larger_unit_has_more_decimals():
    assert displayed("hPa", SYSTEMS["us"]).decimals(1) == 2
    assert displayed("mm", SYSTEMS["us"]).decimals(1) == 2
    assert displayed("m/s", SYSTEMS["us"]).decimals(1) == 1
    assert displayed("inHg", METRIC).decimals(2) == 1


def test_without_a_choice_and_without_a_quantity_a_unit_is_as_it_is_stored():
    assert displayed("degF").name == "degF"
    assert displayed("bananas", SYSTEMS["us"]).symbol == "bananas"


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("us", SYSTEMS["us"]),
        ("metric", METRIC),
        ("km/h", METRIC._replace(wind="km/h")),
        ("degF:hPa:mph:mm", Units("degF", "hPa", "mph", "mm")),
        ("bananas:degF", METRIC._replace(temperature="degF")),
        ("", None),
        ("x" * 1000, None),
        (":::", None),
    ],
)
def test_a_choice_is_read_and_nonsense_passed_over(text, units):
    assert Units.parse(text) == units
    assert units is None or Units.parse(str(units)) == units
