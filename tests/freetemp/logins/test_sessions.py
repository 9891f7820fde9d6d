"""A session is in the database, and in a signed cookie for an hour while that cannot be written."""

import time

import pytest
from django.test import Client

from freetemp.logins.sessions import SIGNED, SIGNED_FOR_S
from tests.freetemp.test_command import read_only  # noqa: F401 - a fixture

OVERVIEW = "/admin/overview/"

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite_only]


@pytest.fixture
def admin(django_user_model):
    return django_user_model.objects.create_superuser("admin", password="right")


def logged_in():
    browser = Client()
    assert browser.post("/admin/login/", {"username": "admin", "password": "right"}).status_code == 302
    return browser


def held(browser):
    return browser.cookies["sessionid"].value


def is_in(browser):
    return browser.get(OVERVIEW).status_code == 200


def test_a_session_of_a_full_disk_ends_with_the_password_and_after_an_hour(admin, request, monkeypatch):
    request.getfixturevalue("read_only")
    browser = logged_in()
    assert held(browser).startswith(SIGNED)
    assert is_in(browser)
    late = time.time() + SIGNED_FOR_S + 1
    with monkeypatch.context() as patched:
        patched.setattr("django.core.signing.time.time", lambda: late)
        assert not is_in(browser)


def test_a_changed_one_is_none(admin, request):
    request.getfixturevalue("read_only")
    browser = logged_in()
    browser.cookies["sessionid"] = held(browser)[:-2] + "xx"
    assert not is_in(browser)
    browser.cookies["sessionid"] = SIGNED + "made up"
    assert not is_in(browser)


def test_it_ends_when_the_password_changes(admin):
    with_room = logged_in()
    assert not held(with_room).startswith(SIGNED)
    admin.set_password("another")
    admin.save()
    assert not is_in(with_room)


def test_a_session_of_the_database_goes_on_there_and_logging_out_ends_it(admin):
    browser = logged_in()
    old = held(browser)
    browser.post("/admin/logout/")
    browser.cookies["sessionid"] = old
    assert not is_in(browser)
