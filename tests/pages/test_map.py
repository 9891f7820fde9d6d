"""The map of the stations, with tiles from the test's own server, and no map if none is set up."""

import re
from itertools import combinations
from random import Random

import pytest
from playwright.sync_api import expect

from tests.pages.viewer import PHONE, VIEWER, prefer, report

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]


@pytest.fixture
def visit(browser, map_server, complaints):
    """Open the first page of the server with a map, in a browser with some options."""
    contexts = []

    def visit(**options):
        contexts.append(browser.new_context(base_url=map_server.url, **{**VIEWER, **options}))
        page = contexts[-1].new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto("/")
        return page

    yield visit
    for context in contexts:
        context.close()


def mark(page, name):
    return page.locator(".map").get_by_role("button", name=name)


def test_stations_that_are_shown_on_the_map_have_a_mark_with_their_value(visit, map_server, complaints, tiles):
    report(map_server, 21.4)  # The station would be late some minutes after the server's start.
    page = visit()
    expect(page.locator(".mark")).to_have_count(2)
    expect(mark(page, "Roof")).to_have_text(re.compile(r"^.?\d+\.\d°$"))
    assert mark(page, "Roof").get_attribute("aria-label").endswith("°C, Alive")
    assert mark(page, "Unborn").get_attribute("aria-label") == "Unborn, Never heard from"
    expect(page.locator(".leaflet-tile-loaded").first).to_be_attached()
    expect(page.locator("#no-tiles")).to_be_empty()
    expect(page.locator(".credit a")).to_have_attribute("href", "https://tiles.example/about")
    assert not complaints


def test_the_server_of_tiles_learns_where_from_and_not_which_page(visit, tiles, map_server):
    page = visit()
    page.goto("/?q=roof")
    expect(page.locator(".leaflet-tile-loaded").first).to_be_attached()
    assert tiles.asked
    for path, referer in tiles.asked:
        assert re.fullmatch(r"/tiles/\d+/\d+/\d+\.png", path)
        assert referer == f"{map_server.url}/"


@pytest.mark.parametrize("key", ["Enter", " "])
def test_a_mark_tells_more_by_keyboard_and_gives_the_focus_back(visit, key):
    page = visit()
    mark(page, "Roof").press(key)
    link = page.locator(".details a")
    expect(link).to_be_focused()
    expect(page.locator(".details")).to_contain_text("last 24 hours")
    page.keyboard.press("Escape")
    expect(page.locator(".details")).to_have_count(0)
    expect(mark(page, "Roof")).to_be_focused()
    mark(page, "Roof").press("Enter")
    expect(link).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Roof")


def test_a_mark_tells_more_when_it_is_pressed(visit):
    page = visit()
    mark(page, "Unborn").locator("span").click()
    expect(page.locator(".details")).to_contain_text("Never heard from")
    expect(page.locator(".details a")).to_have_attribute("href", "/stations/3/")


def test_the_keyboard_gets_past_the_map(visit):
    page = visit()
    page.get_by_role("link", name="Skip the map").press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator(".card a").first).to_be_focused()


def test_a_mark_follows_its_card(visit):
    page = visit()
    expect(page.locator(".mark")).to_have_count(2)
    page.evaluate("document.querySelector('.card .now b').textContent = '99.9'")
    expect(mark(page, "Roof")).to_have_text("99.9°")
    page.evaluate("document.querySelector('.card').hidden = true")
    expect(page.locator(".mark")).to_have_count(1)


# Adds a card beside the first one for each [name, status, degrees north, degrees east].
CROWD = """(cards) => {
    const first = document.querySelector(".card[data-at]");
    const [north, east] = first.dataset.at.split(",").map(Number);
    for (const [name, status, up, right] of cards) {
        const card = first.cloneNode(true);
        card.dataset.at = `${north + up},${east + right}`;
        card.querySelector("h2 a").textContent = name;
        card.querySelector(".status").className = `status status-${status}`;
        first.parentElement.append(card);
    }
}"""
BOXES = """(wanted) => [...document.querySelectorAll(wanted)].map((mark) => {
    const { left, top, right, bottom } = mark.querySelector("span").getBoundingClientRect();
    return [left, top, right, bottom];
})"""


def covers(one, other, margin=0):
    return all(one[at] < other[at + 2] + margin and other[at] < one[at + 2] + margin for at in (0, 1))


