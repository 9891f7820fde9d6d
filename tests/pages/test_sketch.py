"""A chart comes with the page itself, and scripts take over when they have loaded."""

import re

import pytest
from playwright.sync_api import expect

from tests.pages.viewer import PHONE, VIEWER, drawn

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]


def line_of(page, selector):
    """Return the end of a sketch's line, in pixels of its figure."""
    return page.locator(selector).first.evaluate(
        """(path) => {
            const [own, figure] = [path, path.closest("figure")].map((element) => element.getBoundingClientRect());
            return [own.left - figure.left, own.right - figure.left];
        }"""
    )


def test_charts_are_drawn_before_any_script_has_come(page):
    page.route(re.compile(r"/static/.*\.js"), lambda route: route.abort())
    page.goto("/stations/1/")
    expect(page.locator(".sketch .line").first).to_be_visible()
    assert page.locator(".sketch .line").count() == page.locator("figure.chart").count()
    left, right = line_of(page, ".sketch .line")
    assert 40 < left < 80
    assert right > left + 100


def test_the_scripts_charts_take_their_place(page, complaints):
    page.goto("/stations/1/")
    drawn(page)
    expect(page.locator(".sketch")).to_have_count(0)
    expect(page.locator(".plot .uplot").first).to_be_visible()
    assert not complaints


def test_a_sketch_lies_where_the_scripts_draw(page):
    """Nothing jumps when one replaces the other."""
    page.route(re.compile("/series/"), lambda route: None)  # Never answered.
    page.goto("/stations/1/")
    expect(page.locator(".uplot").first).to_be_attached()
    expect(page.locator(".plot").first).to_have_attribute("aria-busy", "true")
    edges = "(element) => ['left', 'right', 'top', 'bottom'].map((edge) => element.getBoundingClientRect()[edge])"
    sketch, over = (page.locator(each).first.evaluate(edges) for each in (".sketch", ".u-over"))
    assert sketch == pytest.approx(over, abs=5)


def test_what_fails_leaves_the_sketch(page):
    page.route(re.compile("/series/"), lambda route: route.abort())
    page.goto("/stations/1/")
    drawn(page)
    expect(page.locator(".sketch .line").first).to_be_visible()


def test_a_phone_asks_for_no_series_on_arrival_and_for_new_ones_later(browser, server):
    context = browser.new_context(base_url=server.url, **VIEWER, **PHONE)
    page, asked = context.new_page(), []
    page.on("request", lambda request: asked.append(request.url) if "/series/" in request.url else None)
    page.goto("/stations/1/?period=week")
    drawn(page)
    assert asked == []
    with page.expect_request(re.compile("/series/")):
        page.locator("[data-zoom=in]").click()
    context.close()


def test_without_javascript_the_charts_are_there(browser, server):
    context = browser.new_context(base_url=server.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/stations/1/?period=week")
    expect(page.locator(".sketch .line").first).to_be_visible()
    context.close()
