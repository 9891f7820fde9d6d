"""A station's first readings: a viewer sees all of them, on a phone too."""

import shutil

import pytest

from tests.pages.conftest import data_in, empty_server, run
from tests.pages.viewer import PHONE, VIEWER, drawn
from tests.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]
ONCE, TWICE, SIX_TIMES = (f"/stations/{number}/" for number in (1, 2, 3))
# The texts of tiles that end beyond their tile, where it cuts them.
CUT = """() => [...document.querySelectorAll(".tile")].flatMap((tile) => {
    const words = document.createRange();
    words.selectNodeContents(tile);
    const right = tile.getBoundingClientRect().right;
    return [...words.getClientRects()].some((box) => box.right > right) ? [tile.innerText] : [];
})"""
# How wide and how high each chart of the scripts has ink in its field's colour, in pixels.
INK = """() => [...document.querySelectorAll("figure.chart canvas")].map((canvas) => {
    const [r, g, b] = getComputedStyle(canvas.closest("figure")).getPropertyValue("--series")
        .match(/\\w\\w/g).map((digits) => parseInt(digits, 16));
    const { width, height } = canvas;
    const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
    const [xs, ys] = [new Set(), new Set()];
    for (let at = 0; at < data.length; at += 4) {
        const away = Math.abs(data[at] - r) + Math.abs(data[at + 1] - g) + Math.abs(data[at + 2] - b);
        if (away > 12 || data[at + 3] < 128) continue;
        xs.add((at / 4) % width);
        ys.add(Math.floor(at / 4 / width));
    }
    return [xs.size / devicePixelRatio, ys.size / devicePixelRatio];
})"""


@pytest.fixture(scope="module")
def young(chromium_path, tmp_path_factory):
    var = tmp_path_factory.mktemp("young") / "var"
    shutil.copytree(empty_server(tmp_path_factory), var)
    own = data_in(var) | {"WEB_CONCURRENCY": "1"}
    run("-m", "tests.pages.seed", "young", **own)
    with Server(var / "server.log", **own) as server:
        yield server


@pytest.fixture
def phone(browser, young):
    context = browser.new_context(base_url=young.url, **VIEWER, **PHONE)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("station", [ONCE, TWICE, SIX_TIMES])
def test_no_tile_cuts_its_words(phone, station, language):
    phone.goto(f"{station}?lang={language}")
    drawn(phone)
    assert phone.evaluate(CUT) == []


@pytest.mark.parametrize("station", [ONCE, TWICE, SIX_TIMES])
def test_the_first_readings_are_seen_in_the_charts(phone, station):
    phone.goto(station)
    drawn(phone)
    inked = phone.evaluate(INK)
    assert len(inked) == 3
    assert all(min(size) >= 5 for size in inked), inked


@pytest.mark.parametrize("station", [ONCE, TWICE, SIX_TIMES])
def test_the_first_readings_are_seen_before_any_script_has_come(browser, young, station):
    context = browser.new_context(base_url=young.url, java_script_enabled=False, **VIEWER, **PHONE)
    page = context.new_page()
    page.goto(station)
    widths = page.locator(".sketch .dots").evaluate_all(
        "(all) => all.map((each) => getComputedStyle(each).strokeWidth)"
    )
    assert widths == ["6px"] * 3
    context.close()
