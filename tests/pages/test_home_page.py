"""The list of stations."""

import re

import pytest
from playwright.sync_api import expect

from tests.pages.viewer import prefer, report

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]


def test_each_public_station_has_a_card_with_values_age_and_status(page, server, complaints):
    report(server, 21.4)  # The station would be late some minutes after the server's start.
    page.goto("/")
    cards = page.locator(".card")
    assert cards.locator("h2").all_inner_texts() == ["Roof", "Shed", "Unborn"]
    assert cards.locator(".status").all_inner_texts() == ["Alive", "Silent for 9 hours", "Never heard from"]
    expect(cards.nth(0)).to_contain_text("°C")
    expect(cards.nth(0)).to_contain_text("Humidity")
    expect(cards.nth(1)).not_to_contain_text("ago")
    expect(cards.nth(1)).to_contain_text("Simulated")
    expect(cards.nth(2)).to_contain_text("Waiting for its first reading.")
    expect(page.locator(".counts")).to_have_text(re.compile(r"1 alive\s+1 silent\s+1 never heard from"))
    assert not complaints


def test_the_last_day_is_a_line_that_breaks_where_readings_are_missing_and_says_its_range(page):
    page.goto("/")
    roof = page.locator(".card").nth(0)
    assert roof.locator(".spark path").first.get_attribute("d").count("M") == 2
    expect(roof).to_contain_text(re.compile(r"Temperature, last 24 hours: .?[0-9.]+ to .?[0-9.]+.°C"))


def test_a_card_leads_to_its_station_by_a_click_anywhere_on_it(page):
    page.goto("/")
    page.locator(".card").nth(1).click(position={"x": 30, "y": 110})
    expect(page.locator("h1")).to_have_text("Shed")


def test_units_are_remembered(page):
    page.goto("/")
    prefer(page, Temperature="°F")
    expect(page.locator(".card").nth(0)).to_contain_text("°F")
    page.goto("/stations/1/")
    expect(page.locator(".newest .unit").first).to_have_text("°F")


def test_cards_are_refreshed_while_somebody_looks(page):
    page.goto("/")
    page.evaluate("document.querySelector('.card .now b').textContent = 'stale'")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator(".card .now b").first).not_to_have_text("stale")


def test_stations_are_found_while_somebody_types_and_the_address_keeps_it(page):
    page.goto("/?q=shed")
    expect(page.locator(".card:visible h2")).to_have_text(["Shed"])
    box = page.get_by_role("searchbox")
    box.fill("un")
    expect(page.locator(".card:visible h2")).to_have_text(["Unborn"])
    assert page.url.endswith("/?q=un")
    box.fill("BEANS shed")
    expect(page.locator(".card:visible h2")).to_have_text(["Shed"])
    box.fill("nowhere")
    expect(page.locator(".card:visible")).to_have_count(0)
    expect(page.locator("#no-match")).to_be_visible()
    box.fill("")
    expect(page.locator(".card:visible")).to_have_count(3)
    assert page.url.endswith("/")


def test_stations_are_found_without_scripts(browser, server):
    context = browser.new_context(base_url=server.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/?q=nowhere")
    expect(page.locator("#no-match")).to_be_visible()
    page.get_by_role("searchbox").fill("roof")
    page.get_by_role("button", name="Find").click()
    expect(page.locator(".card:visible h2")).to_have_text(["Roof"])
    expect(page.locator("#no-match")).to_be_hidden()
    context.close()
