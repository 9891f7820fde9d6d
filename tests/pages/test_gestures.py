"""A chart that is moved by wheel, mouse, fingers and keys, and its looks meanwhile."""

import re
from datetime import UTC, datetime, timedelta
from math import exp

import pytest
from playwright.sync_api import expect

from tests.pages.fingers import Fingers
from tests.pages.viewer import PHONE, VIEWER, drawn, first_year, plots, report

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]

RANGE = re.compile(r"\?start=(.+?)&end=([^&]+)")
SERIES = re.compile("/series/")
MINUTE, HOUR = 60, 3600


def shown(page) -> tuple[float, float]:
    """Return the stretch in the address, in Unix seconds."""
    start, end = (datetime.fromisoformat(each).timestamp() for each in RANGE.search(page.url).groups())
    return start, end


def span_s(page) -> float:
    start, end = shown(page)
    return end - start


def over(page):
    plot = page.locator(".plot .u-over").first
    plot.scroll_into_view_if_needed()
    return plot


def turn(page, x=0, y=0, times=1, key=None):
    if key:
        page.keyboard.down(key)
    for _ in range(times):
        page.mouse.wheel(x, y)
    if key:
        page.keyboard.up(key)


@pytest.fixture
def chart(page):
    """Point at a chart and return it."""
    page.goto("/stations/1/")
    drawn(page)
    plot = over(page)
    plot.hover(position={"x": 200, "y": 60})
    return plot


@pytest.fixture
def phone(browser, server):
    context = browser.new_context(base_url=server.url, **VIEWER, **PHONE)
    page = context.new_page()
    page.goto("/stations/1/")
    drawn(page)
    yield page
    context.close()


@pytest.fixture
def fingers(phone):
    return Fingers(phone, over(phone))


def test_the_wheel_scrolls_the_page(page, chart):
    before = page.evaluate("scrollY")
    turn(page, y=-100)
    page.wait_for_function("(before) => scrollY < before", arg=before)
    assert not RANGE.search(page.url)


def test_the_wheel_zooms_with_ctrl_where_the_mouse_is(page, chart, complaints):
    start, span = page.evaluate("[history.state.start, history.state.end - history.state.start]")
    width = chart.bounding_box()["width"]
    turn(page, y=-100, times=6, key="Control")
    page.wait_for_function("() => (history.state.end - history.state.start) < 6 * 3600")
    drawn(page)
    pointed = start + span * 200 / width
    assert HOUR < span_s(page) < 6 * HOUR
    assert abs(shown(page)[0] + span_s(page) * 200 / width - pointed) < 2 * MINUTE
    assert not complaints


def test_a_pinch_comes_in_pixels_and_zooms_more_than_as_much_of_a_wheel_which_has_its_limit(page, chart):
    for pixels, factor in ((-20, exp(-0.2)), (-100, exp(-0.25)), (-900, exp(-0.5))):
        before = page.evaluate("history.state.end - history.state.start")
        turn(page, y=pixels, key="Control")
        page.wait_for_function("(before) => history.state.end - history.state.start < before", arg=before)
        assert span_s(page) / before == pytest.approx(factor, rel=0.005), pixels


def test_the_history_has_one_entry_for_all_turns_of_a_wheel(page, chart):
    entries = page.evaluate("history.length")
    chart.evaluate(
        """(over) => {
            const turned = { deltaY: -100, ctrlKey: true, clientX: 400, bubbles: true, cancelable: true };
            for (let i = 0; i < 6; i += 1) over.dispatchEvent(new WheelEvent("wheel", turned));
        }"""
    )
    page.wait_for_url(RANGE)
    assert page.evaluate("history.length") == entries + 1
    page.go_back()
    page.wait_for_url(re.compile(r"/1/$"))
    drawn(page)
    assert page.locator(".tools .back").is_hidden()


def test_after_a_click_the_wheel_zooms_until_the_mouse_leaves(page, chart):
    chart.click(position={"x": 200, "y": 60})
    turn(page, y=-100, times=3)
    page.wait_for_url(RANGE)
    zoomed = page.url
    page.locator("h3").first.hover()
    chart.hover(position={"x": 200, "y": 60})
    before = page.evaluate("scrollY")
    turn(page, y=-100)
    page.wait_for_function("(before) => scrollY < before", arg=before)
    assert page.url == zoomed


def test_a_sideways_wheel_pans(page, chart):
    start, end = page.evaluate("[history.state.start, history.state.end]")
    turn(page, x=-100, times=3)
    page.wait_for_url(RANGE)
    assert shown(page)[0] < start
    assert span_s(page) == end - start


