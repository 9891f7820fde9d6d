"""An invitation's link goes by mail where the server has mail; the page says what the mail server answered."""

import socket
import threading
from datetime import timedelta
from html import unescape
from re import search

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.concerns import mail_concerns
from accounts.invitations import mail
from accounts.models import Invitation, TooManyMailsError, invitation
from audit.models import Event
from freetemp.overview.concerns import Survey
from stations.access import Role
from tests.accounts.conftest import GOOD, NEWCOMER
from tests.conftest import client_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def invite(school, teacher):
    """Invite somebody on the page of the group, and return its answer as text."""

    def invite(email="ada@example.org", language="en-gb", status=200, by=teacher):
        asked = {"role": "keeper", "days": "7", "email": email, "language": language}
        answer = client_of(by).post(f"/account/invitations/{school.pk}/", asked)
        assert answer.status_code == status, answer.content.decode()
        return unescape(answer.content.decode())

    return invite


def link_in(page):
    found = search(r'readonly value="([^"]+)"', page)
    return found and found[1]


def path_in(page):
    return "/" + link_in(page).split("/", 3)[3]


def concerns():
    return [each.title for each in mail_concerns(Survey(timezone.now(), [], None))]


def test_the_link_goes_to_the_address_and_is_shown_too(invite, inbox):
    page = invite()
    letter, text = inbox.only()
    assert inbox.recipients == ["ada@example.org"]
    assert letter["Subject"] == "Invitation to School on the hill"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert "teacher invites you to School on the hill" in text
    assert link_in(page) in text.splitlines()
    assert "The mail server took the mail to ada@example.org." in page
    assert "the mail server took the mail" in page.partition("Not used yet")[2]
    assert Client().get(path_in(page)).status_code == 200


def test_the_mail_is_in_the_language_that_was_chosen_and_the_page_in_its_own(invite, inbox):
    page = invite(language="de")
    letter, text = inbox.only()
    assert letter["Subject"] == "Einladung zu School on the hill"
    assert "Er ist nur für Sie" in text
    assert "The mail server took the mail" in page


def test_a_refused_mail_is_a_sentence_and_the_link_stays(invite, inbox, caplog):
    page = invite("nobody@example.org")
    assert "The mail to nobody@example.org was not taken. The mail server does not take mail for this address" in page
    assert "550 no such mailbox" in page
    assert link_in(page)
    assert "not sent by mail" in page
    own = [record.getMessage() for record in caplog.records if record.name != "mail.log"]  # The test's mail server.
    assert "A mail about an account was not sent: the mail server answered 550" in own
    assert "nobody@" not in repr(own) + repr([vars(event) for event in Event.objects.all()])
    assert concerns() == []


def test_a_mail_server_that_is_away_is_a_sentence_and_a_concern_until_a_mail_goes_out(invite, inbox, settings):
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 9
    page = invite()
    assert "The mail server 127.0.0.1:9 was not reached" in page
    assert link_in(page)
    (title,) = concerns()
    assert title.startswith("Mails about accounts have not gone out for")
    settings.EMAIL_PORT = port
    invite("bob@example.org")
    assert concerns() == []


def test_a_silent_mail_server_is_not_waited_for(invite, inbox, settings, monkeypatch):
    monkeypatch.setattr(mail, "WAIT_S", 0)
    settings.EMAIL_TIMEOUT = 2
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.EMAIL_PORT = silent.getsockname()[1]
        page = invite()
    for thread in threading.enumerate():
        if thread.name == "account-mail":
            thread.join()
    assert "The mail server has not answered for 0 seconds." in page
    assert link_in(page)


def test_without_mail_the_link_is_shown_and_nothing_is_sent(invite, settings, client):
    settings.EMAIL_HOST = ""
    page = invite()
    assert link_in(page)
    assert "mail server" not in page
    assert "Language of the mail" not in page
    assert Invitation.objects.get().mailed_at is None


