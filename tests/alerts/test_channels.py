"""Messages through real services: a mail server, and recorders of what Apprise sends."""

import json

import pytest
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.db import connection

from alerts.sending import channels, mail
from alerts.sending.message import Message
from alerts.sending.services import service_of
from freetemp.conf.email_url import MailServer, mail_server
from tests.alerts.conftest import make_recipient
from tests.freetemp.test_encryption import new_key
from tests.recorder import recording

PAGE = "http://127.0.0.1:8000/"
SHORT = Message("x", "x", PAGE, "<1@x>")


@pytest.fixture
def recorder():
    """A service on this machine, which says with each answer that there is another address."""
    with recording() as recorder:
        recorder.headers = {"Location": "/elsewhere"}
        yield recorder


def send(address, service):
    channel = make_recipient(address=address, service=service).channels.get()
    return channels.send(channel, Message("Roof is silent", "Since 13:00.\nä < b", PAGE, "<1@x>")).trouble


@pytest.mark.django_db
def test_ntfy_gets_the_text_and_the_page_to_open_and_loads_no_picture(recorder):
    assert send(f"ntfy://{recorder.host}/our-topic", "ntfy") == ""
    ((*_, headers, body),) = recorder.requests
    message = json.loads(body)
    assert message["topic"] == "our-topic"
    assert (message["title"], message["message"]) == ("Roof is silent", "Since 13:00.\nä < b")
    assert headers["X-Click"] == PAGE
    assert "X-Icon" not in headers


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("status", "sentence"),
    [(401, "refuses the password or token"), (302, "leads elsewhere"), (507, "answered with an error: 507")],
)
def test_a_webhook_that_refuses_is_a_sentence(recorder, status, sentence):
    recorder.status = status
    assert sentence in send(f"json://{recorder.host}/hook", "webhook")
    assert len(recorder.requests) == 1


@pytest.mark.django_db
def test_a_service_that_is_not_there_is_a_sentence_without_the_address():
    trouble = send("ntfy://user:secret-word@127.0.0.1:9/secret-topic", "ntfy")
    assert "was not reached" in trouble
    assert "secret" not in trouble


@pytest.mark.django_db
def test_a_mail_arrives_with_an_id_that_stays_and_is_marked_as_automatic(inbox):
    assert send("anna@school.example", "mail") == ""
    (message,) = inbox.got
    for line in (
        "To: anna@school.example",
        "Subject: Roof is silent",
        "Message-ID: <1@x>",
        "Auto-Submitted: auto-generated",
    ):
        assert line in message


@pytest.mark.django_db
def test_a_refused_mail_is_a_sentence(inbox, settings):
    assert send("nobody@school.example", "mail") == (
        "The mail server does not take mail for this address: 550 no such mailbox."
    )
    settings.EMAIL_PORT = 9
    assert "was not reached" in mail.send("anna@school.example", SHORT)
    settings.EMAIL_HOST = ""
    assert mail.send("anna@school.example", SHORT) == mail.NO_SERVER


@pytest.mark.django_db
def test_an_address_that_no_mail_server_can_be_told_is_a_sentence(inbox):
    assert send(f"anna@{'ü' * 63}.example", "mail") == "This address cannot be told to a mail server."


@pytest.mark.django_db
def test_an_address_whose_key_is_lost_is_a_sentence(settings):
    channel = make_recipient().channels.get()
    settings.ENCRYPTION_KEYS = [new_key()]
    assert (
        "a key that ENCRYPTION_KEYS does not hold" in channels.send(channel, Message("x", "x", PAGE, "<1@x>")).trouble
    )


@pytest.mark.django_db
def test_no_table_of_the_database_holds_an_address():
    make_recipient(address="ntfy://secret-topic", service="ntfy")
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608
            assert "secret-topic" not in str(cursor.fetchall()), table


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("address", "service"),
    [("anna@school.example", "mail"), ("ntfys://ntfy.sh/x", "ntfy"), ("TGRAM://123:abc/45", "Telegram")],
)
def test_an_address_is_of_a_service(address, service):
    assert service_of(address) == service


@pytest.mark.sqlite_only
@pytest.mark.parametrize("address", ["anna", "https://x.example/", "dbus://", "syslog://", "ntfy://", "file:///etc/x"])
def test_an_address_that_acts_on_this_machine_or_says_nothing_is_refused(address):
    with pytest.raises(ValidationError):
        service_of(address)


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("", MailServer()),
        ("smtp://127.0.0.1", MailServer("127.0.0.1")),
        ("smtp+tls://us%40er:pa%2Fss@m.example", MailServer("m.example", 587, "us@er", "pa/ss", use_tls=True)),
        ("smtp+ssl://user:pass@m.example:1465", MailServer("m.example", 1465, "user", "pass", use_ssl=True)),
    ],
)
def test_the_mail_server_is_that_of_email_url(url, server):
    assert mail_server(url) == server


@pytest.mark.sqlite_only
@pytest.mark.parametrize("url", ["m.example", "smtp://", "smtps://u:secret@m.example", "http://m.example"])
def test_a_wrong_email_url_is_a_sentence_without_the_password(url):
    with pytest.raises(ImproperlyConfigured, match="EMAIL_URL cannot be read") as error:
        mail_server(url)
    assert "secret" not in str(error.value)
