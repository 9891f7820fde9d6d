"""Another period as a second line: it is drawn, named, read, and kept by the address."""

import re

import pytest
from playwright.sync_api import expect

from tests.pages.viewer import PHONE, VIEWER, drawn, first_year, plots

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]

# Counts the pixels of a chart's own square in the quiet colour of its axes' words.
QUIET = """() => {
    const plot = document.querySelector(".plot");
    const canvas = plot.querySelector("canvas");
    const over = plot.querySelector(".u-over");
    const square = [over.offsetLeft, over.offsetTop, over.offsetWidth, over.offsetHeight];
    const scaled = square.map((value) => Math.round(value * devicePixelRatio));
    const muted = getComputedStyle(plot).getPropertyValue("--muted");
    const [r, g, b] = muted.match(/[0-9a-f]{2}/g).map((hex) => parseInt(hex, 16));
    const { data } = canvas.getContext("2d").getImageData(...scaled);
    let found = 0;
    for (let i = 0; i < data.length; i += 4) {
        if (Math.abs(data[i] - r) + Math.abs(data[i + 1] - g) + Math.abs(data[i + 2] - b) < 12) found += 1;
    }
    return found;
}"""


def test_the_other_period_is_a_second_line_with_a_legend(page, complaints):
    page.goto("/stations/1/?period=week")
    drawn(page)
    assert page.evaluate(QUIET) == 0
    expect(page.locator(".legend")).to_have_count(0)
    page.get_by_text("Compare with").click()
    page.get_by_role("link", name="the week before").click()
    drawn(page)
    assert page.evaluate(QUIET) > 50
    legend = page.locator(".legend").first
    expect(legend.locator(".own")).to_have_text(page.locator(".steps h2").inner_text())
    expect(legend.locator(".before")).to_contain_text("20")
    assert not complaints


@pytest.mark.parametrize("options", [{}, PHONE], ids=["wide", "phone"])
def test_both_values_are_read_and_said(browser, server, options):
    """The last bucket may hold a single reading, and so may the one before if a test has reported since.

    The third from the end has half an hour of them or more, with more than a tenth of a degree between: see seed.py.
    """
    context = browser.new_context(base_url=server.url, **VIEWER, **options)
    page = context.new_page()
    page.goto("/stations/1/?period=month&compare=before")
    drawn(page)
    slider = page.locator(".plot").first
    slider.focus()
    places = plots(page)
    for key in ("End", "ArrowLeft", "ArrowLeft"):
        page.keyboard.press(key)
    both = re.compile(r"\d\s°C \(.+\), before -?[\d.]+\s°C")
    expect(slider).to_have_attribute("aria-valuetext", both)
    expect(page.locator(".readout").first).to_have_text(both)
    assert plots(page) == places
    context.close()


def test_it_is_asked_for_as_long_before_and_the_address_keeps_it_when_zoomed(page):
    page.goto("/stations/1/?period=day&compare=before")
    drawn(page)
    page.locator(".plot").first.focus()
    asked = []
    page.on("request", lambda request: "/series/?field=1&" in request.url and asked.append(request.url))
    page.keyboard.press("+")
    page.wait_for_url(re.compile(r"\?start=.+&end=.+&compare=86400$"))
    drawn(page)
    other, own = sorted(float(re.search(r"start=([\d.]+)", url).group(1)) for url in asked)
    assert own - other == 86_400
    expect(page.locator(".compare [aria-current]")).to_have_text("1 day before")
    legend = page.locator(".legend").first.inner_text()
    page.reload()
    drawn(page)
    expect(page.locator(".legend").first).to_have_text(legend)


def test_a_period_before_the_first_reading_has_no_second_line_and_says_nothing_of_it(page):
    page.goto(f"/stations/1/{first_year()}&compare=before")
    drawn(page)
    slider = page.locator(".plot").first
    slider.focus()
    page.keyboard.press("End")
    expect(slider).not_to_have_attribute("aria-valuetext", re.compile("before"))


def test_where_a_day_has_not_come_to_yet_the_day_before_is_read_alone(page):
    page.goto("/stations/1/?period=day&compare=before")
    drawn(page)
    over = page.locator(".plot .u-over").first
    over.scroll_into_view_if_needed()
    over.hover(position={"x": over.bounding_box()["width"] * 0.75, "y": 60})
    expect(page.locator(".readout").first).to_have_text(re.compile(r"^No reading, before -?[\d.]+\s°C · 1[78]:\d\d$"))