def test_no_mark_covers_another_and_only_one_without_room_is_a_dot(visit):
    page = visit(reduced_motion="reduce")
    expect(page.locator(".mark")).to_have_count(2)
    chance = Random(4)
    page.evaluate(
        CROWD,
        [
            (f"Neighbour {n}", chance.choice(("alive", "late", "silent")), chance.gauss(0, 0.03), chance.gauss(0, 0.08))
            for n in range(60)
        ],
    )
    expect(page.locator(".mark")).to_have_count(62)
    counts = []
    for zoom in (None, "Zoom in", "Zoom in", "Zoom out"):
        if zoom:
            page.get_by_role("button", name=zoom).click()
        whole = page.evaluate(BOXES, ".mark:not(.is-dot)")
        dots = page.evaluate(BOXES, ".mark.is-dot:not([aria-label^=Unborn])")
        assert not [pair for pair in combinations(whole, 2) if covers(*pair)]
        assert all(any(covers(dot, other, 40) for other in whole) for dot in dots)
        counts.append(len(dots))
    assert counts[0] > counts[1] > counts[2] > 0
    assert counts[3] == counts[1]


def test_marks_are_in_the_units_of_the_viewer(visit):
    page = visit()
    prefer(page, Temperature="°F")
    expect(mark(page, re.compile("Roof, .*°F"))).to_be_attached()


def test_without_its_tiles_a_map_says_so_and_the_list_is_there(browser, map_server, tiles):
    context = browser.new_context(base_url=map_server.url, **VIEWER)
    page = context.new_page()
    page.route(f"{tiles.origin}/**", lambda route: route.abort())
    page.goto("/")
    expect(page.locator("#no-tiles")).to_have_text("The map does not load.")
    expect(page.locator(".mark")).to_have_count(2)
    expect(page.locator(".card")).to_have_count(3)
    context.close()


def test_without_leaflet_there_is_the_list_alone(browser, map_server):
    context = browser.new_context(base_url=map_server.url, **VIEWER)
    page = context.new_page()
    page.route("**/leaflet.*.js", lambda route: route.abort())
    page.goto("/")
    expect(page.locator(".map")).to_be_hidden()
    expect(page.locator(".card")).to_have_count(3)
    context.close()


def test_without_scripts_there_is_the_list_alone(visit):
    page = visit(java_script_enabled=False)
    expect(page.locator(".map")).to_be_hidden()
    expect(page.locator(".card").first).to_contain_text("°C")


def test_one_finger_scrolls_the_page_and_not_the_map(visit):
    page = visit(**PHONE)
    expect(page.locator(".mark")).to_have_count(2)
    assert page.locator("#map").evaluate("(element) => getComputedStyle(element).touchAction") == "pan-x pan-y"
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]


# How far apart two marks are, or whether they are nearer than that.
APART = """(before) => {
    const [one, other] = [...document.querySelectorAll(".mark")].map((mark) => mark.getBoundingClientRect().left);
    const apart = Math.round(Math.abs(one - other));
    return before === null ? apart : apart < before;
}"""


def test_the_wheel_scrolls_the_page_unless_the_map_has_the_focus(visit):
    page = visit(reduced_motion="reduce", viewport={"width": 800, "height": 400})
    expect(page.locator(".mark")).to_have_count(2)
    apart = page.evaluate(APART, None)

    def turn():
        page.locator("#map").hover()
        page.mouse.wheel(0, 100)

    turn()
    page.wait_for_function("() => scrollY > 0")
    page.locator("#map").focus()
    turn()
    page.wait_for_function(APART, arg=apart)
    apart = page.evaluate(APART, None)
    page.locator(".card a").first.focus()
    page.evaluate("scrollTo(0, 0)")
    turn()
    page.wait_for_function("() => scrollY > 0")
    assert page.evaluate(APART, None) == apart


@pytest.mark.parametrize(("motion", "moves"), [("reduce", False), ("no-preference", True)])
def test_nothing_moves_by_itself_where_a_viewer_does_not_want_it(visit, motion, moves):
    page = visit(reduced_motion=motion)
    expect(page.locator(".mark")).to_have_count(2)
    assert ("leaflet-fade-anim" in page.locator("#map").get_attribute("class")) is moves
    assert (page.locator(".mark.leaflet-zoom-animated").count() > 0) is moves


def test_only_the_page_with_the_map_may_load_from_elsewhere(visit, tiles):
    page = visit()
    policies = {
        address: page.request.get(address).headers["content-security-policy"] for address in ("/", "/stations/1/")
    }
    assert f"img-src 'self' data: {tiles.origin};" in f"{policies['/']};"
    assert tiles.origin not in policies["/stations/1/"]
    assert "unsafe" not in policies["/"]


def test_without_a_map_everything_comes_from_this_server_and_leaflet_from_nowhere(page, server, complaints):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    for address in ("/", "/stations/1/", "/?q=roof"):
        page.goto(address)
        page.wait_for_load_state("networkidle")
    assert len(asked) > 10
    for url in asked:
        assert url.startswith(server.url), url
        assert "leaflet" not in url
        assert "map" not in url
    expect(page.locator(".map")).to_have_count(0)
    assert not complaints
