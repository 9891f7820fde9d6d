"""A teacher makes a group and invites a colleague; the colleague shows a private station to parents, on telephones."""

import shutil

import pytest
from playwright.sync_api import expect

from tests.accounts.conftest import PASSWORD
from tests.pages.conftest import data_in, empty_server, run
from tests.pages.moving import follow
from tests.pages.viewer import PHONE
from tests.server import Server

pytestmark = [pytest.mark.sqlite_only, pytest.mark.browser]

MAKE = f"""
from django.contrib.auth.models import User
from stations.models import Station
User.objects.create_superuser("teacher", password="{PASSWORD}")
Station.objects.create(name="Roof", public=False)
"""


@pytest.fixture
def school(tmp_path_factory, chromium_path):
    var = tmp_path_factory.mktemp("newcomer") / "var"
    shutil.copytree(empty_server(tmp_path_factory), var)
    run("manage.py", "shell", "-c", MAKE, **data_in(var))
    with Server(var / "server.log", **data_in(var) | {"WEB_CONCURRENCY": "1"}) as server:
        yield server


@pytest.fixture
def page_of(browser, school):
    """Open a page of a browser of somebody's own."""
    opened = []

    def page_of(**options):
        opened.append(browser.new_context(base_url=school.url, **options))
        return opened[-1].new_page()

    yield page_of
    for each in opened:
        each.close()


def invitation_of_teacher(page):
    """Log in, make a group with the station, invite a keeper, and return the link."""
    page.goto("/account/login/?next=/admin/stations/stationgroup/add/")
    page.get_by_label("User name").fill("teacher")
    page.get_by_label("Password").fill(PASSWORD)
    follow(page.get_by_role("button", name="Log in", exact=True))
    page.get_by_label("Name:").fill("School")
    page.get_by_label("Roof").check()
    follow(page.get_by_role("button", name="Save", exact=True))
    follow(page.get_by_role("link", name="invite people"))
    page.get_by_label("Keeper").check()
    follow(page.get_by_role("button", name="Make the link"))
    page.get_by_label("Password").fill(PASSWORD)
    follow(page.get_by_role("button", name="Go on"))
    expect(page.get_by_text("This address leads to this computer alone")).to_be_visible()
    return page.get_by_label("Link", exact=True).input_value()


def link_of_colleague(page, invitation):
    """Accept, edit the station, make a link for parents, and return it."""
    page.goto(invitation)
    page.get_by_label("Name").fill("berta")
    page.get_by_label("Passwort", exact=True).fill("blaue Wolken")
    page.get_by_label("Passwort bestätigen").fill("blaue Wolken")
    follow(page.get_by_role("button", name="Konto anlegen und annehmen"))
    expect(page.get_by_text("Willkommen bei School.")).to_be_visible()
    page.goto("/account/")
    follow(page.get_by_role("link", name="School Betreuer"))
    page.goto("/admin/stations/station/1/change/")
    page.get_by_label("Place:").fill("Dach der Schule")
    follow(page.get_by_role("button", name="Save and continue editing").first)
    follow(page.get_by_role("link", name="Links"))
    page.get_by_label("For").fill("Eltern der 7b")
    follow(page.get_by_role("button", name="Make a link"))
    return page.locator("#link").inner_text()


def test_an_invited_colleague_gives_parents_a_link_that_shows_the_station(page_of):
    invitation = invitation_of_teacher(page_of(locale="en-GB"))
    link = link_of_colleague(page_of(locale="de-DE", **PHONE), invitation)
    parents = page_of(locale="de-DE", **PHONE)
    parents.goto(link)
    expect(parents.get_by_role("heading", name="Roof")).to_be_visible()
    expect(parents.get_by_text("Dach der Schule")).to_be_visible()
    assert parents.evaluate("document.documentElement.scrollWidth") <= PHONE["viewport"]["width"]
    parents.goto("/")
    expect(parents.get_by_role("link", name="Roof")).to_be_visible()
    stranger = page_of(locale="de-DE", **PHONE)
    stranger.goto(parents.url)
    expect(stranger.get_by_role("link", name="Roof")).to_have_count(0)
    stranger.goto(invitation)
    expect(stranger.get_by_role("heading", name="Diese Einladung gilt nicht mehr")).to_be_visible()