@pytest.mark.parametrize("way", ["shift", "middle", "axis"])
def test_a_mouse_pans(page, chart, way):
    start, end = page.evaluate("[history.state.start, history.state.end]")
    box = chart.bounding_box()
    y = box["y"] + (box["height"] + 12 if way == "axis" else 40)
    page.mouse.move(box["x"] + 100, y)
    if way == "shift":
        page.keyboard.down("Shift")
    page.mouse.down(button="middle" if way == "middle" else "left")
    page.mouse.move(box["x"] + 100 + box["width"] / 4, y, steps=5)
    page.mouse.up(button="middle" if way == "middle" else "left")
    page.wait_for_url(RANGE)
    assert span_s(page) == end - start
    assert abs(start - shown(page)[0] - 6 * HOUR) < 5 * MINUTE


def test_keys_pan_zoom_and_lead_back(page, chart):
    start, end = page.evaluate("[history.state.start, history.state.end]")
    page.locator(".plot").first.focus()
    page.keyboard.press("Shift+ArrowLeft")
    page.wait_for_url(RANGE)
    assert shown(page) == (start - 6 * HOUR, end - 6 * HOUR)
    drawn(page)
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("+")
    assert span_s(page) == 12 * HOUR
    page.keyboard.press("0")
    page.wait_for_url(re.compile(r"/1/$"))


def test_no_view_is_shorter_than_a_minute_or_leaves_the_present(page, chart):
    end = page.evaluate("history.state.end")
    page.locator(".plot").first.focus()
    for _ in range(14):
        page.keyboard.press("+")
    assert span_s(page) == MINUTE
    for _ in range(16):
        page.keyboard.press("-")
    assert shown(page)[1] <= end + 0.06 * span_s(page)
    for _ in range(3):
        page.keyboard.press("Shift+ArrowRight")
    assert shown(page)[1] <= end + 0.06 * span_s(page)
    assert span_s(page) > 48 * HOUR


def test_zoomed_far_enough_the_chart_shows_each_reading(page, server):
    for value in (20.5, 21.5):  # The newest quarter of an hour has a low and a high, however long the server has run.
        report(server, value)
    now = datetime.now(UTC)  # Not a week of the calendar: on a Monday, it has so few readings that each is shown.
    page.goto(f"/stations/1/?start={now - timedelta(days=7):%Y-%m-%dT%H:%MZ}&end={now:%Y-%m-%dT%H:%MZ}")
    drawn(page)
    slider = page.locator(".plot").first
    slider.focus()
    page.keyboard.press("End")
    expect(slider).to_have_attribute("aria-valuetext", re.compile(r"\(.+ to .+\)"))
    for _ in range(4):
        page.keyboard.press("+")
    drawn(page)
    page.keyboard.press("End")
    expect(slider).to_have_attribute("aria-valuetext", re.compile(r"\d\s°C$"))
    expect(slider).not_to_have_attribute("aria-valuetext", re.compile(r"\("))


PICTURE = """() => {
    const plot = document.querySelector(".plot");
    const canvas = plot.querySelector("canvas");
    const edge = 50 * devicePixelRatio;
    const context = canvas.getContext("2d");
    const colour = getComputedStyle(plot).getPropertyValue("--series");
    const [r, g, b] = colour.match(/[0-9a-f]{2}/g).map((hex) => parseInt(hex, 16));
    const { data } = context.getImageData(edge, 0, canvas.width - edge, canvas.height);
    let inked = 0;
    for (let i = 0; i < data.length; i += 4) if (data[i] === r && data[i + 1] === g && data[i + 2] === b) inked += 1;
    return { inked, axis: context.getImageData(0, 0, edge, canvas.height - edge).data.join() };
}"""


def test_what_is_there_moves_at_once_and_its_height_stands_still(page, chart):
    before = page.evaluate(PICTURE)
    page.route(SERIES, lambda route: None)  # which never answers
    turn(page, x=-100, times=2)
    turn(page, y=100, times=2, key="Control")
    page.wait_for_url(RANGE)
    during = page.evaluate(PICTURE)
    assert during["inked"] > before["inked"] / 3, "it is drawn without what the server has not said yet"
    assert during["inked"] != before["inked"]
    assert during["axis"] == before["axis"]


def test_what_was_loaded_on_either_side_is_there_at_once_when_one_comes_back_to_it(page, chart):
    page.locator(".plot").first.focus()

    def pan(key, times):
        for _ in range(times):
            page.keyboard.press(f"Shift+{key}")
            drawn(page)
        return page.evaluate(PICTURE)["inked"]

    before = pan("ArrowLeft", 6)
    pan("ArrowRight", 3)
    page.route(SERIES, lambda route: route.abort())
    assert pan("ArrowLeft", 3) > 0.75 * before


