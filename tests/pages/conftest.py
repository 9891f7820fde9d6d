"""A real Chromium before a real server: gunicorn, collected files, a database of its own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.migrated import migrated_file
from tests.once import made_once
from tests.pages.moving import follow
from tests.pages.tiles import Tiles
from tests.pages.viewer import VIEWER, drawn
from tests.preloaded import output_of
from tests.server import Server

# A module as it is before a page's script has it in it.
LOAD = "const load = (name) => import(`/static/js/${name}.js`);"


@pytest.fixture(scope="session")
def server(chromium_path: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The shipped server with four stations, see seed.py. No test changes data that another test reads."""

    def make(var: Path) -> None:
        shutil.copytree(empty_server(tmp_path_factory), var, dirs_exist_ok=True)
        run("-m", "tests.pages.seed", **data_in(var))

    var = tmp_path_factory.mktemp("pages") / "var"
    shutil.copytree(made_once(tmp_path_factory, "seeded-server", make), var)
    own = data_in(var) | {"WEB_CONCURRENCY": "1"}
    with Server(var / "server.log", **own) as server:
        yield server


def empty_server(factory: pytest.TempPathFactory) -> Path:
    """Return the VAR_DIR of a server without stations, with the files of pages, for copies."""

    def make(var: Path) -> None:
        shutil.copy(migrated_file(factory), var)
        run("manage.py", "collectstatic", "--noinput", **data_in(var))

    return made_once(factory, "empty-server", make)


def data_in(var: Path) -> dict[str, str]:
    return {"DATABASE_URL": f"sqlite:///{var}/freetemp.sqlite3", "VAR_DIR": str(var)}


def run(*command: str, **own: str) -> None:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.quick_logins", **own}
    output_of(command, environment)


@pytest.fixture(scope="session")
def tiles() -> Iterator[Tiles]:
    with Tiles() as tiles:
        yield tiles


@pytest.fixture(scope="session")
def map_server(server: Server, tiles: Tiles) -> Iterator[Server]:
    """The same stations on a server that shows them on a map."""
    own = {name: server.environment[name] for name in ("DATABASE_URL", "VAR_DIR", "WEB_CONCURRENCY")}
    own |= {"MAP_TILES_URL": tiles.url, "MAP_ATTRIBUTION": "Tiles of the test https://tiles.example/about"}
    with Server(server.log.with_name("map.log"), **own) as map_server:
        yield map_server


@pytest.fixture
def context(browser: Browser, server: Server) -> Iterator[BrowserContext]:
    context = browser.new_context(base_url=server.url, **VIEWER)
    yield context
    context.close()


@pytest.fixture
def complaints() -> list[str]:
    """The page's messages to the console: its own errors, refused styles and scripts, missing files."""
    return []


@pytest.fixture
def page(context: BrowserContext, complaints: list[str]) -> Page:
    page = context.new_page()
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return page


@pytest.fixture(scope="module")
def ask(browser: Browser, server: Server, request: pytest.FixtureRequest) -> Iterator[Callable[..., Any]]:
    """Run the body of a function of `given` in a page, with modules that `load("lib/times")` imports.

    A module of tests names another page in PAGE.
    """
    context = browser.new_context(base_url=server.url, **VIEWER)
    page = context.new_page()
    page.goto(getattr(request.module, "PAGE", "/stations/1/"))
    drawn(page)
    yield lambda body, given=None: page.evaluate(f"async (given) => {{ {LOAD} {body} }}", given)
    context.close()


@pytest.fixture(scope="session")
def adder(server: Server) -> dict[str, str]:
    """A user with all permissions."""
    adder = {"DJANGO_SUPERUSER_USERNAME": "adder", "DJANGO_SUPERUSER_PASSWORD": "only for this test"}
    run("manage.py", "createsuperuser", "--noinput", "--email=adder@freetemp.example", **server.environment | adder)
    return adder


@pytest.fixture
def staff(browser: Browser, server: Server, adder: dict[str, str]) -> Iterator[Callable[..., Page]]:
    """Return a function that opens a page of a user with all permissions."""
    contexts: list[BrowserContext] = []

    def open_page(**options: Any) -> Page:
        contexts.append(browser.new_context(base_url=server.url, **options))
        page = contexts[-1].new_page()
        log_in(page, adder)
        return page

    yield open_page
    for context in contexts:
        context.close()


def log_in(page: Page, somebody: dict[str, str]) -> None:
    page.goto("/admin/")
    page.get_by_label("User name").fill(somebody["DJANGO_SUPERUSER_USERNAME"])
    page.get_by_label("Password").fill(somebody["DJANGO_SUPERUSER_PASSWORD"])
    follow(page.get_by_role("button", name="Log in"))
