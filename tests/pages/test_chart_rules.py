"""The rules of a chart's parts, asked one by one in a browser: which points it has, what it reads, how high it is."""

from datetime import UTC, datetime
from random import Random
from zoneinfo import ZoneInfo

import pytest

from readings.calendar.clocks import clocks_for_scripts

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]

PAGE = "/stations/1/?compare=before"
CHANCE = Random(11)
# Columns of a layer.
NAMES = ("time", "high", "low", "mean", "begin", "step")


def layer(number, start, end):
    """Return a layer with readings in a stretch of time. Its other columns say which layer they are of."""
    time = sorted({start + CHANCE.random() * (end - start) for _ in range(CHANCE.choice((0, 1, 5, 30)))})
    return {"start": start, "end": end} | {name: [number] * len(time) for name in NAMES} | {"time": time}


def merged(layers):
    """Return the moments that a chart shows, each with its layer's number: older ones stand only beside newer ones."""
    newest, *older = layers
    start, end, shown = newest["start"], newest["end"], rows(newest)
    for each in older:
        if each["end"] >= start and each["start"] <= end:
            shown = [row for row in rows(each) if not start <= row[0] < end] + shown
            start, end = min(start, each["start"]), max(end, each["end"])
    return sorted(shown)


def rows(layer):
    return list(zip(layer["time"], layer["mean"], strict=True))


def test_a_newer_stretch_covers_older_ones_which_stay_beside_it_where_they_touch(ask):
    for _ in range(12):
        starts = [CHANCE.choice((0, 100, 250, 400, 1000)) for _ in range(CHANCE.randint(1, 6))]
        layers = [layer(n, start, start + CHANCE.choice((50, 150, 400))) for n, start in enumerate(starts)]
        columns = ask(
            """const { Layers } = await load("chart/layers");
            const layers = new Layers();
            for (const layer of given) layers.add(layer);
            return layers;""",
            layers,
        )
        newest_first = layers[::-1][:4]
        assert list(zip(columns["time"], columns["begin"], strict=True)) == merged(newest_first)
        assert columns["high"] == columns["low"] == columns["mean"] == columns["step"] == columns["begin"]


def test_a_value_that_arrives_is_behind_the_newest_stretch_and_covers_what_was_there(ask):
    old, new = layer(0, 0, 1000), layer(1, 500, 800)
    found = ask(
        """const { Layers } = await load("chart/layers");
        const layers = new Layers();
        for (const layer of given) layers.add(layer);
        layers.push({ time: 899, high: 2, low: 2, mean: 2, begin: 2, step: 2 });
        const found = [[899, 899], [-2, -1], [-1, 2000]].map(([start, end]) => layers.within(start, end));
        return [layers.time, ...found, layers.newest.end];""",
        [old, new],
    )
    time = [at for at in old["time"] if not 500 <= at < 900] + new["time"] + [899]
    at = sorted(time).index(899)
    assert found == [sorted(time), [at, at], [0, -1], [0, len(time) - 1], 900]


HOUR, DAY = 3600, 86_400
NEVER = -1e9


@pytest.mark.parametrize(
    ("symbol", "decimals", "low", "high", "shown"),
    [
        ("°C", 1, 10, 20, (9.2, 20.8)),
        ("°C", 1, -5, 5, (-5.8, 5.8)),
        ("°C", 1, 21.4, 21.5, (20.95, 21.95)),  # noise
        ("hPa", 0, 1013, 1013, (1008, 1018)),
        ("mm", 1, 0, 0.1, (0, 0.55)),  # never negative
        ("%", 0, 40, 100, (35.2, 102)),  # never much more than everything
        ("%", 0, 40, 101, (35.12, 105.88)),
        ("°C", 1, 1e17, 1e17, (1e17 - 1e8, 1e17 + 1e8)),
        ("°C", 1, None, None, (0, 1)),
    ],
)
def test_the_height_of_a_chart_leaves_some_air(ask, symbol, decimals, low, high, shown):
    field = {"symbol": symbol, "decimals": decimals}
    body = """const { Height } = await load("chart/value_axis");
    return new Height(given.field, () => {}).range(given.low, given.high);"""
    assert ask(body, {"field": field, "low": low, "high": high}) == pytest.approx(list(shown), rel=1e-12, abs=1e-9)


