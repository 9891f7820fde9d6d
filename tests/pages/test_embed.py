"""A station on other sites in a browser: in a frame on another origin, as an SVG, and as a link's preview."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from urllib.request import urlopen

import pytest
from PIL import Image
from playwright.sync_api import Browser, FrameLocator, Page, expect

from tests.pages.viewer import PHONE, VIEWER, drawn, report, screenshot
from tests.programs import PATIENCE_S
from tests.recorder import listening

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]

SANDBOX = "allow-scripts allow-popups allow-popups-to-escape-sandbox"
MOST_BYTES = 60_000
COLOURS = {"rgb(194, 65, 12)", "rgb(11, 110, 138)", "rgb(255, 149, 96)"}
# In pixels: the page's excess over its frame in width and height, and the start and end of each text of an SVG.
OVERFLOW = """Math.max(
    document.documentElement.scrollWidth - innerWidth, document.documentElement.scrollHeight - innerHeight
)"""
EDGES = "(texts) => texts.map((each) => each.getBBox()).map(({ x, width }) => [x, x + width])"
META = "[...document.querySelectorAll('meta[property]')].map((each) => [each.getAttribute('property'), each.content])"
IS_DRAWN = "(image) => image.complete && image.naturalWidth > 0"


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def elsewhere(tmp_path) -> Iterator[tuple]:
    """Another site: the folder of its pages, and its address."""
    site = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=tmp_path))
    with listening(site):
        yield tmp_path, f"http://localhost:{site.server_port}"


def frame_in(
    page: Page, elsewhere, address: str, width: int = 480, height: int = 320, sandbox: str = SANDBOX
) -> FrameLocator:
    folder, url = elsewhere
    frame = f'<iframe src="{address}" title="Roof" width="{width}" height="{height}" sandbox="{sandbox}"></iframe>'
    (folder / "page.html").write_text(f'<!doctype html><link rel="icon" href="data:,"><title>School</title>{frame}')
    page.goto(f"{url}/page.html")
    return page.frame_locator("iframe")


@contextmanager
def opened(browser: Browser, **options) -> Iterator[Page]:
    context = browser.new_context(**VIEWER, **options)
    yield context.new_page()
    context.close()


def test_a_frame_on_another_origin_shows_values_and_a_drawn_chart(page, server, elsewhere, complaints):
    frame = frame_in(page, elsewhere, f"{server.url}/stations/1/embed/")
    expect(frame.locator("h1")).to_have_text("Roof")
    expect(frame.locator("dl")).to_contain_text("Humidity")
    chart = frame.locator("picture img")
    expect(chart).to_have_attribute("src", re.compile(r"width=440&height=\d+&at="))
    page.frames[1].wait_for_function(IS_DRAWN, arg=chart.element_handle())
    assert complaints == []
    assert page.context.cookies() == []
    screenshot(page, "embed-elsewhere")


def test_any_other_page_is_refused_in_a_frame(page, server, elsewhere):
    answers = []
    page.on("requestfailed", lambda request: answers.append(request.url))
    page.on("console", lambda message: answers.append(message.text))
    frame_in(page, elsewhere, f"{server.url}/stations/1/")
    deadline = time.monotonic() + PATIENCE_S
    while not any("frame" in each.lower() for each in answers) and time.monotonic() < deadline:
        page.wait_for_timeout(100)
    assert any("frame" in each.lower() for each in answers), answers
    assert page.frames[1].url != f"{server.url}/stations/1/"


def test_its_link_opens_the_station_s_own_page_beside(page, server, elsewhere):
    frame = frame_in(page, elsewhere, f"{server.url}/stations/1/embed/")
    with page.context.expect_page() as fresh:
        frame.get_by_role("link", name="Roof").click()
    drawn(fresh.value)
    assert fresh.value.evaluate("window.opener") is None


def test_a_new_value_arrives_by_itself_in_a_sandbox_too(page, server, elsewhere):
    page.clock.install()
    frame = frame_in(page, elsewhere, f"{server.url}/stations/1/embed/?field=2")
    expect(frame.locator("picture img")).to_have_attribute("src", re.compile("&at="))  # Its script runs.
    value = frame.locator("dd b").first
    expect(value).not_to_have_text("49")
    report(server, 49, field=2)  # Neither the lowest nor the highest: other tests read those.
    page.clock.fast_forward("01:10")
    expect(value).to_have_text("49")


def test_without_scripts_it_shows_the_same(browser, server, elsewhere):
    with opened(browser, java_script_enabled=False) as page:
        frame = frame_in(page, elsewhere, f"{server.url}/stations/1/embed/", sandbox="")
        expect(frame.locator("h1")).to_have_text("Roof")
        box = frame.locator("picture img").bounding_box()
        assert box["width"] > 400
        assert box["height"] > 100
        screenshot(page, "embed-without-scripts")


@pytest.mark.parametrize("size", [(320, 240), (390, 300), (480, 320), (1200, 500)])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everything_fits_its_frame(browser, server, size, scheme):
    with opened(browser, viewport=dict(zip(("width", "height"), size, strict=True)), color_scheme=scheme) as page:
        page.goto(f"{server.url}/stations/1/embed/")
        page.wait_for_function(IS_DRAWN, arg=page.locator("picture img").element_handle())
        overflow = (
            "[document.documentElement.scrollWidth - innerWidth, document.documentElement.scrollHeight - innerHeight]"
        )
        assert max(page.evaluate(overflow)) <= 0
        assert page.locator("picture").bounding_box()["height"] >= 60
        screenshot(page, f"embed-{size[0]}x{size[1]}-{scheme}")


def test_a_frame_weighs_little(browser, server):
    with opened(browser, viewport={"width": 480, "height": 320}) as page:
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        sizes = []
        session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
        page.goto(f"{server.url}/stations/1/embed/")
        page.wait_for_load_state("networkidle")
        assert len(sizes) >= 4
        assert sum(sizes) < MOST_BYTES, sizes


@pytest.mark.parametrize(
    "query", ["", "?period=week&field=2", "?period=year&theme=dark&lang=de", "?period=24h&width=320&height=200"]
)
def test_an_svg_is_drawn_when_it_is_opened_alone(page, server, complaints, query):
    answer = page.goto(f"{server.url}/stations/1/chart.svg{query}")
    assert answer.headers["content-type"] == "image/svg+xml"
    line = page.locator("path.l")
    assert line.bounding_box()["width"] > 20
    assert line.evaluate("(path) => getComputedStyle(path).stroke") in {
        "rgb(194, 65, 12)",
        "rgb(11, 110, 138)",
        "rgb(255, 149, 96)",
    }
    words = page.locator("svg text").evaluate_all(
        "(all) => all.map((each) => each.getBBox()).map(({x, width}) => [x, x + width])"
    )
    right = page.locator("svg").first.evaluate("(svg) => svg.viewBox.baseVal.width")
    assert all(start >= 0 and end <= right for start, end in words), "no text is cut"
    assert [each for each in complaints if "favicon" not in each] == []


def test_a_name_that_is_markup_runs_nothing_in_an_svg_that_is_opened(page, server):
    page.goto(f"{server.url}/stations/1/chart.svg")
    assert page.evaluate("document.querySelectorAll('script, foreignObject, a, image, use').length") == 0


def test_the_picture_of_a_link_is_a_png_of_its_size(page, server):
    page.goto("/stations/1/")
    meta = dict(page.evaluate(META))
    with urlopen(meta["og:image"]) as answer:
        assert answer.headers["Content-Type"] == meta["og:image:type"] == "image/png"
        image = Image.open(BytesIO(answer.read()))
    assert image.size == (int(meta["og:image:width"]), int(meta["og:image:height"])) == (1200, 630)
    assert len(image.convert("RGB").getcolors(1 << 20)) > 20, "something is drawn"


def test_what_is_shared_is_copied_by_keyboard(page, server):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/stations/1/?period=week")
    drawn(page)
    page.get_by_text("Share", exact=True).focus()
    page.keyboard.press("Enter")
    page.locator("[data-copy=share-embed]").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Copied.")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.locator("#share-embed").input_value()
    assert "/stations/1/embed/?period=week&amp;units=metric" in copied


def test_a_chart_of_what_is_shown_is_saved_as_a_png(page, server, complaints):
    page.goto("/stations/1/?period=week")
    drawn(page)
    page.get_by_text("Share", exact=True).click()
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save as picture").first.click()
    image = Image.open(saved.value.path())
    assert image.size == (2400, 1200)
    assert len(image.convert("RGB").getcolors(1 << 22)) > 20
    assert saved.value.suggested_filename.startswith("Roof-")
    assert complaints == []


def test_what_is_shared_follows_the_period_that_is_shown(page, server):
    page.goto("/stations/1/")
    drawn(page)
    page.get_by_text("Share", exact=True).click()
    before = page.locator("#share-link").input_value()
    page.get_by_role("button", name="Zoom in").click()
    expect(page.locator("#share-link")).not_to_have_value(before)
    assert "start=" in page.locator("#share-link").input_value()
    expect(page.locator("[data-copy=share-link]")).to_be_visible()


def test_without_scripts_there_is_all_to_copy_by_hand(browser, server):
    with opened(browser, java_script_enabled=False, **PHONE) as page:
        page.goto(f"{server.url}/stations/1/?period=week")
        assert page.locator("#share-link").is_hidden()
        page.get_by_text("Share", exact=True).click()
        assert page.locator("#share-link").is_visible()
        assert page.locator("#share-embed").input_value().startswith("<iframe src=")
        assert page.locator("[data-copy=share-link]").is_hidden()
        screenshot(page, "share-without-scripts")
