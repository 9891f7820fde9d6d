"""Rain as bars, gusts as a line of the highest, directions as points: on the page, in pictures and previews."""

import re
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest

from freetemp.fields import to_millis
from readings import ingest
from readings.calendar.periods import Period
from readings.charts.drawing_process import png
from readings.charts.inline_chart import BOX, sketches
from readings.charts.link_preview import preview
from readings.ingest.reports import Measurement
from stations.models import Station
from stations.quantities import quantity_named
from stations.units import METRIC, Units

pytestmark = pytest.mark.django_db

DAY = datetime(2026, 6, 1, tzinfo=UTC)
SVG = "{http://www.w3.org/2000/svg}"
RAIN, VANE, GUST = 1, 2, 3
# Of the box: the axis ends 8 % above the highest bar, and a bar leaves 6 % of its width free at either side.
TOP, BESIDE = 1 / 1.08, 0.06


@pytest.fixture
def roof():
    station = Station.objects.create(name="Roof", timezone="UTC", interval_s=900)
    station.fields.all().delete()
    station.fields.create(number=RAIN, name="rain", unit="mm")
    station.fields.create(number=VANE, name="wind direction", unit="deg")
    station.fields.create(number=GUST, name="gust", unit="m/s")
    return station


def store(station, field, values, step=timedelta(hours=1), start=DAY):
    rows = [(to_millis(start + n * step), value) for n, value in enumerate(values) if value is not None]
    ingest.store(station, [Measurement(field, at, value) for at, value in rows])


def drawn(station, field, kind="day", units=METRIC):
    fields = list(station.fields.select_related("station"))
    return sketches(fields, Period.containing(DAY.date(), kind, station.zone), units)[field]


def boxes(path):
    """Return (left, top, right, bottom) of each bar of a path."""
    found = re.findall(r"M(\d+) (\d+)h(\d+)v(\d+)H\d+z", path)
    return [(x, y, x + width, y + height) for x, y, width, height in (map(int, each) for each in found)]


def said(root):
    return " ".join("".join(each.itertext()) for each in root.iter(f"{SVG}text"))


def picture(client, station, field, **parameters):
    answer = client.get(f"/stations/{station.pk}/chart.svg", {"field": field, "date": "2026-06-01", **parameters})
    return ElementTree.fromstring(answer.content)  # noqa: S314 - our own


def test_each_hours_sum_is_a_bar_from_its_start_to_its_end_on_an_axis_from_0(roof):
    # Reports at half past: each stands for the time before it, so 0.5 + 1.5 fell in the fourth hour.
    store(roof, RAIN, [0.5, None, None, 0.5, 0.0, 8.0], start=DAY + timedelta(minutes=30))
    store(roof, RAIN, [1.5], start=DAY + timedelta(hours=3, minutes=45))
    bars = boxes(drawn(roof, RAIN).bars)
    hour = BOX.width / 24
    for (hour_of_day, amount), (left, top, right, bottom) in zip({0: 0.5, 3: 2.0, 5: 8.0}.items(), bars, strict=True):
        assert bottom == BOX.height
        assert left == pytest.approx((hour_of_day + BESIDE) * hour, abs=1)
        assert right == pytest.approx((hour_of_day + 1 - BESIDE) * hour, abs=1)
        assert top == pytest.approx(BOX.height * (1 - amount / 8 * TOP), abs=1)


def test_a_little_rain_is_seen_and_no_rain_has_no_bar(roof):
    store(roof, RAIN, [0.0, 0.01, 50.0], start=DAY + timedelta(minutes=30))
    (_, top, _, bottom), _ = boxes(drawn(roof, RAIN).bars)
    assert bottom - top >= 4


def test_a_month_has_a_bar_for_each_day_in_the_viewers_unit(roof):
    store(roof, RAIN, [2.54] * 30, step=timedelta(days=1), start=DAY + timedelta(hours=12))
    sketch = drawn(roof, RAIN, "month", Units.parse("us"))
    bars = boxes(sketch.bars)
    assert len(bars) == 30
    assert {top for _, top, _, _ in bars} == {round(BOX.height * (1 - TOP))}
    assert sketch.levels[0][1] == "0.00"
    assert "0.10" in [label for _, label in sketch.levels]


