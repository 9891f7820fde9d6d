"""One test of everything: from an empty admin to a point on a chart, through every real program.

Chromium visits the real gunicorn, flash_station runs the real esptool and mpremote, MicroPython runs the board's own
files on the virtual board, and its reading is on the station's page.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.firmware.flash.flashing import PASSWORD, image_file
from tests.pages.conftest import empty_server
from tests.pages.moving import follow
from tests.preloaded import output_of
from tests.server import Server
from tests.virtual_board import MAC, VirtualBoard

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]

ADMIN = {"DJANGO_SUPERUSER_USERNAME": "admin", "DJANGO_SUPERUSER_PASSWORD": "only for this test"}


@pytest.fixture
def environment(tmp_path) -> dict[str, str]:
    own = {"DATABASE_URL": f"sqlite:///{tmp_path}/freetemp.sqlite3", "VAR_DIR": str(tmp_path)}
    return os.environ | {"DJANGO_SETTINGS_MODULE": "tests.quick_logins"} | own | ADMIN


@pytest.fixture
def manage(environment):
    def manage(*arguments: str) -> str:
        return output_of(["manage.py", *arguments], environment)

    return manage


@pytest.fixture
def server(environment, manage, tmp_path, tmp_path_factory) -> Iterator[Server]:
    shutil.copytree(empty_server(tmp_path_factory), tmp_path, dirs_exist_ok=True)
    manage("createsuperuser", "--noinput", "--email=admin@freetemp.example")
    with Server(tmp_path / "log", **environment) as server:
        yield server


@pytest.fixture
def page(browser: Browser, server: Server) -> Iterator[Page]:
    context = browser.new_context(base_url=server.url, locale="en-GB")
    page = context.new_page()
    yield page
    context.close()


def log_in(page: Page) -> None:
    page.goto("/admin/")
    page.get_by_label("User name").fill(ADMIN["DJANGO_SUPERUSER_USERNAME"])
    page.get_by_label("Password").fill(ADMIN["DJANGO_SUPERUSER_PASSWORD"])
    follow(page.get_by_role("button", name="Log in"))


def add_network(page: Page) -> None:
    page.goto("/admin/firmware/wifinetwork/add/")
    page.get_by_label("SSID").fill("Weather")
    page.get_by_label("Password:").fill(PASSWORD)
    follow(page.get_by_role("button", name="Save", exact=True))


def add_station(page: Page) -> str:
    """Register a station with its network, and return the command that its page offers to copy."""
    page.goto("/admin/stations/station/add/")
    page.get_by_label("Name").fill("Roof")
    follow(page.get_by_role("button", name="Save", exact=True).first)
    page.locator("select[name$=-network]").first.select_option("Weather")
    follow(page.get_by_role("button", name="Save and continue editing").first)
    return page.locator("code.command").first.inner_text()


def test_from_an_empty_admin_to_a_point_on_a_chart(page, server, manage, tmp_path):
    log_in(page)
    add_network(page)
    command = add_station(page).split()
    assert command == ["python", "manage.py", "flash_station", "1", "--port", "PORT"]

    with VirtualBoard() as board:
        given = ["--port", board.port, "--micropython", str(image_file(tmp_path)), "--server-url", server.url]
        said = manage(*command[2:4], *given)
        assert said.rstrip().endswith("Done.")
        assert PASSWORD not in said

        page.goto("/admin/stations/station/1/change/")
        expect(page.get_by_label("MAC address").first).to_have_value(MAC)
        page.goto("/stations/1/")
        plot = page.locator(".plot").first
        plot.focus()
        plot.press("End")
        expect(page.locator(".readout").first).to_contain_text("21.4\N{NARROW NO-BREAK SPACE}°C")
