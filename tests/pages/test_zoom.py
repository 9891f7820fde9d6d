"""Zooming, and the address that holds the view."""

import re
from datetime import datetime

import pytest
from playwright.sync_api import expect

from tests.pages.viewer import PHONE, drawn, prefer

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]

RANGE = re.compile(r"\?start=(.+)&end=(.+)")


def drag(page, start=150, end=400):
    over = page.locator(".plot .u-over").first
    over.scroll_into_view_if_needed()
    box = over.bounding_box()
    page.mouse.move(box["x"] + start, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + end, box["y"] + 45, steps=5)
    page.mouse.up()


def span_s(page) -> float:
    start, end = (datetime.fromisoformat(each) for each in RANGE.search(page.url).groups())
    return (end - start).total_seconds()


def test_dragging_shows_the_stretch_and_a_reload_shows_the_same(page, complaints):
    page.goto("/stations/1/")
    drawn(page)
    low = page.locator(".highlights").first.inner_text()
    drag(page)
    page.wait_for_url(RANGE)
    drawn(page)
    assert 3600 < span_s(page) < 12 * 3600
    title = page.locator(".steps h2")
    expect(title).to_contain_text(" to ")
    expect(page.locator(".highlights").first).not_to_have_text(low)
    file = page.locator(".files a[href*=csv]").first
    expect(file).to_have_attribute("href", re.compile(re.escape(page.url.partition("?")[2])))
    shown = title.inner_text()
    page.reload()
    drawn(page)
    expect(title).to_have_text(shown)
    assert not complaints


@pytest.mark.parametrize("way", ["link", "key", "double click", "browser"])
def test_every_way_back_leads_to_the_whole_period(page, way):
    page.goto("/stations/1/?period=week")
    drawn(page)
    title = page.locator(".steps h2").inner_text()
    drag(page)
    page.wait_for_url(RANGE)
    drawn(page)
    match way:
        case "link":
            page.get_by_role("link", name="Back to the whole week").click()
        case "key":
            page.locator(".plot").first.focus()
            page.keyboard.press("Escape")
        case "double click":
            page.locator(".plot .u-over").first.dblclick()
        case "browser":
            page.go_back()
    page.wait_for_url(re.compile(r"\?period=week$"))
    drawn(page)
    expect(page.locator(".steps h2")).to_have_text(title)
    expect(page.locator(".tools .back")).to_be_hidden()


def test_keys_and_buttons_zoom(page):
    page.goto("/stations/1/")
    drawn(page)
    page.locator(".plot").first.focus()
    page.keyboard.press("+")
    page.wait_for_url(RANGE)
    assert span_s(page) == 12 * 3600
    page.get_by_role("button", name="Zoom in").click()
    assert span_s(page) == 6 * 3600
    page.get_by_role("button", name="Zoom out").click()
    assert span_s(page) == 12 * 3600


def test_a_link_to_a_part_of_the_page_reloads_nothing(page):
    page.goto("/stations/1/")
    drawn(page)
    page.evaluate("document.body.dataset.same = 'yes'")
    page.locator(".skip").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("#main$"))
    page.evaluate("new Promise((done) => setTimeout(done))")
    expect(page.locator("body")).to_have_attribute("data-same", "yes")


def test_a_link_from_a_zoomed_view_keeps_it_when_units_change(page):
    page.goto("/stations/1/")
    drawn(page)
    drag(page)
    page.wait_for_url(RANGE)
    zoomed = page.url
    expect(page.locator("#kept input[name=start]")).to_be_attached()
    prefer(page, Temperature="°F")
    drawn(page)
    expect(page.locator(".newest .unit").first).to_have_text("°F")
    assert page.url == zoomed, "the units are remembered and not in a link that is passed on"


def test_a_finger_reads_the_chart_and_still_scrolls_the_page(browser, server):
    context = browser.new_context(base_url=server.url, **PHONE)
    page = context.new_page()
    page.goto("/stations/1/")
    drawn(page)
    over = page.locator(".plot .u-over").first
    assert over.evaluate("(element) => getComputedStyle(element).touchAction") == "pan-y"
    over.scroll_into_view_if_needed()
    over.tap(position={"x": 40, "y": 50})  # before the gap, whichever minute it is
    expect(page.locator(".readout").first).to_contain_text("°C")
    context.close()