def test_directions_are_points_that_no_line_connects_through_south(roof):
    store(roof, VANE, [350.0, 10.0, 180.0], step=timedelta(minutes=15))
    sketch = drawn(roof, VANE)
    assert sketch.line == sketch.band == ""
    points = [tuple(map(int, each)) for each in re.findall(r"M(\d+) (\d+)l0 0", sketch.dots)]
    quarter = BOX.width / 96
    assert points == [
        (round(n * quarter), round(BOX.height * (1 - degrees / 360))) for n, degrees in enumerate((350, 10, 180))
    ]


def test_the_axis_of_directions_goes_from_north_over_east_to_north(client, roof):
    store(roof, VANE, [90.0])
    levels = drawn(roof, VANE).levels
    assert levels == [("100.0%", "N"), ("75.0%", "E"), ("50.0%", "S"), ("25.0%", "W"), ("0.0%", "N")]
    words = said(picture(client, roof, VANE, lang="de"))
    assert "N O S W N" in words


def test_a_gust_is_drawn_by_its_highest_and_not_by_its_mean(client, roof):
    store(roof, GUST, [5.0, 25.0, 5.0, 5.0] * 300, step=timedelta(minutes=1))
    sketch = drawn(roof, GUST)
    assert sketch.plot.series.step_s == 300
    assert sketch.band == ""
    heights = {y for stretch in sketch.plot.lines for _, y in stretch}
    assert len(heights) == 1, "there was a gust of 25 in every five minutes"
    root = picture(client, roof, GUST)
    assert "High 25.0\u202fm/s 00:01" in said(root)
    assert "Mean" not in said(root)
    assert len([each for each in root.iter(f"{SVG}circle") if each.get("class") == "d"]) == 1


def test_a_picture_of_rain_says_its_sum_and_the_wettest_hour(client, roof):
    store(roof, RAIN, [1.0, 8.0, 0.5], start=DAY + timedelta(minutes=30))
    words = said(picture(client, roof, RAIN))
    assert "Sum 9.5\u202fmm" in words
    assert "Most in an hour 8.0\u202fmm 01:00" in words
    small = said(picture(client, roof, RAIN, width=240, height=160))
    assert "Sum 9.5\u202fmm" in small
    (bars,) = [each for each in picture(client, roof, RAIN).iter(f"{SVG}path") if each.get("class") == "c"]
    assert bars.get("d").count("M") == 3


def test_a_picture_of_directions_says_their_mean_and_how_steady_they_were(client, roof):
    store(roof, VANE, [350.0, 10.0] * 20, step=timedelta(minutes=5))
    words = said(picture(client, roof, VANE))
    assert "Mean N (0°), steady 98\u202f%" in words


def test_an_embedded_station_says_the_sum_and_the_point_of_the_compass(client, roof):
    store(roof, RAIN, [1.0, 8.0], start=DAY + timedelta(minutes=30))
    store(roof, VANE, [224.0])
    page = client.get(f"/stations/{roof.pk}/embed/?field={RAIN}&date=2026-06-01").content.decode()
    assert "<span>Sum 9.0\u202fmm</span>" in page
    assert '<b>SW</b> <span class="unit">224°</span>' in page
    assert '<span class="unit">mm today</span>' in page


@pytest.mark.parametrize(
    ("name", "unit", "values", "drawn"),
    [("rain", "mm", [1.0, 8.0], (2, 0, 0)), ("wind direction", "deg", [350.0, 10.0], (0, 2, 0))],
)
def test_a_preview_has_bars_of_rain_and_dots_of_directions(client, name, unit, values, drawn):
    station = Station.objects.create(name="Shore", timezone="UTC")
    station.fields.update(name=name, unit=unit, quantity=quantity_named(name, unit))
    store(station, 1, values, start=DAY + timedelta(minutes=30))
    line = preview(Station.objects.with_fields().get(), METRIC, DAY + timedelta(hours=20)).line
    assert (len(line.bars), len(line.dots), len(line.stretches)) == drawn
    assert (line.low, line.high) == (None, None)
    assert png(preview(Station.objects.with_fields().get(), METRIC, DAY + timedelta(hours=20))).startswith(b"\x89PNG")
