"""Values, moments and ages in the form that pages write."""

from datetime import UTC, datetime, timedelta

import pytest
from django.template import Context, Template

from freetemp.ages import ago
from readings.display.values import is_implausible
from readings.models.summary import Total
from readings.templatetags.weather import lags, newest_at
from stations.models import Field, Station
from stations.models.status import Status
from stations.units import SYSTEMS

NARROW = "\N{NARROW NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"
NOW = datetime(2026, 11, 22, 11, 0, tzinfo=UTC)


def render(template: str, **context) -> str:
    return Template("{% load weather %}" + template).render(Context(context))


@pytest.mark.parametrize(
    ("unit", "decimals", "value", "metric", "us"),
    [
        ("degC", 1, 21.44, f"21.4{NARROW}°C", f"70.6{NARROW}°F"),
        ("degC", 1, -3.2, f"{MINUS}3.2{NARROW}°C", f"26.2{NARROW}°F"),
        ("degC", 1, -0.04, f"0.0{NARROW}°C", f"31.9{NARROW}°F"),
        ("degF", 0, 50, f"10{NARROW}°C", f"50{NARROW}°F"),
        ("hPa", 1, 1013.25, f"1013.2{NARROW}hPa", f"29.92{NARROW}inHg"),
        ("hPa", 0, 1013.25, f"1013{NARROW}hPa", f"29.92{NARROW}inHg"),
        ("m/s", 1, 10, f"10.0{NARROW}m/s", f"22.4{NARROW}mph"),
        ("mm", 1, 2.5, f"2.5{NARROW}mm", f"0.10{NARROW}in"),
        ("%", 0, 59.6, f"60{NARROW}%", f"60{NARROW}%"),
        ("", 2, 1.005, "1.00", "1.00"),
        ("bananas", 0, 3, f"3{NARROW}bananas", f"3{NARROW}bananas"),
    ],
)
def test_a_quantity_is_in_the_viewers_units_with_fitting_decimals(unit, decimals, value, metric, us):
    field = Field(number=1, name="x", unit=unit, decimals=decimals)
    for units, expected in (("metric", metric), ("us", us)):
        assert render("{% quantity value field %}", units=SYSTEMS[units], value=value, field=field) == expected


def test_a_value_that_is_missing_is_a_dash_without_a_unit():
    field = Field(number=1, name="x", unit="degC", decimals=1)
    assert render("{% quantity value field %}", value=None, field=field) == "\N{EN DASH}"


@pytest.mark.parametrize(
    ("low", "high", "units", "words"),
    [
        (-3.25, 12, "metric", f"{MINUS}3.2 to 12.0{NARROW}°C"),
        (21.4, 21.4, "metric", f"21.4{NARROW}°C"),
        (21.36, 21.44, "metric", f"21.4{NARROW}°C"),
        (21.36, 21.44, "us", f"70.4 to 70.6{NARROW}°F"),
        (-0.04, 0.04, "metric", f"0.0{NARROW}°C"),
    ],
)
def test_a_range_is_one_value_where_both_ends_look_the_same(low, high, units, words):
    field = Field(number=1, name="x", unit="degC", decimals=1)
    known = {"units": SYSTEMS[units], "total": Total(2, low + high, low, high), "field": field}
    assert render("{% spread total field %}", **known) == words
    cell = render("{% summaries cells %}", cells=[(field, known["total"])], units=SYSTEMS[units])
    assert ("<small>" in cell) == (" to " in words)


@pytest.mark.parametrize(("hours", "words"), [(1, "15:45"), (17, "21 Nov 2026, 23:45")])
def test_a_moment_of_another_day_has_its_date(hours, words):
    station = Station(timezone="Asia/Kathmandu")
    shown = render("{% moment_by at station now %}", at=NOW - timedelta(hours=hours), station=station, now=NOW)
    assert f">{words}</time>" in shown


def test_a_moment_is_in_the_stations_zone():
    shown = render("{% moment at station 'H:i' %}", at=NOW, station=Station(timezone="Asia/Kathmandu"))
    assert 'datetime="2026-11-22T16:45:00+05:45"' in shown
    assert shown.endswith(">16:45</time>")
    assert "Sunday 22 November 2026, 16:45:00" in shown


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(seconds=-3), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(seconds=60), "1 minute ago"),
        (timedelta(minutes=3, seconds=59), "3 minutes ago"),
        (timedelta(hours=23, minutes=59), "23 hours ago"),
        (timedelta(days=1), "1 day ago"),
        (timedelta(days=62), "2 months ago"),
        (timedelta(days=800), "2 years ago"),
    ],
)
def test_an_age_is_whole_units_that_have_passed(length, words):
    assert ago(length) == words
    at = NOW - length
    shown = render("{% age at station now %}", at=at, now=NOW, station=Station(timezone="UTC"))
    assert shown.endswith(f" data-age>{words}</time>")


def test_the_newest_of_some_fields_is_found_and_none_has_none():
    fields = [Field(newest_at=NOW), Field(newest_at=None), Field(newest_at=NOW - timedelta(hours=1))]
    assert newest_at(fields) == NOW
    assert newest_at([]) is None


def test_a_field_that_fell_silent_while_others_report_is_told_apart():
    station = Station(interval_s=60)
    assert not lags(Field(newest_at=NOW - timedelta(minutes=3)), station, NOW)
    assert lags(Field(newest_at=NOW - timedelta(minutes=4)), station, NOW)
    assert lags(Field(newest_at=None), station, NOW)


@pytest.mark.parametrize(
    ("status", "newest", "words"),
    [
        (Status.NEVER, None, "Never heard from"),
        (Status.NEVER, NOW, "Imported"),
        (Status.SILENT, NOW, "Silent"),
        (Status.INACTIVE, None, "Switched off"),
    ],
)
def test_a_status_is_told_in_words_that_fit_the_readings(status, newest, words):
    assert f">{words}</span>" in render("{% status_mark status newest %}", status=status, newest=newest)


def test_a_value_outside_its_limits_is_marked():
    assert is_implausible(Field(newest_value=99, largest=60))
    assert not is_implausible(Field(newest_value=20, largest=60))
    assert not is_implausible(Field(newest_value=None, largest=60))
