"""New values without a reload. The page asks by itself in a while, and at once when it comes into view again."""

import re

import pytest
from playwright.sync_api import expect

from tests.pages.viewer import drawn, report

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]


def come_into_view(page):
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def points(page) -> int:
    """Return how many points a screen reader is told of."""
    page.locator(".plot").first.focus()
    page.keyboard.press("End")
    return int(page.locator(".plot").first.get_attribute("aria-valuenow"))


def test_a_new_value_appears_is_said_and_joins_the_chart(page, server):
    page.goto("/stations/1/?period=day")
    drawn(page)
    before = points(page)
    report(server, 22.93)
    come_into_view(page)
    expect(page.locator("[data-newest]").first).to_have_text("22.9")
    expect(page.locator("#announce")).to_contain_text("temperature 22.9")
    expect(page.locator("#measured time").first).to_have_text("just now")
    assert points(page) > before


def test_a_new_record_changes_todays_words(page, server):
    page.goto("/stations/1/")
    drawn(page)
    report(server, 12.5)
    come_into_view(page)
    expect(page.locator("#today-1")).to_contain_text("12.5")


def test_it_asks_by_itself(page, server):
    page.clock.install()
    page.goto("/stations/1/")
    drawn(page)
    with page.expect_response(re.compile(r"/api/v1/stations/1/$")):
        page.clock.run_for(61_000)


def test_a_hidden_page_asks_nothing(page):
    page.clock.install()
    page.goto("/stations/1/")
    drawn(page)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.evaluate(
        """() => {
            Object.defineProperty(document, "hidden", { get: () => true });
            document.dispatchEvent(new Event("visibilitychange"));
        }"""
    )
    page.clock.run_for(600_000)
    assert not asked


def test_a_server_that_does_not_answer_is_said_once_and_forgotten_when_it_does(page):
    page.goto("/stations/1/")
    drawn(page)
    own = re.compile(r"/api/v1/stations/1/$")
    page.route(own, lambda route: route.abort())
    for _ in range(2):
        with page.expect_event("requestfailed"):
            come_into_view(page)
    expect(page.locator("#live")).to_have_text("The server does not answer. Trying again.")
    page.unroute(own)
    come_into_view(page)
    expect(page.locator("#live")).to_be_empty()