def test_the_height_stands_still_during_a_move_and_glides_afterwards(ask):
    body = """const { Height } = await load("chart/value_axis");
    const [own, soon, now] = [performance.now, requestAnimationFrame, performance.now()];
    let drawn = 0;
    let passed = 0;
    performance.now = () => now + passed;
    globalThis.requestAnimationFrame = (redraw) => redraw();
    const height = new Height({ symbol: "°C", decimals: 1 }, () => (drawn += 1));
    const shown = [height.range(-10, 10)];
    height.hold();
    shown.push(height.range(-100, 100));
    height.release();
    for (passed of [0, 90, 180, 181]) shown.push(height.range(-20, 30));
    shown.push(height.range(null, null));
    [performance.now, globalThis.requestAnimationFrame] = [own, soon];
    return [shown, drawn];"""
    shown, drawn = ask(body)
    before, after = [-11.6, 11.6], [-24, 34]
    eighth = [after[at] + (before[at] - after[at]) / 8 for at in (0, 1)]
    for found, expected in zip(shown, [before, before, before, eighth, after, after, after], strict=True):
        assert found == pytest.approx(expected)
    assert drawn == 2


def test_marks_of_values_have_as_many_decimals_as_their_distance(ask):
    body = 'const { decimals } = await load("chart/value_axis"); return given.map(decimals);'
    steps = [50, 1, 2.5, 0.1, 0.25, 0.005, 0.0002, 0.00001]
    assert ask(body, steps) == [0, 0, 1, 1, 2, 3, 4, 5]


@pytest.mark.parametrize("step_s", [None, 100])
def test_a_compared_stretch_is_read_where_it_is_nearest(ask, step_s):
    time, mean = [0, 100, 200, 300, 500], [1.0, 2.0, None, 4.0, 5.0]
    moments = [NEVER, 900, 999, 1000, 1049, 1051, 1110, 1210, 1290, 1399, 1401, 1500, 1501, 1599, 1600, 1700, -NEVER]
    body = """const { Compared } = await load("chart/comparison");
    const field = { scale: 2, offset: 1 };
    const compared = new Compared({ field, view: { start: 1040, end: 1310 } });
    const extended = (...range) => compared.extended(...range);
    const before = [compared.at(1000), extended(null, null), extended(3, 4)];
    compared.setSeries(given.series, 1000);
    return [given.moments.map((at) => compared.at(at)), extended(6, 7), extended(null, null), before];"""
    read, widened, alone, before = ask(
        body, {"series": {"step_s": step_s, "time": time, "mean": mean}, "moments": moments}
    )
    width = step_s or 0
    points = [at + 1000 + width / 2 for at in time]

    def nearest(moment):
        away, index = min((abs(at - moment), index) for index, at in enumerate(points))
        is_beside = not points[0] <= moment <= points[-1] and away > width
        return None if is_beside or mean[index] is None else 2 * mean[index] + 1

    assert read == [nearest(moment) for moment in moments]
    seen = [2 * value + 1 for at, value in zip(points, mean, strict=True) if value is not None and 1040 <= at <= 1310]
    assert widened == [min(6, *seen), max(7, *seen)]
    assert alone == [min(seen), max(seen)]
    assert before == [None, [None, None], [3, 4]]


def test_a_moment_is_written_with_as_much_as_the_length_of_a_view_needs(ask):
    zone = ZoneInfo("Europe/Berlin")

    def at(*parts):
        return datetime(*parts, tzinfo=zone).timestamp()

    afternoon, sunday, monday = at(2026, 11, 22, 14, 5), at(2026, 11, 22), at(2026, 11, 23)
    asked = {
        ("at", afternoon, DAY): "14:05",
        ("at", afternoon, 1.1 * DAY): "14:05",
        ("at", afternoon, 2 * DAY): "Sun 22 Nov, 14:05",
        ("at", afternoon, 40 * DAY): "Sun 22 Nov, 14:05",
        ("at", afternoon, 41 * DAY): "22 Nov 2026, 14:05",
        ("at", afternoon + 7, 600): "14:05:07",
        ("at", afternoon + 7, 601): "14:05",
        ("at", at(2026, 10, 25, 2, 30), DAY): "02:30 CEST",
        ("between", afternoon, afternoon + 300, DAY): "14:05 to 14:10",
        ("between", afternoon, afternoon + 3600, 2 * DAY): "Sun 22 Nov, 14:05 to 15:05",
        ("between", sunday, sunday + DAY, 300 * DAY): "22 Nov 2026",
        ("between", at(2026, 3, 29), at(2026, 3, 29) + DAY, 300 * DAY): "29 Mar 2026",  # until 01:00 of the next
        ("between", at(2026, 11, 16), monday, 300 * DAY): "16 Nov 2026 to 22 Nov 2026",
        ("stretch", afternoon, afternoon + 7200): "Sun 22 Nov, 14:05 to 16:05",
        ("stretch", sunday, monday): "Sun 22 Nov, 00:00 to Mon 23 Nov, 00:00",
        ("stretch", at(2026, 1, 1), monday): "1 Jan 2026, 00:00 to 23 Nov 2026, 00:00",
        ("full", afternoon): "22 November 2026, 14:05",
    }
    body = """const [{ Moments }, { Zone }] = [await load("lib/times"), await load("lib/zone")];
    const moments = new Moments(new Zone(given.clocks));
    return given.asked.map(([name, ...values]) => moments[name](...values));"""
    clocks = clocks_for_scripts(zone, datetime(2026, 11, 28, tzinfo=UTC))
    assert ask(body, {"clocks": clocks, "asked": list(asked)}) == list(asked.values())


