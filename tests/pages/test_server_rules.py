"""Pages draw by the server's rules of time zones, in a browser that has other rules or does not know the zone."""

import base64
import json
import re
import shutil
from datetime import UTC, datetime, timedelta
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import expect

from tests.pages.conftest import data_in, empty_server
from tests.pages.viewer import PHONE, VIEWER, drawn, screenshot
from tests.preloaded import output_of
from tests.server import Server
from tests.zone_files import write_rules

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]

# Chromium has never heard of the first, and knows other rules for the second.
ZONES = ["Test/Town", "Europe/Berlin"]
# Half an hour of summer time from a day in May on: no zone does so there.
SET_ON = datetime(2026, 5, 10, 10, tzinfo=UTC)
RULES = [(None, 3, "TTT"), (SET_ON, 3.5, "TTS")]
MIDNIGHT = datetime(2026, 5, 9, 21, tzinfo=UTC)
DAY = "period=day&date=2026-05-10"


class Town:
    """A station in a zone, and the board that reports for it."""

    def __init__(self, server, number, zone):
        self.server, self.mac = server, f"02000000000{number}"
        add = ["manage.py", "add_station", zone, "--mac", self.mac, "--timezone", zone]
        made = output_of(add, server.environment)
        self.key = made.split()[-1]
        self.address = f"/stations/{made.split()[1]}/"
        self.report([{"value": n / 10, "at": moment(MIDNIGHT + n * timedelta(minutes=10))} for n in range(-72, 288)])
        self.report([{"value": 8, "at": moment(datetime.now(UTC)) - 600}])

    def report(self, values):
        body = json.dumps({"readings": [{"field": 1, **each} for each in values]}).encode()
        request = Request(f"{self.server.url}/api/v1/readings/", body, {"Content-Type": "application/json"})
        request.add_header("Authorization", f"Basic {base64.b64encode(f'{self.mac}:{self.key}'.encode()).decode()}")
        with urlopen(request) as answer:
            assert json.load(answer)["stored"] == len(values)


def moment(at):
    return int(at.timestamp())


@pytest.fixture(scope="module")
def towns(chromium_path, tmp_path_factory):
    """Stations by their zones, on a server of their own with rules of a system of its own."""
    folder = tmp_path_factory.mktemp("rules")
    shutil.copytree(empty_server(tmp_path_factory), folder / "var")
    rules = write_rules(folder / "zoneinfo", "2999z", dict.fromkeys(ZONES, RULES))
    with Server(folder / "log", PYTHONTZPATH=str(rules), WEB_CONCURRENCY="1", **data_in(folder / "var")) as server:
        yield {zone: Town(server, number, zone) for number, zone in enumerate(ZONES)}


@pytest.fixture(params=ZONES)
def town(request, towns):
    return towns[request.param]


@pytest.fixture(params=[{}, PHONE], ids=["wide", "390 px"])
def page(request, browser, town, complaints):
    context = browser.new_context(base_url=town.server.url, **VIEWER, **request.param)
    page = context.new_page()
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    assert complaints == []
    context.close()


def read(page, key):
    """Return the words for the reading at which a key of the first chart leads."""
    page.locator(".plot").first.focus()
    page.keyboard.press(key)
    return page.locator(".plot").first.get_attribute("aria-valuetext")


def test_the_chart_s_day_is_the_table_s_on_the_server_s_clocks(page, town):
    page.goto(f"{town.address}?{DAY}")
    drawn(page)
    assert read(page, "Home").startswith("00:00 TTT: 0.0")
    assert read(page, "End").startswith("23:50 TTS: 14.0")  # 23 hours and a half
    rows = page.locator("#rows tbody th").all_inner_texts()
    assert (rows[0], rows[-1], len(rows)) == ("00:00 TTT", "23:30 TTS", 24)
    screenshot(page, f"server-rules-{town.mac}")


def test_zoom_and_its_words_follow_them(page, town):
    page.goto(f"{town.address}?{DAY}")
    drawn(page)
    page.locator(".plot").first.focus()
    page.keyboard.press("-")
    expect(page.locator(".back").first).to_be_visible()
    drawn(page)
    page.keyboard.press("Escape")
    expect(page).to_have_url(re.compile(re.escape(DAY)))
    page.goto(f"{town.address}?start=2026-05-10T11:00&end=2026-05-10T16:00")
    drawn(page)
    assert read(page, "Home").startswith("11:00 TTT: ")
    assert read(page, "End").startswith("15:50 TTS: ")
    page.keyboard.press("+")
    expect(page).to_have_url(re.compile(r"start=2026-05-10T\d\d:\d\d:00Z&end=2026-05-10T12:"))


def test_a_newer_value_comes_with_the_moment_that_the_server_writes(page, town):
    page.goto(f"{town.address}?period=week")
    drawn(page)
    before = page.locator("#measured time").last.get_attribute("datetime")
    town.report([{"value": 9, "at": moment(datetime.now(UTC))}])
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    shown = page.locator("#measured time").last
    expect(shown).not_to_have_attribute("datetime", before)
    written = shown.inner_text()
    page.reload()
    assert shown.inner_text() == written


def test_all_readings_and_all_of_the_calendar_are_drawn(page, town):
    for address in ("period=all", "start=1970-01-02&end=2199-01-01"):
        page.goto(f"{town.address}?{address}")
        drawn(page)