def test_a_new_stretch_is_asked_for_once_with_some_beside_it(page, chart):
    asked = []
    page.on("request", lambda request: "/series/?field=1&" in request.url and asked.append(request.url))
    turn(page, y=-200, key="Control")
    page.wait_for_url(RANGE)
    drawn(page)
    assert len(asked) == 1
    start, end = (float(re.search(rf"{name}=([\d.]+)", asked[0]).group(1)) for name in ("start", "end"))
    assert start < shown(page)[0] < shown(page)[1] < end


@pytest.mark.parametrize("options", [{}, PHONE], ids=["wide", "phone"])
def test_nothing_jumps_while_a_chart_is_read_or_moved_to_where_nothing_is(browser, server, options):
    context = browser.new_context(base_url=server.url, **VIEWER, **options)
    page = context.new_page()
    page.goto(f"/stations/1/{first_year()}")
    drawn(page)
    page.locator(".plot").first.focus()
    places = plots(page)
    page.keyboard.press("Home")
    expect(page.locator(".readout").first).to_be_visible()
    assert plots(page) == places
    for _ in range(6):
        page.keyboard.press("Shift+ArrowLeft")
    expect(page.locator(".plot-note").first).to_have_text("No readings in this stretch of time")
    expect(page.locator("#rows")).to_be_empty()
    assert plots(page)[0] == pytest.approx(places[0], abs=1), "a page scrolls by whole pixels"
    context.close()


def test_two_fingers_zoom_about_their_middle(phone, fingers):
    start, span = phone.evaluate("[history.state.start, history.state.end - history.state.start]")
    entries, width = phone.evaluate("history.length"), fingers.box["width"]
    fingers.drag(((80, 60), (40, 60)), ((120, 60), (160, 60)))
    phone.wait_for_url(RANGE)
    drawn(phone)
    assert 0.25 < span_s(phone) / span < 0.5
    assert abs(shown(phone)[0] + span_s(phone) * 100 / width - (start + span * 100 / width)) < 10 * MINUTE
    assert phone.evaluate("[visualViewport.scale, history.length]") == [1, entries + 1]


def test_one_finger_pans_sideways_and_scrolls_the_page_up_and_down(phone, fingers):
    start, end = phone.evaluate("[history.state.start, history.state.end]")
    fingers.drag(((100, 60), (200, 62)))
    phone.wait_for_url(RANGE)
    drawn(phone)
    assert shown(phone)[0] < start
    assert span_s(phone) == end - start
    moved, before = phone.url, phone.evaluate("scrollY")
    Fingers(phone, over(phone)).drag(((100, 100), (102, 20)))
    phone.wait_for_function("(before) => scrollY > before", arg=before)
    assert phone.url == moved


def test_a_tap_reads_and_so_does_a_finger_that_stays(phone, fingers):
    readout = phone.locator(".readout").first
    phone.clock.install()
    fingers.down((40, 60))
    fingers.up()
    expect(readout).to_contain_text("°C")
    tapped = readout.inner_text()
    fingers.down((60, 60))
    phone.clock.run_for(500)
    expect(readout).not_to_have_text(tapped)
    pressed = readout.inner_text()
    fingers.move(((60, 60), (90, 90)))
    fingers.up()
    expect(readout).not_to_have_text(pressed)
    assert not RANGE.search(phone.url)
    expect(phone.locator(".hint-touch")).to_be_visible()


def test_charts_that_lost_the_network_say_so_and_come_back_with_it(page, chart):
    page.context.set_offline(True)
    page.locator(".plot").first.focus()
    page.keyboard.press("+")
    drawn(page)
    expect(page.locator(".plot-note").first).to_contain_text("The readings did not arrive.")
    expect(page.locator("#live")).not_to_be_empty()
    page.context.set_offline(False)
    expect(page.locator(".plot-note").first).to_be_empty()
    drawn(page)


def test_a_reading_that_stands_alone_is_seen(page, chart):
    start = page.evaluate("history.state.start") + 12 * HOUR
    columns = {name: [None, 20, None] for name in ("mean", "min", "max")}
    answer = {"step_s": None, "time": [start - HOUR, start, start + HOUR]} | columns
    page.route(SERIES, lambda route: route.fulfill(json=answer))
    page.locator(".plot").first.focus()
    page.keyboard.press("+")
    page.wait_for_url(RANGE)
    drawn(page)
    assert page.evaluate(PICTURE)["inked"] > 4
