"""Fixtures for the tests of more than one app."""

import gc
import os
import zoneinfo
from collections.abc import Iterator
from unittest import mock
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import Group, User
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright
from pytest_django import DjangoDbBlocker

from freetemp.clock import database_clock
from freetemp.disk_reserve import disk_reserve
from freetemp.sql.waits import of_thread
from freetemp.zone_rules import rules_of
from outages.strip import strip
from readings.files.places import places
from readings.ingest.device_states import forget_written
from stations.models import Key, Station
from stations.quantities import Limits
from stations.wrong_keys import wrong_keys
from tests import emptying, other_database, outside, programs
from tests.migrated import own_database
from tests.order import costly_first
from tests.other_database import (  # noqa: F401 - hooks of pytest, which looks for them here
    pytest_terminal_summary,
    pytest_testnodedown,
)
from tests.programs import PATIENCE_S
from tests.zone_files import write_rules

# Nothing that is made until all tests are collected is garbage, and to look for it takes a third of that time.
gc.disable()
outside.guard()
# Tests set the clock of their own process. Servers that they start have PostgreSQL's: tests/nodes.
mock.patch.object(database_clock, "hear").start()
programs.hear_ctrl_c()
expect.set_options(timeout=PATIENCE_S * 1000)

MAC = "6c:ef:7f:3b:9d:e8"
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
]


@pytest.hookimpl(trylast=True)  # After -m and pytest-django's order, so that each test is counted once.
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    costly_first(items)
    other_database.leave_out(config, items)


def pytest_collection_finish() -> None:
    gc.enable()
    gc.freeze()


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None,
    django_db_modify_db_settings: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Instead of pytest-django's own, which has each process migrate a database."""
    with django_db_blocker.unblock():
        own_database(tmp_path_factory)
        emptying.remember_rows()


@pytest.fixture(scope="session")
def chromium_path() -> str:
    path = programs.chromium()
    if path is None:
        report = pytest.fail if "CI" in os.environ else pytest.skip
        report("there is no Chromium: install it, or name one in CHROMIUM")
    return path


@pytest.fixture(autouse=True)
def _forget_wrong_keys() -> Iterator[None]:
    """The cache outlives a test; what one test sent must not throttle the next. So does a full disk
    that was one, a download that nobody has read to its end, and what is looked up or written once in some minutes.
    """
    yield
    cache.clear()
    wrong_keys.forget()
    of_thread.answers = False  # A test may have called the WSGI application.
    disk_reserve._looked.clear()
    places._held.clear()
    strip.forget()
    forget_written()


@pytest.fixture(autouse=True)
def _any_value_is_plausible(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests count with numbers that no thermometer shows. Those of the limits themselves are marked `usual_limits`."""
    if "usual_limits" not in request.keywords:
        monkeypatch.setattr("stations.models.field.usual_limits", lambda quantity, unit: Limits())


@pytest.fixture(scope="module")
def kept_rows(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Let fixtures of a module store rows for all its tests. Each test undoes its own changes, as ever.

    The rows are there for every test of the module that runs after the first that asks for them.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def station(db: None) -> Station:
    return Station.objects.create(name="Garden", mac=MAC, timezone="Europe/Berlin")


@pytest.fixture
def key(station: Station) -> str:
    return Key.objects.issue(station)


def client_of(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def keeper(db):
    """A staff user with the group “Station keepers” and no other permission."""
    user = User.objects.create_user("keeper", is_staff=True)
    user.groups.add(Group.objects.get(name="Station keepers"))
    return user


@pytest.fixture
def keeping(keeper):
    return client_of(keeper)


def be_patient(context: BrowserContext) -> None:
    context.set_default_timeout(PATIENCE_S * 1000)


@pytest.fixture(scope="session")
def browser(chromium_path: str) -> Iterator[Browser]:
    # Playwright's loop runs in this thread while it exists, and Django would take the following code for async code.
    with mock.patch.dict(os.environ, DJANGO_ALLOW_ASYNC_UNSAFE="true"), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=FLAGS)
        browser.on("context", be_patient)
        yield browser
        browser.close()


@pytest.fixture
def own_rules(tmp_path):
    """Give this process the rules of a system of the test's own: own_rules(version, {name: changes}).

    Zones that others use keep their rules, since tests compare them with zones that were made earlier.
    """
    names, folders, before = set(), [], zoneinfo.TZPATH

    def give(version, zones):
        folder = write_rules(tmp_path / f"rules-{len(folders)}", version, zones)
        folders.append(folder)
        names.update(zones)
        _use([folder, *before], names)
        return folder

    yield give
    _use(before, names)


def _use(folders, names):
    zoneinfo.reset_tzpath([str(folder) for folder in folders])
    ZoneInfo.clear_cache(only_keys=names)
    rules_of.cache_clear()
