"""A login ends after its longest time whatever is done, and sooner without a page. A page view hardly writes."""

from datetime import timedelta
from unittest import mock

import pytest
from django.contrib.sessions.models import Session
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from freetemp.logins.sessions import SINCE

pytestmark = pytest.mark.django_db

ACCOUNT = "/account/"
HOUR = timedelta(hours=1)


@pytest.fixture
def browser(django_user_model, settings):
    settings.SESSION_COOKIE_AGE, settings.SESSION_IDLE_S = 24 * 3600, 8 * 3600
    browser = Client()
    browser.force_login(django_user_model.objects.create_user("anna"))
    return browser


@pytest.fixture
def clock(monkeypatch):
    """Set the clock on: clock(hours)."""
    begun = timezone.now()

    def at(hours):
        monkeypatch.setattr("django.utils.timezone.now", lambda: begun + hours * HOUR)

    return at


def is_in(browser):
    return browser.get(ACCOUNT).status_code == 200


def test_it_goes_on_while_there_are_pages_and_ends_after_its_longest_time(browser, clock):
    for hours in (7, 14, 21, 23.9):
        clock(hours)
        assert is_in(browser), hours
    clock(24.1)
    assert not is_in(browser)


def test_it_ends_after_an_idle_time(browser, clock):
    clock(8.1)
    assert not is_in(browser)


def test_a_change_of_the_session_does_not_make_it_longer_than_its_longest(browser, clock):
    for hours in (7, 14, 20):
        clock(hours)
        assert is_in(browser)
    session = browser.session
    session["x"] = 1
    session.save()
    assert Session.objects.get().expire_date - timezone.now() <= 4 * HOUR
    clock(24.1)
    assert not is_in(browser)


def test_a_page_within_an_eighth_of_the_idle_time_writes_nothing_and_a_later_one_once(browser, clock):
    for hours, writes in ((0.5, 0), (0.9, 0), (1.1, 1), (1.2, 0)):
        clock(hours)
        with CaptureQueriesContext(connection) as asked:
            assert is_in(browser)
        assert sum(each["sql"].startswith("UPDATE") for each in asked.captured_queries) == writes, hours


def test_shorter_times_end_those_that_are_there(browser, clock, settings):
    settings.SESSION_COOKIE_AGE = 3600
    clock(1.1)
    assert not is_in(browser)


def test_one_that_cannot_be_put_off_goes_on(browser, clock):
    clock(2)
    with mock.patch.object(type(Session.objects.all()), "update", side_effect=OperationalError("read-only")):
        assert is_in(browser)


def test_a_login_with_an_end_of_its_own_ends_then(browser, clock):
    session = browser.session
    session.set_expiry(timezone.now() + 3 * HOUR)
    session.save()
    for hours, there in ((2, True), (2.9, True), (3.1, False)):
        clock(hours)
        assert is_in(browser) is there, hours


def test_one_of_before_goes_on_until_its_end(browser, clock):
    session = browser.session
    del session[SINCE]
    session.save()
    clock(23)
    assert is_in(browser)


def test_the_cookie_is_kept_until_the_login_is_over(django_user_model, settings):
    django_user_model.objects.create_user("anna", password="right")
    browser = Client()
    browser.post("/account/login/", {"username": "anna", "password": "right"})
    left = browser.cookies[settings.SESSION_COOKIE_NAME]["max-age"]
    assert timedelta(days=13) < timedelta(seconds=left) <= timedelta(days=14)
