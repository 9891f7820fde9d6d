"""A station's history in a browser."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from tests.pages.seed import MAC
from tests.pages.viewer import drawn

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]


def inked(page, count=3) -> None:
    """Wait until `count` charts have a line in their field's colour: the browser draws them in its own time."""
    page.wait_for_function(
        """(count) => [...document.querySelectorAll(".plot")].filter((plot) => {
            const canvas = plot.querySelector("canvas");
            const [r, g, b] = getComputedStyle(plot).getPropertyValue("--series").match(/[0-9a-f]{2}/g)
                .map((hex) => parseInt(hex, 16));
            const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
            for (let i = 0; i < data.length; i += 4)
                if (data[i] === r && data[i + 1] === g && data[i + 2] === b) return true;
            return false;
        }).length === count""",
        arg=count,
    )


def test_every_field_has_a_chart_with_a_line_and_nothing_is_refused(page, complaints):
    page.goto("/stations/1/")
    drawn(page)
    inked(page)
    expect(page.locator(".plot[aria-busy=false]")).to_have_count(3)
    assert not complaints


@pytest.mark.parametrize("query", ["?period=week", "?period=month", "?period=year", "?period=all"])
def test_each_period_has_its_charts_its_table_and_its_file(page, complaints, query):
    page.goto(f"/stations/1/{query}")
    drawn(page)
    inked(page)
    assert page.locator("tbody tr").count() >= 1
    assert query.lstrip("?") in page.locator(".files a[href*=csv]").first.get_attribute("href")
    assert page.locator(".kinds [aria-current=page]").inner_text().lower() == query.removeprefix("?period=")
    assert not complaints


def test_a_gap_stays_a_gap(page):
    with page.expect_response(re.compile(r"/series/\?field=1&")) as answer:
        page.goto("/stations/1/")
    drawn(page)
    gap = answer.value.json()["mean"].index(None)
    assert gap > 0
    page.locator(".plot").first.focus()
    page.keyboard.press("Home")
    for _ in range(gap):
        page.keyboard.press("ArrowRight")
    assert page.locator(".plot").first.get_attribute("aria-valuetext") == "No reading"


def test_times_are_the_stations_wherever_the_viewer_is(page):
    page.goto("/stations/2/?period=week")
    drawn(page)
    page.locator(".plot").first.focus()
    page.keyboard.press("End")
    said = page.locator(".plot").first.get_attribute("aria-valuetext")
    moment = datetime.fromisoformat(page.locator("#measured time").first.get_attribute("datetime"))
    local = moment.astimezone(ZoneInfo("Asia/Kathmandu"))
    assert f"{local:%a} {local.day} {local:%b}, " in said


# For each chart: whether there is a dot on its line near the cursor.
POINTED = """() => [...document.querySelectorAll(".plot")].map((plot) => {
    const { left } = plot.querySelector(".u-over").getBoundingClientRect();
    return [...plot.querySelectorAll(".u-cursor-pt")].some((dot) => {
        const own = dot.getBoundingClientRect();
        return own.width > 4 && Math.abs(own.left + own.width / 2 - left - 200) < 20;
    });
})"""


def test_the_cursor_is_shared_and_says_value_unit_and_time(page):
    page.goto("/stations/1/")
    drawn(page)
    page.locator(".plot .u-over").first.hover(position={"x": 200, "y": 60})
    readouts = page.locator(".readout")
    for index, unit in enumerate(["°C", "%", "hPa"]):
        expect(readouts.nth(index)).to_be_visible()
        expect(readouts.nth(index)).to_contain_text(unit)
        expect(readouts.nth(index)).to_contain_text(re.compile(r"\d\d:\d\d"))
    assert page.evaluate(POINTED) == [True] * 3


def test_a_chart_is_read_by_keyboard_and_said_to_a_screen_reader(page):
    page.goto("/stations/1/")
    drawn(page)
    slider = page.get_by_role("slider", name="Temperature over time")
    slider.focus()
    page.keyboard.press("End")
    last = int(slider.get_attribute("aria-valuenow"))
    assert last == int(slider.get_attribute("aria-valuemax")) > 0
    assert "°C" in slider.get_attribute("aria-valuetext")
    page.keyboard.press("ArrowLeft")
    assert int(slider.get_attribute("aria-valuenow")) == last - 1
    page.keyboard.press("Home")
    assert slider.get_attribute("aria-valuenow") == "0"


def test_an_empty_period_says_so_and_leads_to_the_newest_readings(page):
    page.goto("/stations/1/?date=2001-05-03")
    expect(page.locator(".empty")).to_contain_text("No readings on Thursday 3 May 2001.")
    expect(page.locator(".empty")).to_contain_text("They begin later.")
    page.locator(".empty a").last.click()
    drawn(page)
    inked(page)


def test_a_station_that_was_never_heard_waits(page, complaints):
    page.goto("/stations/3/")
    expect(page.locator("main")).to_contain_text("Waiting for its first reading")
    assert not complaints


def test_a_wrong_address_is_answered_with_a_sentence(page):
    page.goto("/stations/1/?start=2026-05-02&end=2026-05-01")
    expect(page.get_by_role("alert")).to_contain_text("The start must be before the end.")
    drawn(page)


def test_a_station_that_is_not_public_is_not_there(page):
    assert page.goto("/stations/4/").status == 404
    expect(page.locator("h1")).to_have_text("There is no such station")


def test_a_failed_request_is_said_and_can_be_tried_again(page):
    page.route(re.compile("/series/"), lambda route: route.abort())
    page.goto("/stations/1/")
    drawn(page)
    note = page.locator(".plot-note").first
    expect(note).to_contain_text("The readings did not arrive.")
    page.unroute(re.compile("/series/"))
    note.get_by_role("button", name="Try again").click()
    drawn(page)
    expect(note).to_be_empty()


def test_without_javascript_values_and_the_table_are_there_and_no_empty_chart(browser, server):
    context = browser.new_context(base_url=server.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/stations/1/")
    expect(page.locator(".newest .value").first).to_contain_text("°C")
    expect(page.locator("table").first).to_be_visible()
    assert page.locator(".plot").first.is_hidden()
    assert page.locator(".zoom-buttons").is_hidden()
    page.locator(".kinds a", has_text="Month").click()
    expect(page.locator("tbody tr")).not_to_have_count(0)
    context.close()


def test_a_date_and_a_range_of_ones_own_are_plain_forms(page):
    page.goto("/stations/1/?period=week")
    page.get_by_text("Choose dates").click()
    day = page.locator("tbody th a").first.get_attribute("href").rpartition("date=")[2]
    page.get_by_label("The week of").fill(day)
    page.get_by_role("button", name="Show").first.click()
    expect(page).to_have_url(re.compile(f"period=week&date={day}"))
    page.get_by_text("Choose dates").click()
    page.get_by_label("From").fill(f"{day}T06:00")
    page.get_by_label("to", exact=True).fill(f"{day}T18:00")
    page.get_by_role("button", name="Show").last.click()
    expect(page.locator("h2").first).to_contain_text("06:00 to 18:00")


def test_a_visitor_is_told_no_secrets(page, server):
    page.goto("/stations/1/")
    assert MAC not in page.content()
