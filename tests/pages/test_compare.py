"""Fields of several stations on one chart: from a station's page, at the cursor, zoomed, and without scripts."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.pages.viewer import PHONE, VIEWER, drawn

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]

# Tells for some colours how many columns of pixels of the first chart have each.
COLUMNS = """(names) => {
    const plot = document.querySelector(".lines .plot");
    const canvas = plot.querySelector("canvas");
    const over = plot.querySelector(".u-over");
    const square = [over.offsetLeft, over.offsetTop, over.offsetWidth, over.offsetHeight];
    const [left, top, width, height] = square.map((value) => Math.round(value * devicePixelRatio));
    const { data } = canvas.getContext("2d").getImageData(left, top, width, height);
    const [xs, ys] = [width, height].map((count) => [...Array(count).keys()]);
    return names.map((name) => {
        const colour = getComputedStyle(plot).getPropertyValue(name).match(/[0-9a-f]{2}/g);
        const isIts = (at) => colour.every((hex, n) => Math.abs(data[at + n] - parseInt(hex, 16)) < 12);
        return xs.filter((x) => ys.some((y) => isIts((y * width + x) * 4))).length / width;
    });
}"""
LATER_MS = 23_400_000  # The shed's last three hours of today fill the roof's gap then: see seed.py.
VALUE = r"-?[\d.]+\s"


def last_week() -> str:
    """Return the query of a week that is over: on a Monday, the present one has hardly begun."""
    return f"period=week&date={datetime.now(UTC) - timedelta(days=7):%Y-%m-%d}"


def test_a_stations_page_leads_to_one_chart_of_several_stations(page, complaints):
    page.goto(f"/stations/1/?{last_week()}")
    page.get_by_text("Compare with").click()
    page.locator(".compare").get_by_role("link", name="temperature").click()
    drawn(page)
    expect(page.locator("figure.chart")).to_have_count(1)
    for label in ("Shed, temperature [°C]", "Roof, humidity [%]"):
        page.get_by_label("Add a field").select_option(label=label)
        page.get_by_role("button", name="Add").click()
        drawn(page)
    expect(page.locator("[data-line]")).to_have_count(3)
    expect(page.locator("figure.chart h3").nth(1)).to_contain_text("Shed, temperature minus Roof, temperature")
    # The roof's line is beneath the shed's: seed.py has the same weather for both.
    assert all(share > 0.1 for share in page.evaluate(COLUMNS, ["--series-2", "--series-3"]))
    assert not complaints

    slider = page.locator(".plot").first
    slider.focus()
    page.keyboard.press("Home")
    said = re.compile(rf"Roof, temperature: {VALUE}°C; Shed, temperature: {VALUE}°C; Roof, humidity: \d+\s%$")
    expect(slider).to_have_attribute("aria-valuetext", said)
    expect(page.locator('[data-line="1.2"] .at')).to_have_text(re.compile(r"^\d+\s%$"))

    page.keyboard.press("+")
    page.wait_for_url(re.compile(r"\?start=.+&end=.+&field=1\.1&field=2\.1&field=1\.2$"))
    drawn(page)
    expect(page.locator("#rows h2 .label")).to_have_text(re.compile(r"\d\d:\d\d to .*\d\d:\d\d$"))
    legend = page.locator("#lines").inner_text()
    page.reload()
    drawn(page)
    expect(page.locator("#lines")).to_have_text(re.compile(re.escape(legend.split("\n")[0])))
    page.go_back()
    expect(page.locator(".kinds [aria-current]")).to_have_text("Week")
    page.get_by_role("link", name="Remove Shed, temperature").click()
    drawn(page)
    expect(page.locator("[data-line]")).to_have_count(2)
    expect(page).to_have_url(re.compile(r"period=week.*&field=1\.1&field=1\.2$"))
    assert not complaints


def test_a_gap_of_one_line_stays_a_gap_between_the_points_of_another(page):
    def later(route):
        found = route.fetch().json()
        found["time_ms"][0] += LATER_MS
        route.fulfill(json=found)

    page.goto("/compare/?field=1.1")
    drawn(page)
    alone = page.evaluate(COLUMNS, ["--series-1"])

    def without_brought(route):
        route.fulfill(body=route.fetch().text().replace('id="brought"', 'id="left"'), content_type="text/html")

    page.route("**/stations/2/series/?field=1&start=*", later)
    page.route("**/compare/?*", without_brought)
    page.goto("/compare/?field=1.1&field=2.1")
    drawn(page)
    both = page.evaluate(COLUMNS, ["--series-1", "--series-2"])
    assert both[1] > 0.05
    assert both[0] == pytest.approx(alone[0], abs=0.02)


def test_without_scripts_it_is_drawn_and_fits_a_phone(browser, server):
    context = browser.new_context(base_url=server.url, java_script_enabled=False, **VIEWER, **PHONE)
    page = context.new_page()
    page.goto(f"/compare/?field=1.1&field=1.2&{last_week()}")
    for colour in (1, 2):
        box = page.locator(f".lines .sketch .series-{colour} .line").first.bounding_box()
        assert box["width"] > 50
        assert 0 <= box["x"] < box["x"] + box["width"] <= 390
    page.get_by_label("Add a field").select_option(label="Shed, temperature [°C]")
    page.get_by_role("button", name="Add").click()
    expect(page).to_have_url(re.compile(r"period=week&date=[\d-]+&field=1\.1&field=1\.2&field=2\.1$"))
    expect(page.locator("figure.chart")).to_have_count(2)
    context.close()
