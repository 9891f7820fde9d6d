"""Every page passes axe-core by the rules of WCAG 2.2 AA, wide and on a phone; in dark, wide, by those of colours."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.error import HTTPError

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.pages.conftest import log_in
from tests.pages.moving import follow
from tests.pages.viewer import PHONE, VIEWER, drawn, report, screenshot
from tests.preloaded import output_of
from tests.server import ROOT, Server

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
SIZES = {"1280": {"viewport": {"width": 1280, "height": 900}}, "390": PHONE}
SCHEMES = ["light", "dark"]
CSS = ROOT / "static" / "css"
NARROW = re.compile(r"^@(?:media|container)[^{]*width[^{]*\{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
COLOUR = re.compile(r"[\w-]*(?:color|background|fill|stroke|opacity)\s*:\s*([^\s(;]+)")

PAGES = {
    "home": "/",
    "day": "/stations/1/",
    "week": "/stations/1/?period=week",
    "month": "/stations/1/?period=month",
    "year": "/stations/1/?period=year",
    "all": "/stations/1/?period=all",
    "wind": "/stations/5/?period=month",
    "silent": "/stations/2/",
    "never": "/stations/3/",
    "empty": "/stations/1/?date=2001-05-03",
    "wrong": "/stations/1/?date=soon",
    "outages": "/stations/1/outages/",
    "missing": "/stations/99/",
    "link-over": "/account/link/0/",
    "invitation-over": "/account/invitation/0/",
    "german": "/stations/1/?lang=de&period=month",
    "compare": "/compare/?field=1.1&field=1.2&field=2.1&field=4.1&period=week",
    "embed": "/stations/1/embed/",
    "embed-unborn": "/stations/3/embed/?theme=dark",
    "embed-silent": "/stations/2/embed/?theme=light&lang=de",
}
ADMIN_PAGES = {
    "index": "/admin/",
    "overview": "/admin/overview/",
    "stations": "/admin/stations/station/",
    "new-station": "/admin/stations/station/add/",
    "station": "/admin/stations/station/1/change/",
    "waiting": "/admin/stations/station/3/change/",
    "history": "/admin/stations/station/1/history/",
    "keys": "/admin/stations/station/1/keys/",
    "imports": "/admin/stations/station/import/1/",
    "import": "/admin/stations/station/import/1/1/",
    "flash": "/admin/stations/station/1/flash/",
    "refused": "/admin/readings/refusedreport/",
    "set-aside": "/admin/readings/setaside/",
    "new-set-aside": "/admin/readings/setaside/add/?station=1",
    "new-sensor": "/admin/readings/sensor/add/",
    "networks": "/admin/firmware/wifinetwork/",
    "network": "/admin/firmware/wifinetwork/1/change/",
    "new-network": "/admin/firmware/wifinetwork/add/",
    "images": "/admin/firmware/micropythonimage/",
    "new-image": "/admin/firmware/micropythonimage/add/",
    "users": "/admin/auth/user/",
    "user": "/admin/auth/user/1/change/",
    "new-user": "/admin/auth/user/add/",
    "groups": "/admin/auth/group/",
    "group": "/admin/auth/group/1/change/",
    "account": "/account/",
    "password": "/account/password/",
    "second-factor": "/account/second-factor/",
    "sessions": "/account/sessions/",
    "tokens": "/account/tokens/",
    "deeds": "/admin/audit/event/",
    "stations-groups": "/admin/stations/stationgroup/",
    "new-stations-group": "/admin/stations/stationgroup/add/",
    "links": "/admin/stations/station/1/links/",
    "boards": "/admin/firmware/",
}

# Pages with a number that is unknown beforehand: the page with their link, and the link.
LINKED_PAGES = {
    "refused-one": ("/admin/readings/refusedreport/", "#result_list a[href$='/change/'][href*=refusedreport]"),
    "register": ("/admin/readings/refusedreport/", "#result_list a[href$='/register/']"),
}

# A colour that is changing from one scheme to the other belongs to neither. Only colours differ between the schemes.
# Without `preload`, which takes a third of the time, axe-core does not know how long a sound is: no page has one.
RUN = """async (onlyColours) => {
    document.getAnimations().forEach((each) => each.finish());
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
    const ofColours = axe.getRules(tags).filter((rule) => rule.tags.includes("cat.color")).map((rule) => rule.ruleId);
    const runOnly = onlyColours ? { type: "rule", values: ofColours } : { type: "tag", values: tags };
    const { violations } = await axe.run(document, { runOnly, resultTypes: ["violations"], preload: false });
    return violations.flatMap(({ id, nodes }) =>
        nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`));
}"""

THIN_OUT = """() => {
    const kind = (each) => [each.tagName, each.className, ...[...each.children].map(kind)].join();
    for (const { rows } of document.querySelectorAll("tbody")) {
        const seen = {};
        [...rows].forEach((row) => (seen[kind(row)] = (seen[kind(row)] ?? 0) + 1) > 2 && row.remove());
    }
    document.querySelectorAll("option:nth-child(n + 9)").forEach((option) => option.remove());
    document.querySelectorAll(".scroll").forEach(({ style }) => (style.backgroundImage = "none"));
}"""


@contextmanager
def visit(browser: Browser, server: Server, size: str) -> Iterator[Page]:
    """Open a page with axe-core in it: the page's own CSP does not apply to Chromium's init script."""
    context = browser.new_context(base_url=server.url, reduced_motion="reduce", **VIEWER, **SIZES[size])
    context.add_init_script(path=AXE)
    yield context.new_page()
    context.close()


def violations(page: Page, name: str, picture: str = "") -> list[str]:
    """Return the present violations, of colours in both schemes if the page is wide. With a name, take pictures."""
    found = [f"{name} has a sound"] if page.locator("audio, video").count() else []
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        if picture:
            screenshot(page, f"{picture}-{scheme}")
        if scheme == "dark" and page.viewport_size == PHONE["viewport"]:  # No colour differs from that of a wide page.
            continue
        found += [f"{name} in {scheme}: {each}" for each in page.evaluate(RUN, scheme == "dark")]
    return found


def scrolls_sideways(page: Page) -> bool:
    """Tell whether a page is wider than its screen. A phone's innerWidth is no measure: it grows with the page."""
    return page.evaluate("document.documentElement.scrollWidth") > page.viewport_size["width"]


def cut_inputs(page: Page) -> list[str]:
    """Return the names of inputs in rows of a form that end beyond the screen, or are too narrow to type in."""
    return page.evaluate(
        """() => [...document.querySelectorAll(".tabular td :is(input:not([type=checkbox]), select)")]
            .filter((each) => each.checkVisibility() && each.type !== "hidden")
            .filter((each) => each.getBoundingClientRect().right > screen.width || each.offsetWidth < 60)
            .map((each) => each.name)"""
    )


def assert_fits(page: Page, name: str, size: str) -> None:
    """Check that a page does not scroll sideways, and take pictures of it."""
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        assert not scrolls_sideways(page), name
        screenshot(page, f"{name}-{size}-{scheme}")


def thin_out(page: Page) -> None:
    """Leave two rows of each kind in a table, and some choices of a long list: axe-core takes long for each.

    Rows of a kind have the same cells, of the same classes, with as many elements in them. The shadows behind a table
    go too: before a gradient axe-core judges no colour.
    """
    page.evaluate(THIN_OUT)


def unfold(page: Page, opened: bool = True) -> None:
    page.evaluate("(opened) => document.querySelectorAll('details').forEach((each) => each.open = opened)", opened)


def test_no_colour_is_for_screens_of_one_width_alone():
    """Only the colours of a scheme are used there, which a wide page shows too."""
    narrow = [block for path in CSS.glob("*.css") for block in NARROW.findall(path.read_text())]
    assert len(narrow) > 5
    for block in narrow:
        assert set(COLOUR.findall(block)) <= {"var"}, block


@pytest.mark.parametrize("size", SIZES)
def test_a_station_s_page_that_is_folded_violates_nothing(browser, server, size):
    with visit(browser, server, size) as page:
        page.goto("/stations/1/")
        drawn(page)
        unfold(page, False)
        thin_out(page)
        assert violations(page, "folded") == []


@pytest.mark.parametrize("size", SIZES)
def test_a_public_page_violates_nothing_and_does_not_scroll_sideways(browser, server, size):
    found = []
    with visit(browser, server, size) as page:
        for name, address in PAGES.items():
            page.goto(address)
            if page.locator("figure.chart").count():
                drawn(page)
            assert_fits(page, name, size)
            unfold(page)
            thin_out(page)
            found += violations(page, name)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("size", SIZES)
def test_the_map_violates_nothing_with_and_without_what_a_mark_tells(browser, map_server, size):
    with visit(browser, map_server, size) as page:
        page.goto("/")
        expect(page.locator(".leaflet-tile-loaded").first).to_be_attached()
        found = violations(page, "map")
        page.get_by_role("button", name="Roof").press("Enter")
        expect(page.locator(".details")).to_be_visible()
        found += violations(page, "what a mark tells")
        screenshot(page, f"map-{size}-dark")
    assert not found, "\n".join(found)


@pytest.fixture(scope="module")
def keeper(server: Server) -> dict[str, str]:
    """A user with all permissions, on a server that has refused a station's report and a stranger's."""
    keeper = {"DJANGO_SUPERUSER_USERNAME": "keeper", "DJANGO_SUPERUSER_PASSWORD": "only for this test"}
    command = ["manage.py", "createsuperuser", "--noinput", "--email=keeper@freetemp.example"]
    output_of(command, os.environ | server.environment | keeper)
    with pytest.raises(HTTPError):
        report(server, 21.4, field=99)
    with pytest.raises(HTTPError):
        report(server, 21.4, mac="0a:00:00:00:00:01")
    return keeper


def add_network(page: Page, ssid: str) -> None:
    page.goto("/admin/firmware/wifinetwork/add/")
    page.get_by_label("SSID").fill(ssid)
    page.get_by_label("Password:").fill("only for this test")
    page.get_by_role("button", name="Save", exact=True).click()


def invite(page: Page, group: str, keeper: dict[str, str]) -> str:
    """Make a group and an invitation to it, and return the link that its page shows."""
    page.goto("/admin/stations/stationgroup/add/")
    page.get_by_label("Name:").fill(group)
    follow(page.get_by_role("button", name="Save", exact=True))
    follow(page.get_by_role("link", name="invite people"))
    follow(page.get_by_role("button", name="Make the link"))
    if "/confirm/" in page.url:
        page.get_by_label("Password").fill(keeper["DJANGO_SUPERUSER_PASSWORD"])
        follow(page.get_by_role("button", name="Go on"))
    return page.get_by_label("Link", exact=True).input_value()


def link_to(page: Page, links: str) -> str:
    """Make a link to a private station on the page of its links, and return it."""
    page.goto(links)
    page.get_by_label("For").fill("Parents")
    follow(page.get_by_role("button", name="Make a"))
    return page.locator("#link").inner_text()


def linked(page: Page) -> Iterator[tuple[str, str]]:
    """Yield the names and addresses of LINKED_PAGES, once the refused reports are listed."""
    for name, (address, link) in LINKED_PAGES.items():
        page.goto(address)
        yield name, page.locator(link).first.get_attribute("href")


@pytest.mark.parametrize("size", SIZES)
def test_a_page_of_the_admin_violates_nothing_and_does_not_scroll_sideways(browser, server, keeper, size):
    found = []
    with visit(browser, server, size) as page:
        page.goto("/admin/")
        found += violations(page, "login", f"admin-login-{size}")
        log_in(page, keeper)
        add_network(page, f"Weather {size}")
        for name, address in [*ADMIN_PAGES.items(), *linked(page)]:
            answer = page.goto(address)
            assert answer.status == 200, address
            if "/account/confirm/" in page.url:
                page.get_by_label("Password").fill(keeper["DJANGO_SUPERUSER_PASSWORD"])
                follow(page.get_by_role("button", name="Go on"))
            assert page.url.endswith(address), page.url
            unfold(page)
            thin_out(page)
            found += violations(page, name, f"admin-{name}-{size}")
            assert not scrolls_sideways(page), name
            assert not cut_inputs(page), name
        page.goto("/admin/alerts/recipient/add/")
        assert not cut_inputs(page)
        link = invite(page, f"School {size}", keeper)
        found += violations(page, "invitations", f"invitations-{size}")
        assert not scrolls_sideways(page)
        private = link_to(page, "/admin/stations/station/4/links/")
        found += violations(page, "link made", f"link-made-{size}")
        assert not scrolls_sideways(page)
        with visit(browser, server, size) as stranger:
            for name, address in {"invitation": link, "linked": private}.items():
                stranger.goto(address)
                found += violations(stranger, name, f"{name}-{size}")
                assert not scrolls_sideways(stranger), name
    assert not found, "\n".join(found)
