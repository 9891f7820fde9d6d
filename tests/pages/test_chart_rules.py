"""The rules of a chart's parts, asked one by one in a browser: which points it has, what it reads, how high it is."""

from random import Random

import pytest

from tests.pages.viewer import drawn

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]

CHANCE = Random(11)
LOAD = """const load = (name) => import(document.querySelector(`link[rel=modulepreload][href*="/${name}."]`).href);"""


@pytest.fixture
def ask(page):
    """Run the body of a function of `given` beside a page's own modules, which `load(name)` imports."""
    page.goto("/stations/1/")
    drawn(page)
    return lambda body, given=None: page.evaluate(f"async (given) => {{ {LOAD} {body} }}", given)


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
            """const { Layers } = await load("layers");
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
        """const { Layers } = await load("layers");
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
