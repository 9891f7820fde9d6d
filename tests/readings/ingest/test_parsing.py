"""The form of a number in a device's address, in a report and in a file."""

import pytest

from readings.ingest.parsing import parse_decimal, parse_field_number, parse_single_value
from readings.ingest.reports import NoReportError

pytestmark = pytest.mark.sqlite_only


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *(("0", 0.0), ("-0.5", -0.5), ("+21.4", 21.4), (".5", 0.5), ("5.", 5.0), ("1e2", 100.0), ("1E-2", 0.01)),
        *(("1e300", 1e300), ("-1e300", -1e300), ("1e-9999", 0.0), ("0" * 39 + "1", 1.0)),
    ],
)
def test_a_decimal_is_read(text, value):
    assert parse_decimal(text) == value


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            ".",
            "-",
            "e5",
            "1e",
            "1e99999",
            "nan",
            "inf",
            "1_0",
            " 1",
            "1 ",
            "1\n",
            "1,5",
            "٣",
            "0x1",
            "--1",
            "1.2.3",
        ),
        *("1.1e300", "-1.1e300", "1e9999", "0" * 40 + "1"),
    ],
)
def test_what_is_no_decimal_or_too_large_is_refused(text):
    with pytest.raises(ValueError, match="number"):
        parse_decimal(text)


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("1", 1), ("00255", 255), ("99999", 99_999)])
def test_a_fields_number_has_up_to_five_digits(text, number):
    assert parse_field_number(text) == number


@pytest.mark.parametrize("text", ["", "100000", "-1", "1.0", "1 ", "٣", "x"])
def test_what_is_no_fields_number_is_refused(text):
    with pytest.raises(ValueError, match="the number of a field"):
        parse_field_number(text)


def test_a_single_value_names_the_part_that_is_wrong():
    assert parse_single_value("2", "21.4") == (2, 21.4)
    for parts, name in ((("x", "1"), "field: "), (("1", "x"), "data: "), (("x", "y"), "field: ")):
        with pytest.raises(NoReportError, match=f"^{name}"):
            parse_single_value(*parts)
