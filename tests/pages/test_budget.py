"""A first visit is small, and its files are kept for ever."""

import pytest

from tests.pages.viewer import PHONE, drawn

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]

MOST_BYTES = 100_000


def visit(browser, server, address, **options):
    """Return the page, and the bytes of each address that it fetched, with headers."""
    context = browser.new_context(base_url=server.url, **options)
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    urls, sizes = {}, {}
    session.on("Network.requestWillBeSent", lambda event: urls.setdefault(event["requestId"], event["request"]["url"]))
    session.on("Network.loadingFinished", lambda event: sizes.update({event["requestId"]: event["encodedDataLength"]}))
    page.goto(address)
    return page, lambda: {urls[each]: size for each, size in sizes.items()}


@pytest.mark.parametrize("period", ["day", "week", "month", "year"])
@pytest.mark.parametrize("options", [{"viewport": {"width": 1280, "height": 900}}, PHONE], ids=["wide", "phone"])
def test_a_first_visit_transfers_less_than_100_kilobytes(browser, server, options, period):
    page, sizes = visit(browser, server, f"/stations/1/?period={period}", **options)
    drawn(page)
    page.wait_for_load_state("networkidle")
    total = sum(sizes().values())
    assert 10_000 < total < MOST_BYTES, sizes()
    page.context.close()


def test_files_are_kept_for_ever_and_compressed(page):
    answers = []
    page.on("response", lambda answer: answers.append(answer))
    page.goto("/stations/1/")
    drawn(page)
    files = [answer for answer in answers if "/static/" in answer.url]
    assert len(files) > 10
    for answer in files:
        assert "immutable" in answer.headers["cache-control"], answer.url
        if answer.url.endswith((".js", ".css")):
            assert answer.headers["content-encoding"] == "gzip", answer.url


def test_every_module_that_is_imported_was_announced(page):
    """Else the browser finds them one behind the other."""
    page.goto("/stations/1/")
    drawn(page)
    announced = page.evaluate("[...document.querySelectorAll('link[rel=modulepreload]')].map(({href}) => href)")
    fetched = page.evaluate("performance.getEntriesByType('resource').map(({name}) => name)")
    modules = {url for url in fetched if "/static/js/" in url}
    assert modules == set(announced)
