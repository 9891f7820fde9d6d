"""A first visit is small, and its files are cached for ever."""

import contextlib
import sqlite3
import subprocess
import sys

import pytest

from tests.pages.viewer import PHONE, drawn
from tests.server import ROOT, Server

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]

MOST_BYTES = 100_000
WIDE = {"viewport": {"width": 1280, "height": 900}}
SCREENS = pytest.mark.parametrize("options", [WIDE, PHONE], ids=["wide", "phone"])


def visit(browser, server, address, **options):
    """Return the page, and the bytes with headers of each address that it fetched."""
    context = browser.new_context(base_url=server.url, **options)
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    urls, sizes = {}, {}
    session.on("Network.requestWillBeSent", lambda event: urls.setdefault(event["requestId"], event["request"]["url"]))
    session.on("Network.loadingFinished", lambda event: sizes.update({event["requestId"]: event["encodedDataLength"]}))
    page.goto(address)
    return page, lambda: {urls[each]: size for each, size in sizes.items()}


def transferred(browser, server, address, options):
    """Return the bytes of a first visit by address."""
    page, sizes = visit(browser, server, address, **options)
    drawn(page)
    page.wait_for_load_state("networkidle")
    found = sizes()
    page.context.close()
    return found


@pytest.fixture(scope="module")
def noisy(browser, server, tmp_path_factory):
    """The address of a station on its own server: no day of a year makes heavier pages."""
    var = tmp_path_factory.mktemp("noisy")
    with contextlib.closing(sqlite3.connect(server.environment["DATABASE_URL"].removeprefix("sqlite:///"))) as database:
        database.execute("VACUUM INTO ?", [str(var / "noisy.sqlite3")])
    own = {"DATABASE_URL": f"sqlite:///{var}/noisy.sqlite3", "VAR_DIR": server.environment["VAR_DIR"]}
    seed = [sys.executable, "-m", "tests.pages.seed", "noisy"]
    number = subprocess.check_output(seed, cwd=ROOT, env=server.environment | own, text=True).strip()
    with Server(var / "server.log", **own, WEB_CONCURRENCY="1") as noisy_server:
        yield noisy_server, f"/stations/{number}/"


@SCREENS
@pytest.mark.parametrize("period", ["day", "week", "month", "year"])
def test_a_first_visit_transfers_less_than_100_kilobytes(browser, server, options, period):
    sizes = transferred(browser, server, f"/stations/1/?period={period}", options)
    assert 10_000 < sum(sizes.values()) < MOST_BYTES, sizes


@SCREENS
@pytest.mark.parametrize("period", ["day", "week", "month", "year"])
def test_so_does_one_to_the_longest_of_months_with_sensors_that_are_noisy(browser, noisy, options, period):
    """744 hours, plus one from October's clocks, and quarters of an hour from readings by the minute."""
    server, address = noisy
    sizes = transferred(browser, server, f"{address}?period={period}&date=2025-10-28", options)
    assert 10_000 < sum(sizes.values()) < MOST_BYTES, sizes


def test_files_are_kept_for_ever_and_compressed(page):
    answers = []
    page.on("response", lambda answer: answers.append(answer))
    page.goto("/stations/1/")
    drawn(page)
    files = [answer for answer in answers if "/static/" in answer.url]
    assert {answer.url.rpartition(".")[2] for answer in files} == {"css", "js", "svg"}
    for answer in files:
        assert "immutable" in answer.headers["cache-control"], answer.url
        if answer.url.endswith((".js", ".css")):
            assert answer.headers["content-encoding"] == "gzip", answer.url
