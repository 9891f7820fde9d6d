"""A station's first readings: a viewer sees all of them, on a phone too."""

import shutil

import pytest

from tests.once import made_once
from tests.pages.conftest import data_in, make_empty_server, run
from tests.pages.viewer import PHONE, VIEWER, drawn
from tests.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]
ONCE, TWICE, SIX_TIMES = (f"/stations/{number}/" for number in (1, 2, 3))
# The texts of tiles that end beyond their tile, where it cuts them.
CUT = """() => [...document.querySelectorAll(".tile")].flatMap((tile) => {
    const words = document.createRange();
    words.selectNodeContents(tile);
    const right = tile.getBoundingClientRect().right;
    return [...words.getClientRects()].some((box) => box.right > right) ? [tile.innerText] : [];
})"""


@pytest.fixture(scope="module")
def young(chromium_path, tmp_path_factory):
    var = tmp_path_factory.mktemp("young") / "var"
    shutil.copytree(made_once(tmp_path_factory, "empty-server", make_empty_server), var)
    own = data_in(var) | {"WEB_CONCURRENCY": "1"}
    run("-m", "tests.pages.seed", "young", **own)
    with Server(var / "server.log", **own) as server:
        yield server


@pytest.fixture
def phone(browser, young):
    context = browser.new_context(base_url=young.url, **VIEWER, **PHONE)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("station", [ONCE, TWICE, SIX_TIMES])
def test_no_tile_cuts_its_words(phone, station, language):
    phone.goto(f"{station}?lang={language}")
    drawn(phone)
    assert phone.evaluate(CUT) == []
