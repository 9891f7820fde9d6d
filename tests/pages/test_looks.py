"""Checks of looks that a program can make."""

import re
from itertools import product

import pytest

from tests.pages.viewer import PHONE, VIEWER
from tests.server import ROOT

SIZES = {"1280": {"viewport": {"width": 1280, "height": 900}}, "390": PHONE}
SCHEMES = ["light", "dark"]
# The boxes of tables: their room and their tables' width, how far to the right captions end, and how they say it.
BOXES = """() => [...document.querySelectorAll(".scroll")].map((box) => ({
    room: box.clientWidth,
    wide: box.scrollWidth,
    words: box.querySelector("caption > p").getBoundingClientRect().right,
    edge: box.getBoundingClientRect().right,
    focusable: box.tabIndex === 0 && box.matches("[role=region]:is([aria-label], [aria-labelledby])"),
    shadowed: getComputedStyle(box).backgroundAttachment.includes("local"),
}))"""


@pytest.mark.browser
@pytest.mark.sqlite_only
@pytest.mark.parametrize(("size", "language"), list(product(SIZES, ["en", "de"])))
def test_no_table_is_cut_without_a_hint(browser, server, size, language):
    context = browser.new_context(base_url=server.url, **VIEWER, **SIZES[size])
    page = context.new_page()
    page.goto(f"/stations/1/?lang={language}")
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    boxes = page.evaluate(BOXES)
    assert len(boxes) == 5, "hours, and the almanac of three fields, of which one has degree days"
    for box in boxes:
        assert box["words"] <= box["edge"], f"the caption is cut: {box}"
        assert box["focusable"], box
        assert box["shadowed"], box
        assert size == "390" or box["room"] >= box["wide"], f"the table is cut: {box}"
    context.close()


@pytest.mark.browser
@pytest.mark.sqlite_only
def test_what_a_finger_hits_is_large_enough(browser, server):
    context = browser.new_context(base_url=server.url, **VIEWER, **PHONE)
    page = context.new_page()
    page.goto("/stations/1/")
    for target in page.locator("header a:visible, .period a:visible, .tools button:visible, summary").all():
        box = target.bounding_box()
        assert min(box["width"], box["height"]) >= 24, target.evaluate("(element) => element.outerHTML")
    context.close()


def colours() -> dict[str, dict[str, str]]:
    """Return the colours of base.css by scheme and name."""
    light, dark = (
        (ROOT / "static" / "css" / "base.css").read_text().split("@media screen and (prefers-color-scheme: dark)")
    )
    found = {"light": re.findall(r"--([\w-]+): (#[0-9a-f]+);", light)}
    found["dark"] = re.findall(r"--([\w-]+): (#[0-9a-f]+);", dark)
    return {scheme: dict(each) for scheme, each in found.items()}


def luminance(colour: str) -> float:
    """Return the relative luminance of WCAG 2.2."""
    digits = colour.lstrip("#")
    digits = "".join(2 * each for each in digits) if len(digits) == 3 else digits
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    r, g, b = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_text_can_be_read_on_every_ground(scheme):
    own = colours()[scheme]
    texts = [name for name in own if name in {"text", "muted", "accent", "good", "warn", "bad"} or "series" in name]
    assert len(texts) == 12
    for text, ground in product(texts, ["ground", "surface"]):
        assert contrast(own[text], own[ground]) >= 4.5, f"{text} on {ground}"
    assert contrast(own["on-accent"], own["accent"]) >= 4.5
    assert contrast(own["text"], own["bad-soft"]) >= 4.5
    assert contrast(own["text"], own["raised"]) >= 4.5
