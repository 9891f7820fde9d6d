"""An account that is here already is connected by its owner, who has confirmed that, and disconnected again."""

import pytest
from django.contrib.auth.models import User
from django.core import mail

from accounts.models import SignOn
from audit.models import Event
from tests.accounts.conftest import PASSWORD, is_in
from tests.accounts.oidc.conftest import PAGE
from tests.conftest import client_of

pytestmark = pytest.mark.django_db

CONNECT, DISCONNECT = "/account/sso/connect/", "/account/sso/disconnect/"


@pytest.fixture
def connected(provider, comer, teachers, anna):
    """Anna's own account, connected with hers at the provider, in her browser."""
    provider.person("a.au", ["teachers"], email="anna@example.org")
    comer.post("/account/login/", {"username": "anna", "password": PASSWORD})
    comer.post("/account/confirm/", {"password": PASSWORD})
    answer = comer.connect("a.au")
    assert (answer.status_code, answer["Location"]) == (302, PAGE)
    return comer


def test_somebody_who_has_confirmed_connects_and_logs_in_by_it_from_then_on(connected, anna):
    page = connected.get(PAGE).content.decode()
    assert "Your account is connected with Hill School." in page
    assert "Your account has been connected with Hill School since" in page
    assert anna.station_memberships.get().role == "keeper"
    connected.come("a.au")
    assert is_in(connected)
    assert User.objects.count() == 1
    event = Event.objects.get(deed="single sign-on connected")
    assert (event.person, event.what) == ("anna", "anna")


def test_the_admin_says_who_is_connected(connected, anna, admin, provider, settings):
    browser = client_of(admin)
    page = browser.get(f"/admin/auth/user/{anna.pk}/change/").content.decode()
    assert "Connected on 20" in page
    assert "Not connected." in browser.get(f"/admin/auth/user/{admin.pk}/change/").content.decode()
    settings.OIDC = None
    assert "ingle sign-on" not in browser.get(f"/admin/auth/user/{anna.pk}/change/").content.decode()


def test_nobody_connects_without_confirming_first(provider, comer, anna):
    comer.force_login(anna)
    answer = comer.post(CONNECT)
    assert answer["Location"] == f"/account/confirm/?next={CONNECT.replace('/', '%2F')}"
    assert provider.asked("/.well-known/openid-configuration") == []
    answer = comer.post("/account/confirm/", {"password": PASSWORD, "next": CONNECT}, follow=True)
    assert "On to Hill School" in answer.content.decode(), "the click goes on"
    comer.session.flush()
    comer.force_login(anna)
    assert comer.post(DISCONNECT)["Location"].startswith("/account/confirm/")


def test_it_is_disconnected_with_all_that_the_groups_there_gave(connected, anna):
    connected.post(DISCONNECT)
    assert not SignOn.objects.exists()
    assert not anna.station_memberships.exists()
    assert Event.objects.filter(deed="single sign-on disconnected", person="anna").exists()
    answer = connected.come("a.au")
    assert answer.status_code == 403, "the address is Anna's, so nobody else gets an account by it"
    connected.post("/account/login/", {"username": "anna", "password": PASSWORD})
    assert is_in(connected)


def test_a_connected_person_of_no_group_comes_in_as_without_the_provider(connected, provider, anna):
    provider.person("a.au", [])
    assert connected.come("a.au").status_code == 302
    assert is_in(connected)
    assert not anna.station_memberships.exists()


def test_an_account_there_is_connected_with_one_here(connected, provider, admin):
    connected.post("/account/logout/")
    connected.post("/account/login/", {"username": "admin", "password": PASSWORD})
    connected.post("/account/confirm/", {"password": PASSWORD})
    answer = connected.connect("a.au")
    assert answer.status_code == 409
    assert "is connected with an account here already" in answer.content.decode()
    assert SignOn.objects.get().user.username == "anna"


def test_an_account_here_is_connected_with_one_there(connected):
    assert connected.post(CONNECT)["Location"] == PAGE


def test_an_answer_for_another_session_connects_nothing(provider, comer, anna, admin):
    comer.force_login(anna)
    comer.post("/account/confirm/", {"password": PASSWORD})
    provider.person("mallory", ["teachers"])
    returned = provider.log_in(comer.begin(CONNECT), "mallory")
    comer.force_login(admin)
    assert comer.get(returned).status_code == 400
    assert not SignOn.objects.exists()


def test_the_owner_is_told_by_mail(provider, comer, anna, settings, django_capture_on_commit_callbacks, monkeypatch):
    settings.EMAIL_HOST = "mail.example"
    monkeypatch.setattr("accounts.letters.in_background", lambda name, work: work())
    comer.force_login(anna)
    comer.post("/account/confirm/", {"password": PASSWORD})
    provider.person("a.au")
    with django_capture_on_commit_callbacks(execute=True):
        comer.connect("a.au")
    assert any("was connected with the single sign-on" in each.body for each in mail.outbox)


def test_the_pages_are_for_their_owner_only(provider, comer):
    for path in (CONNECT, DISCONNECT, "/account/sso/confirm/", PAGE):
        answer = comer.get(path) if path in (PAGE, "/account/sso/confirm/") else comer.post(path)
        assert answer["Location"].startswith("/account/login/"), path
    assert comer.get(CONNECT).status_code == 405
