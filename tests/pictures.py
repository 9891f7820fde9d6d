"""Takes the README's pictures anew from a running demo: `python -m tests.pictures http://127.0.0.1:8000`."""

from __future__ import annotations

import io
import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.request import urlopen

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests.pages.viewer import PHONE, drawn
from tests.run import chromium

DOCS = Path(__file__).parent.parent / "docs"
NAME = "La Guardia Airport (demo)"
BETWEEN = 20  # pixels, between the two screens of a phone.


def station_page(url: str) -> str:
    """Return the address of the demo's station, which is in the pictures."""
    with urlopen(f"{url}/api/v1/stations/") as answer:
        stations = json.load(answer)
    return f"{url}/stations/{next(each['id'] for each in stations if each['name'] == NAME)}/"


def shown(browser: Browser, address: str, first: str = "", **options: object) -> Page:
    """Open a page as a viewer's browser does, scrolled until the first element that matches is at its top."""
    page = browser.new_context(**{"locale": "en-GB"} | options).new_page()  # type: ignore[arg-type]
    page.goto(address)
    if "/stations/" in address:
        drawn(page)
    if first:
        page.locator(first).first.evaluate("each => window.scrollBy(0, each.getBoundingClientRect().top - 18)")
    return page


def kept(name: str, *screens: bytes) -> None:
    """Keep screens side by side as one picture of 256 colours, a third of the size."""
    images = [Image.open(io.BytesIO(screen)).convert("RGB") for screen in screens]
    width = sum(image.width for image in images) + BETWEEN * (len(images) - 1)
    whole = Image.new("RGB", (width, images[0].height), "white")
    at = 0
    for image in images:
        whole.paste(image, (at, 0))
        at += image.width + BETWEEN
    # Not by the median cut, which gives rare colours away: those of lines.
    palette = whole.quantize(256, Image.Quantize.MAXCOVERAGE, kmeans=1, dither=Image.Dither.NONE)
    palette.save(DOCS / f"{name}.png", optimize=True)


def take(browser: Browser, url: str) -> None:
    station = station_page(url)
    week_ago, month_ago = (f"&date={(datetime.now(UTC) - timedelta(days=days)).date()}" for days in (7, 31))
    month = f"{station}?period=month{month_ago}"
    wide = {"viewport": {"width": 1200, "height": 1100}}
    kept("station", shown(browser, f"{station}?period=week&compare=before{week_ago}", **wide).screenshot())
    kept("home", shown(browser, f"{url}/", viewport={"width": 1000, "height": 400}).screenshot())
    kept("phone", *(shown(browser, month, first, **PHONE).screenshot() for first in ("", "nav.kinds")))
    dark = {"viewport": {"width": 1000, "height": 940}, "color_scheme": "dark"}
    kept("dark", shown(browser, f"{station}?period=year", "nav.kinds", **dark).screenshot())


def main() -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        take(browser, sys.argv[1].rstrip("/"))
        browser.close()


if __name__ == "__main__":
    main()
