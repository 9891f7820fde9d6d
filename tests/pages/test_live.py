"""New values without a reload. The page fetches them by itself after a while, and at once when it becomes visible."""

import json
import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Error, expect

from tests.pages.viewer import PHONE, VIEWER, drawn, report

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]

STATION = re.compile(r"/api/v1/stations/1/$")
SERIES = re.compile(r"/series/")
BOTH = pytest.mark.parametrize("screen", [{}, PHONE], ids=["wide", "390 px"])


@pytest.fixture
def visit(browser, server):
    """Open the last hour of a station and the next one, minute by minute, on a screen of some size."""
    contexts = []

    def visit(screen):
        contexts.append(browser.new_context(base_url=server.url, **VIEWER, **screen))
        page = contexts[-1].new_page()
        hour, now = timedelta(hours=1), datetime.now(UTC)
        page.goto(f"/stations/1/?start={now - hour:%Y-%m-%dT%H:%M:%SZ}&end={now + hour:%Y-%m-%dT%H:%M:%SZ}")
        drawn(page)
        return page

    yield visit
    for context in contexts:
        context.close()


def come_into_view(page):
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def points(page) -> int:
    """Return the number of points that the page tells a screen reader."""
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
    expect(page.locator("#announce")).to_contain_text("Temperature 22.9")
    expect(page.locator("#measured time").first).to_have_text("just now")
    drawn(page)  # The chart fetches possibly missing readings if its last one is some minutes old.
    assert points(page) > before


def test_a_new_record_changes_todays_words(page, server):
    page.goto("/stations/1/")
    drawn(page)
    report(server, 12.5)
    come_into_view(page)
    expect(page.locator("#today-1")).to_contain_text("12.5")


@pytest.mark.parametrize(("query", "moves_on"), [("", True), ("?period=week", True), ("?period=day&date={}", False)])
def test_a_page_of_today_moves_on_when_its_day_is_over(page, server, query, moves_on):
    page.clock.install()
    page.goto("/stations/1/" + query.format(datetime.now(UTC).date()))
    drawn(page)
    page.evaluate("window.wasLeftOpen = true")
    page.clock.fast_forward(8 * 24 * 3600 * 1000)
    report(server, 22.61)
    moved = re.compile(r"(?<!/api/v1)/stations/1/(\?|$)")
    # A page that moves on may do so before it has told that the event is there.
    with page.expect_response(moved), suppress(Error):
        come_into_view(page)
    page.wait_for_function(f"Boolean(window.wasLeftOpen) === {json.dumps(not moves_on)}")


def test_it_asks_by_itself(page, server):
    page.clock.install()
    page.goto("/stations/1/")
    drawn(page)
    with page.expect_request(STATION):
        page.clock.run_for(70_000)


def test_it_does_not_ask_before_the_next_value_is_due(page, server):
    report(server, 22.5)
    page.clock.install()
    page.goto("/stations/1/")
    drawn(page)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.clock.run_for(50_000)
    assert not asked
    with page.expect_request(STATION):
        page.clock.run_for(20_000)


def test_an_answer_that_is_known_is_not_sent_again(page, server):
    page.goto("/stations/1/")
    drawn(page)
    for _ in range(2):
        with page.expect_response(STATION) as answer:
            come_into_view(page)
        answer.value.finished()
    sent = page.evaluate("url => performance.getEntriesByName(url).map((each) => each.transferSize)", answer.value.url)
    # 300 bytes stand for a 304: its body is the known one (W3C, Resource Timing).
    assert sent[0] > sent[1] == 300


@BOTH
def test_a_lost_network_is_said_and_what_came_meanwhile_fills_the_hole(visit, server, screen):
    page = visit(screen)
    before = points(page)
    page.context.set_offline(True)
    expect(page.locator("#live")).to_have_text("The server does not answer. Trying again.")
    for value in (22.71, 22.72, 22.73):
        report(server, value)
    with page.expect_response(SERIES):
        page.context.set_offline(False)
    expect(page.locator("#live")).to_be_empty()
    expect(page.locator("[data-newest]").first).to_have_text("22.7")
    drawn(page)
    assert points(page) == before + 3


@BOTH
def test_a_chart_that_did_not_arrive_is_there_when_the_network_is(visit, server, screen):
    page = visit(screen)
    page.context.set_offline(True)
    page.locator("[data-zoom=out]").click()
    expect(page.locator("figure.chart[data-state=failed]")).to_have_count(3)
    page.context.set_offline(False)
    expect(page.locator("figure.chart[data-state=ready]")).to_have_count(3)


def test_where_readings_may_be_missing_before_a_new_one_the_chart_asks_for_them(page):
    def minutes_later(route):
        station = route.fetch().json()
        station["fields"][0]["newest"]["at"] = (datetime.now(UTC) + timedelta(minutes=5)).isoformat()
        route.fulfill(json=station)

    page.goto("/stations/1/?period=day")
    drawn(page)
    page.route(STATION, minutes_later)
    with page.expect_request(SERIES):
        come_into_view(page)


def test_a_page_whose_newest_value_was_of_the_future_begins_anew(page):
    """The server's clock was ahead and is set back: then its newest value is older than the one that the page has."""

    def an_hour_before(route):
        station = route.fetch().json()
        station["fields"][0]["newest"]["at"] = (datetime.now(UTC) - timedelta(hours=100)).isoformat()
        route.fulfill(json=station)

    page.goto("/stations/1/?period=day")
    drawn(page)
    page.route(STATION, an_hour_before)
    with page.expect_navigation():
        come_into_view(page)


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
    page.route(STATION, lambda route: route.abort())
    for _ in range(2):
        with page.expect_event("requestfailed"):
            come_into_view(page)
    expect(page.locator("#live")).to_have_text("The server does not answer. Trying again.")
    page.unroute(STATION)
    come_into_view(page)
    expect(page.locator("#live")).to_be_empty()
