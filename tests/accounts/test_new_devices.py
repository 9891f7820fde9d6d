"""A login with a new browser is told of by mail, in the language of the account's owner."""

import threading

import pytest
from django.core import mail

from accounts.login.devices import cookie_name, device_name
from accounts.models import language_of
from audit.models import Event
from tests.accounts.conftest import Visitor

pytestmark = pytest.mark.django_db


@pytest.fixture
def posted(settings, monkeypatch, django_capture_on_commit_callbacks):
    """Call something, and return the mails that are sent of it. The thread that sends them is this one."""
    settings.EMAIL_HOST = "mail.example"
    monkeypatch.setattr("accounts.letters.in_background", lambda name, work: work())

    def posted(call):
        mail.outbox.clear()
        with django_capture_on_commit_callbacks(execute=True):
            call()
        return mail.outbox

    return posted


def test_a_new_browser_is_told_of_once(anna, posted):
    browser = Visitor(headers={"user-agent": "Mozilla/5.0 (Linux; Android 16) Chrome/156.0 Mobile"})
    (letter,) = posted(lambda: browser.log_in("anna", REMOTE_ADDR="192.0.2.9"))
    assert letter.to == ["anna@example.org"]
    assert letter.subject == "Your account at 127.0.0.1:8000"
    assert "Somebody logged in to your account with a new browser." in letter.body
    assert "From: 192.0.2.9. With: Chrome, Android." in letter.body
    assert "http://127.0.0.1:8000/account/" in letter.body
    browser.post("/account/logout/")
    assert posted(lambda: browser.log_in("anna")) == []
    assert len(posted(lambda: Visitor().log_in("anna"))) == 1
    assert Event.objects.filter(deed="signed in from a new device").count() == 2


def test_a_browser_is_new_for_each_account_and_a_changed_cookie_makes_it_new(anna, admin, posted):
    browser = Visitor()
    posted(lambda: browser.log_in("anna"))
    browser.post("/account/logout/")
    (letter,) = posted(lambda: browser.log_in("admin"))
    assert letter.to == ["admin@example.org"]
    browser.post("/account/logout/")
    browser.cookies[cookie_name()] = browser.cookies[cookie_name()].value[:-2] + "xx"
    assert len(posted(lambda: browser.log_in("anna"))) == 1


def test_the_mail_is_in_the_language_that_its_reader_used_last(anna, posted):
    browser = Visitor()
    browser.log_in("anna")
    browser.post("/account/logout/")
    browser.log_in("anna", headers={"accept-language": "de"})
    assert language_of(anna) == "de"
    (letter,) = posted(lambda: Visitor().log_in("anna", headers={"accept-language": "en"}))
    assert "Mit einem neuen Browser hat sich jemand bei Ihrem Konto angemeldet." in letter.body
    assert letter.subject == "Ihr Konto bei 127.0.0.1:8000"


def test_a_changed_factor_is_told_of(admin, posted):
    browser = Visitor()
    browser.log_in()
    told = [letter.body for letter in posted(browser.add_app)]
    assert len(told) == 2
    assert any("An app for codes was added" in each for each in told)


def test_without_mail_or_an_address_nobody_is_told_and_the_login_works(anna, posted, settings):
    anna.email = ""
    anna.save()
    assert posted(lambda: Visitor().log_in("anna")) == []
    settings.EMAIL_HOST = ""
    anna.email = "anna@example.org"
    anna.save()
    assert posted(lambda: Visitor().log_in("anna")) == []


def test_nobody_waits_for_the_mail_server(anna, settings, monkeypatch, django_capture_on_commit_callbacks):
    settings.EMAIL_HOST = "mail.example"
    names = []
    monkeypatch.setattr("accounts.letters._send", lambda letter: names.append(threading.current_thread().name))
    with django_capture_on_commit_callbacks(execute=True):
        Visitor().log_in("anna")
    for thread in threading.enumerate():
        if thread.name == "account-mail":
            thread.join()
    assert names == ["account-mail"]


@pytest.mark.parametrize(
    ("browser", "name"),
    [
        ("", "an unknown browser"),
        ("curl/8.5.0", "curl"),
        ("<script>", "an unknown browser"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Mobile Safari/604.1", "Safari, iPhone"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Chrome/156.0.0.0 Safari/537.36 Edg/156.0", "Edge, macOS"),
    ],
)
def test_a_browser_has_a_name_that_people_know(browser, name):
    assert device_name(browser) == name