VIEW = """const { View } = await load("chart/view");
const told = [];
const clock = { now: () => 1_793_500_000 };
const [start, end] = [1_793_400_000, 1_793_486_400];
const listeners = { moved: () => told.push("moved"), settled: () => told.push("settled") };
const view = new View({ start, end, compare: null }, clock, listeners);
const frame = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
"""
START, END, NOW, YEAR_2200 = 1_793_400_000, 1_793_486_400, 1_793_500_000, 7_258_118_400


@pytest.mark.parametrize(
    ("wanted", "got"),
    [
        ((START + HOUR, START + 3 * HOUR), (START + HOUR, START + 3 * HOUR)),
        ((START + 10, START + 20), (START - 15, START + 45)),  # a minute at least
        ((END, NOW + HOUR), (NOW - 9_509.0, NOW + 7_691.0)),  # and no more of the future than this share of it
        ((-5 * HOUR, HOUR), (0, 6 * HOUR)),
        ((-YEAR_2200, 3 * YEAR_2200), (0, NOW + YEAR_2200 / 20)),
    ],
)
def test_a_view_is_within_the_past_and_has_a_length(ask, wanted, got):
    found = ask(f"{VIEW} view.move(...given.wanted); return [view.start, view.end];", {"wanted": wanted})
    span = wanted[1] - wanted[0]
    if wanted[0] == END:
        latest = NOW + span / 20
        got = (latest - span, latest)
    assert found == pytest.approx(list(got))


def test_what_a_view_does_is_told_once_a_frame_and_once_at_its_end(ask):
    body = f"""{VIEW}
    const states = [];
    const then = async () => {{
        await frame();
        states.push([told.splice(0), view.start - start, view.end - start, history.state.start - start, view.isHome]);
    }};
    view.move(start + 1000.25, start + 5000.25);
    view.move(start + 2000.25, start + 6000.25);
    await then();
    view.settle();
    await then();
    view.settle();
    await then();
    view.zoomBy(0.5, start + 3000);
    await then();
    view.move(start + 2500, start + 4500);
    view.zoomTo(start + 2500, start + 4500);
    view.back();
    await then();
    view.move(start + 10, end + 10);
    await frame();
    view.back();
    await then();
    view.zoomTo(start + 1200, end - 1200);
    view.zoomTo(start, end - 1200);
    view.zoomTo(start, end - 2400);
    await then();
    view.zoomTo(start, end - 1200);
    view.zoomTo(start + 2400, end - 1200);
    view.zoomTo(start, end - 1200);
    await then();
    return states;"""
    assert ask(body, {}) == [
        [["moved"], 2000.25, 6000.25, 0, True],
        [["settled"], 2000, 6000, 2000, False],
        [[], 2000, 6000, 2000, False],
        [["settled"], 2500, 4500, 2500, False],
        [["settled"], 0, 86_400, 0, True],
        [["moved", "moved"], 0, 86_400, 0, True],  # There and back before it had ended.
        [["settled"] * 3, 0, 84_000, 0, False],
        [["settled"] * 3, 0, 85_200, 0, False],
    ]


@pytest.mark.parametrize(
    ("heard_s_ago", "interval_s", "failures", "wait_s"),
    [
        (0, 60, 0, 62),
        (30, 60, 0, 32),
        (61, 60, 0, 5),
        (82, 60, 0, 10),  # half as long as it is overdue
        (1000, 60, 0, 60),
        (0, 3600, 0, 300),
        (3500, 3600, 0, 102),
        (-900, 60, 0, 62),  # by a clock that is ahead of this one
        (None, 60, 0, 5),
        (0, 60, 1, 5),
        (0, 60, 2, 10),
        (0, 60, 4, 40),
        (0, 60, 6, 120),
    ],
)
def test_a_page_asks_when_a_value_is_due_and_less_often_the_longer_it_is_away(
    ask, heard_s_ago, interval_s, failures, wait_s
):
    body = """const { Live } = await load("parts/polling");
    const live = new Live(given.config, { now: () => 1_793_500_000 }, null, {});
    live.failures = given.failures;
    const own = Math.random;
    const waits = [0, 0.5].map((chance) => {
        Math.random = () => chance;
        return live._wait_s();
    });
    Math.random = own;
    return waits;"""
    newest = None if heard_s_ago is None else NOW - heard_s_ago
    config = {"interval_s": interval_s, "fields": [{"newest_at": None}, {"newest_at": newest}]}
    waits = ask(body, {"config": config, "failures": failures})
    # All viewers of a station should not come at one instant.
    assert waits == ([wait_s / 2, wait_s] if failures else [wait_s, wait_s + 2])
