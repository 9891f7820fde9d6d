"""The charts of rain and of wind directions, by the rules of their kinds: axes, bars, points and what they read."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from tests.pages.viewer import PHONE, VIEWER, drawn

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]

PAGE = "/stations/5/"  # It has rain, gusts and a vane: see seed.py.
HOUR, NOON = 3600, 1_793_448_000
# A chart of the page's own modules in a box of its own, of a view from noon to six.
CHART = """
const [module, { Moments }, { Zone }] = [await load(given.module), await load("lib/times"), await load("lib/zone")];
const plot = document.createElement("div");
plot.style = "width: 600px; height: 200px";
document.querySelector("figure.chart").append(plot);
const view = { start: given.start, end: given.start + 6 * 3600, span_s: 6 * 3600, shift_s: 86400 };
const field = { scale: 1, offset: 0, decimals: 1, symbol: "mm", kind: given.kind };
const moments = new Moments(new Zone({ kinds: [[0, "UTC"]], changes: [0, 0] }));
const Chart = Object.values(module).find((own) => own.prototype?.setSeries);
const chart = new Chart(plot, field, moments, view, { read: () => {} });
chart.setSeries(view, given.series);
if (given.before) chart.compared.setSeries(given.before, 86400);
chart.show();
await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
const done = (found) => {
  plot.remove();
  return found;
};
"""


def of_bars(**own):
    time = [NOON - HOUR / 2, NOON + HOUR / 2, NOON + 3 * HOUR]
    series = {"kind": "sum", "per": "hour", "time": time, "until": [at + HOUR for at in time], "sum": [2.0, 0.0, 10.0]}
    return {"module": "chart/bar_chart", "kind": "amount", "start": NOON, "series": series} | own


def test_bars_stand_on_an_axis_from_0_and_are_read_from_their_start_to_their_end(ask):
    body = f"""{CHART}
    const {{ min, max }} = chart.uplot.scales.y;
    const read = given.moments.map((at) => {{
      const index = chart._pointed(chart.uplot.valToIdx(at), at);
      return index === null || !chart.isNear(index, at) ? null : chart.at(index);
    }});
    const found = read.map((each) => each && [each.start, each.step_s, each.mean]);
    return done([min, max, found, chart.isEmpty, chart.step_s]);"""
    moments = [NOON - HOUR, NOON + 60, NOON + HOUR / 2, NOON + 2 * HOUR, NOON + 4 * HOUR - 1, NOON + 4 * HOUR]
    low, high, read, is_empty, step_s = ask(body, of_bars(moments=moments))
    assert (low, is_empty, step_s) == (0, False, HOUR)
    assert high == pytest.approx(10.8)
    time, sums = of_bars()["series"]["time"], of_bars()["series"]["sum"]
    first, dry, last = ([at, HOUR, amount] for at, amount in zip(time, sums, strict=True))
    assert read == [None, first, dry, None, last, None]


def test_a_dry_day_is_not_empty_and_one_without_readings_is(ask):
    body = f"""{CHART}
    return done([chart.isEmpty, chart.uplot.scales.y.max]);"""
    dry = of_bars()["series"] | {"sum": [0.0, 0.0, 0.0]}
    none = of_bars()["series"] | {"time": [], "until": [], "sum": []}
    assert ask(body, of_bars(series=dry)) == [False, 1]
    assert ask(body, of_bars(series=none))[0] is True


def test_bars_of_days_give_way_to_those_of_hours_and_hours_stay_beside_hours(ask):
    body = f"""{CHART}
    const {{ begin }} = chart.layers;
    const shown = given.more.map((series) => {{
      chart.setSeries({{ start: series.time[0], end: series.until.at(-1) }}, series);
      return chart.layers.begin.length;
    }});
    return done([begin.length, ...shown]);"""
    day = of_bars()["series"] | {"per": "day", "time": [NOON - 12 * HOUR], "until": [NOON + 12 * HOUR], "sum": [12.0]}
    hours = of_bars()["series"]
    later = hours | {"time": [NOON + 4 * HOUR], "until": [NOON + 5 * HOUR], "sum": [1.0]}
    assert ask(body, of_bars(series=day, more=[hours, later])) == [1, 3, 4]


def test_bars_of_another_period_are_read_beside_them(ask):
    body = f"""{CHART}
    return done([0, 1, 2].map((index) => chart.at(index).before).concat(chart.compared.extended(1, 2)));"""
    time = [NOON + 3 * HOUR - 86_400]
    before = {"per": "hour", "time": time, "until": [time[0] + HOUR], "sum": [14.0]}
    assert ask(body, of_bars(before=before)) == [None, None, 14, 1, 14]


def test_directions_are_on_an_axis_of_north_to_north_without_a_line(ask):
    body = f"""{CHART}
    const {{ scales, series }} = chart.uplot;
    const points = [0, 1, 2].map((index) => chart.at(index));
    const words = points.map((each) => each && chart.written(each.mean) + chart.spread(each));
    const lines = series.filter(({{ _paths }}) => _paths).length;
    return done([scales.y.min, scales.y.max, lines, words, module.compassPoint(20), module.compassPoint(359)]);"""
    time = [NOON + n * HOUR for n in (1, 2, 3)]
    series = {"step_s": HOUR, "time": time, "mean": [350.2, None, 9.6], "steadiness": [0.94, None, 1]}
    given = {"module": "chart/direction_chart", "kind": "direction", "start": NOON, "series": series}
    low, high, lines, words, *points = ask(body, given)
    assert (low, high, lines) == (0, 360, 0)
    assert words == ["N (350°), steady 94\u202f%", None, "N (10°), steady 100\u202f%"]
    assert points == ["NNE", "N"]


def test_a_phone_reads_a_day_of_rain_the_highest_of_gusts_and_the_mean_of_directions(browser, server):
    """Of every five minutes: see seed.py. Three days are too many for the readings themselves."""
    context = browser.new_context(base_url=server.url, **VIEWER, **PHONE)
    page, now = context.new_page(), datetime.now(UTC)
    page.goto(f"/stations/5/?start={now - timedelta(days=3):%Y-%m-%dT%H:%MZ}&end={now:%Y-%m-%dT%H:%MZ}")
    drawn(page)
    words = []
    for number in (1, 2, 3):
        plot = page.locator(f"figure[data-field='{number}'] .plot")
        plot.focus()
        page.keyboard.press("End")
        page.keyboard.press("ArrowLeft")
        words.append(plot.get_attribute("aria-valuetext").partition(": ")[2])
    assert words[:2] == ["14.4\u202fmm", "12.0\u202fm/s"]
    assert re.fullmatch("N \\((357|3)°\\), steady 98\u202f%", words[2]), words
    context.close()
