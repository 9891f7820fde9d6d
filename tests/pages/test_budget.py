"""A first visit is small, and its files are cached for ever."""

import contextlib
import sqlite3

import pytest

from tests.pages.viewer import PHONE, drawn
from tests.preloaded import output_of
from tests.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]

MOST_BYTES = {390: 80_000, 1280: 85_000}  # by the screen's width: a wide chart asks for more points
MOST_REQUESTS = 20
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
def heavy(browser, server, tmp_path_factory):
    """A server of its own with two stations: no day of a year, and no other sensors, make heavier pages."""
    var = tmp_path_factory.mktemp("heavy")
    with contextlib.closing(sqlite3.connect(server.environment["DATABASE_URL"].removeprefix("sqlite:///"))) as database:
        database.execute("VACUUM INTO ?", [str(var / "heavy.sqlite3")])
    own = {"DATABASE_URL": f"sqlite:///{var}/heavy.sqlite3", "VAR_DIR": server.environment["VAR_DIR"]}
    numbers = output_of(["-m", "tests.pages.seed", "heavy"], server.environment | own).split()
    with Server(var / "server.log", **own, WEB_CONCURRENCY="1") as heavy_server:
        yield heavy_server, dict(zip(("noisy", "stormy"), numbers, strict=True))


@SCREENS
@pytest.mark.parametrize("station", ["noisy", "stormy"])
@pytest.mark.parametrize("period", ["day", "week", "month", "year"])
def test_a_first_visit_is_small_on_any_day_for_any_sensors(browser, heavy, options, station, period):
    """The longest of months has 744 hours, plus one from October's clocks, and quarters of an hour by the minute."""
    server, numbers = heavy
    address = f"/stations/{numbers[station]}/?period={period}&date=2025-10-28"
    sizes = transferred(browser, server, address, options)
    assert 10_000 < sum(sizes.values()) < MOST_BYTES[options["viewport"]["width"]], sizes
    assert len(sizes) <= MOST_REQUESTS, sizes


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
