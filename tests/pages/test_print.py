"""A station's page on paper."""

import pytest
from playwright.sync_api import expect

from tests.pages.test_station_page import inked
from tests.pages.viewer import drawn

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]

CONTROLS = ["header.site", ".kinds", ".steps a", ".choose", ".compare", ".tools", ".files", ".share", "footer.site"]
SIZE = "(({ width, height }) => `${width} x ${height}`)(document.querySelector('.plot canvas'))"


def test_paper_has_values_charts_tables_and_the_whole_almanac_and_no_controls(page):
    page.goto("/stations/1/?period=week&compare=before")
    drawn(page)
    assert page.locator(".almanac details[open]").count() == 1
    page.emulate_media(media="print")
    for selector in CONTROLS:
        assert page.locator(f"{selector}:visible").count() == 0, selector
    for selector in ("h1", ".newest .value", ".steps h2", ".compared", ".coverage", "#table table"):
        expect(page.locator(selector).first).to_be_visible()
    for table in page.locator(".almanac table").all():
        assert table.bounding_box()["height"] > 100


def test_a_dark_screen_prints_dark_lines_on_white_and_comes_back(page):
    page.emulate_media(color_scheme="dark")
    page.goto("/stations/1/")
    drawn(page)
    inked(page)
    before = page.evaluate(SIZE)
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).getPropertyValue('--series-1')").strip() == "#c2410c"
    page.wait_for_function(f"(before) => ({SIZE}) !== before", arg=before)
    inked(page)
    page.emulate_media(media="screen", color_scheme="dark")
    page.wait_for_function(f"(before) => ({SIZE}) === before", arg=before)
    inked(page)