def test_a_name_with_a_line_break_adds_no_header(school, invite, inbox):
    school.name = "School\r\nBcc: eve@example.org\n\nBuy beans"
    school.save()
    invite()
    letter, _text = inbox.only()
    assert inbox.recipients == ["ada@example.org"]
    assert letter["Bcc"] is None
    assert letter["Subject"] == "Invitation to School Bcc: eve@example.org Buy beans"


@pytest.mark.parametrize(
    "email", ["ada@example.org\nBcc: eve@example.org", "a@example.org, b@example.org", "Ada <ada@example.org>"]
)
def test_more_than_an_address_is_refused(invite, inbox, email):
    invite(email, status=400)
    assert (inbox.got, Invitation.objects.count()) == ([], 0)


def test_a_name_beyond_ascii_is_written_as_mail_servers_want_it(invite, inbox):
    invite("ada@müller.example")
    assert inbox.recipients == ["ada@xn--mller-kva.example"]


def test_a_name_that_is_too_long_for_mail_servers_is_a_sentence(invite, inbox):
    page = invite(f"ada@{'ü' * 63}.example")
    assert "was not taken. This address cannot be told to a mail server." in page
    assert link_in(page)
    assert concerns() == []


def test_a_person_sends_so_many_a_day_and_no_more(invite, inbox, monkeypatch):
    monkeypatch.setattr(invitation, "MOST_MAILS", 2)
    invite("a@example.org")
    invite("b@example.org")
    assert "No more mails go there today" in invite("c@example.org", status=400)
    assert (len(inbox.got), Invitation.objects.count()) == (2, 2)
    assert link_in(invite(""))
    Invitation.objects.filter(email="a@example.org").update(mailed_at=timezone.now() - timedelta(days=1))
    invite("d@example.org")
    assert len(inbox.got) == 3


def test_an_address_gets_so_many_a_day_whoever_invites(invite, inbox):
    boss = User.objects.create_superuser("boss")
    for _ in range(mail.MOST_TO_ADDRESS):
        invite("ada@example.org")
        Invitation.objects.all().end()
    assert "No more mails go there today" in invite("Ada@Example.org", status=400, by=boss)
    assert len(inbox.got) == mail.MOST_TO_ADDRESS


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_at_the_limit_one_is_sent(school, teacher, monkeypatch):
    monkeypatch.setattr(invitation, "MOST_MAILS", 1)
    ready, outcomes = threading.Barrier(2), []

    def make():
        try:
            ready.wait()
            Invitation.objects.make(school, Role.VIEWER, timedelta(days=1), teacher, "ada@example.org", by_mail=True)
            outcomes.append("made")
        except TooManyMailsError:
            outcomes.append("too many")
        finally:
            connection.close()

    threads = [threading.Thread(target=make) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(outcomes) == ["made", "too many"]
    assert Invitation.objects.count() == 1


def test_the_address_is_kept_until_the_invitation_is_used_or_over(invite, inbox, teacher):
    def addresses():
        return sorted(Invitation.objects.values_list("email", flat=True))

    used = path_in(invite("used@example.org"))
    invite("ended@example.org")
    invite("late@example.org")
    Client().post(used, NEWCOMER)
    assert addresses() == ["", "ended@example.org", "late@example.org"]
    Invitation.objects.filter(email="ended@example.org").end()
    assert addresses() == ["", "", "late@example.org"]
    Invitation.objects.filter(email="late@example.org").update(expires_at=timezone.now())
    client_of(teacher).get("/account/")
    assert "late@example.org" in addresses()
    teacher.set_password(GOOD)
    teacher.save()
    Client().post("/account/login/", {"username": "teacher", "password": GOOD})
    assert addresses() == [""] * 3


def test_warnings_about_the_new_account_go_to_the_address_and_its_page_says_so(invite, inbox):
    address = path_in(invite())
    assert "Warnings about your account will go to ada@example.org." in Client().get(address).content.decode()
    Client().post(address, NEWCOMER)
    assert User.objects.get(username="ada").email == "ada@example.org"
