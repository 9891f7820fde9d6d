"""Viewers' browsers, and their actions on every page."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.request import urlopen

from playwright.sync_api import Page, expect

from tests.pages.seed import KEY, MAC
from tests.server import Server

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
# Far from every station: times on a page are the station's, not the viewer's.
VIEWER = {"timezone_id": "Pacific/Auckland", "locale": "en-NZ"}


def report(server: Server, value: float, field: int = 1, mac: str = MAC) -> None:
    """Report a value as a board does."""
    with urlopen(f"{server.url}/update/API_key={KEY}/mac={mac}/field={field}/data={value}") as answer:
        assert answer.read() == b"OK"


def drawn(page: Page) -> None:
    """Wait until every chart has its readings."""
    expect(page.locator("figure.chart").first).to_be_attached()
    expect(page.locator("figure.chart:not([data-state]), figure.chart[data-state=loading]")).to_have_count(0)


def first_year() -> str:
    """Return the query of the year in which the stations' readings begin: see seed.py."""
    return f"?period=year&date={(datetime.now(UTC) - timedelta(days=364)).date()}"


def prefer(page: Page, **choices: str) -> None:
    """Choose units or a language as a viewer does: `prefer(page, Temperature="°F")`."""
    page.locator(".preferences summary").click()
    for label, choice in choices.items():
        page.locator(".preferences").get_by_label(label).select_option(label=choice)
    page.locator(".preferences button").click()


def plots(page: Page) -> list[list[float]]:
    """Return each chart's place on the screen: left, top, width, height."""
    return page.evaluate(
        """() => [...document.querySelectorAll(".plot")].map((plot) => {
            const { left, top, width, height } = plot.getBoundingClientRect();
            return [left, top, width, height];
        })"""
    )


def screenshot(page: Page, name: str) -> None:
    """Take a picture of the page for people to look at, where SCREENSHOTS asks for pictures."""
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
