"""Messages to browsers by Web Push: encrypted for one of them, proven, and what push services answer."""

import json
import socket
import time
from datetime import timedelta
from email.utils import formatdate

import pytest
from django.contrib.auth.models import User
from py_vapid import Vapid02
from py_vapid.jwt import decode

from alerts.models import Channel, PushKey
from alerts.sending import channels, program
from alerts.sending.contact import NO_CONTACT, administrators_address
from alerts.sending.message import SENT, Message
from alerts.sending.push import LOST_KEY, outcome_of, text_of
from alerts.sending.push_messenger import PrivateAddressError, connect_to_internet
from alerts.sending.services import PHONE
from freetemp.encryption import LOST_KEY as LOST_ENCRYPTION_KEY
from tests.alerts.conftest import MINUTE, NOON, make_recipient
from tests.alerts.push_service import ENDPOINT, NAME, PhoneBrowser, push_service
from tests.freetemp.test_encryption import new_key

PAGE = "http://127.0.0.1:8000/alerts/1-abc/"
MESSAGE = Message("Roof is silent", f"Since 13:00.\nä < b\n\nSay that: {PAGE}", PAGE, "<1@x>", "de", "t" * 32, True)

pytestmark = pytest.mark.django_db


@pytest.fixture
def service(tmp_path, monkeypatch, settings):
    settings.MAIL_FROM = "freetemp <weather@school.example>"
    with push_service(tmp_path) as service:
        for name, value in service.environment.items():
            monkeypatch.setenv(name, value)
        yield service


@pytest.fixture
def browser():
    return PhoneBrowser()


def phone_of(browser, endpoint=ENDPOINT):
    key = PushKey.objects.make(NOON)
    address = json.dumps(browser.subscription(endpoint) | {"key": key.public_key})
    return make_recipient(address=address, service=PHONE).channels.get()


def test_a_message_is_encrypted_for_one_browser_and_proves_its_server(service, browser):
    phone = phone_of(browser)
    assert channels.send(phone, MESSAGE) == SENT
    ((path, headers, body),) = service.requests
    assert path == "/send/a-browser"
    assert browser.read(body) == {
        "title": "Roof is silent",
        "body": "Since 13:00.\nä < b",
        "url": PAGE,
        "tag": "t" * 32,
        "lang": "de",
    }
    sent = {name: headers[name.title()] for name in ("content-encoding", "ttl", "topic", "urgency")}
    assert sent == {"content-encoding": "aes128gcm", "ttl": str(3 * 86_400), "topic": "t" * 32, "urgency": "high"}
    assert Vapid02.verify(headers["Authorization"])
    token, key = (part.partition("=")[2] for part in headers["Authorization"].removeprefix("vapid ").split(","))
    assert key == PushKey.objects.get().public_key
    claims = decode(token, key)
    assert (claims["aud"], claims["sub"]) == (f"https://{NAME}", "mailto:weather@school.example")
    assert 0 < claims["exp"] - time.time() <= 86_400


def test_a_message_that_is_no_trouble_lets_the_phone_sleep(service, browser):
    channels.send(phone_of(browser), MESSAGE._replace(is_urgent=False))
    assert service.requests[0][1]["Urgency"] == "normal"


@pytest.mark.parametrize(
    ("status", "sentence", "is_gone"),
    [
        (410, "takes no messages any more", True),
        (404, "takes no messages any more", True),
        (403, "does not believe that it is this server", False),
        (413, "no message of this length", False),
        (429, "no more messages for now", False),
        (503, "answered with an error: 503", False),
        (302, "freetemp does not follow", False),
    ],
)
def test_an_answer_is_a_sentence(status, sentence, is_gone):
    outcome = outcome_of({"status": status, "retry_after_s": 90})
    assert sentence in outcome.trouble
    assert (outcome.is_gone, outcome.retry_after) == (is_gone, timedelta(seconds=90))


def test_no_redirect_is_followed(service, browser):
    service.status, service.headers = 307, {"Location": "/elsewhere"}
    assert "freetemp does not follow" in channels.send(phone_of(browser), MESSAGE).trouble
    assert len(service.requests) == 1


def test_a_moment_of_retry_after_is_a_length_of_time(service, browser):
    service.status, service.headers = 429, {"Retry-After": formatdate(time.time() + 3600, usegmt=True)}
    outcome = channels.send(phone_of(browser), MESSAGE)
    assert 3000 < outcome.retry_after.total_seconds() <= 3600
    service.headers = {"Retry-After": "soon"}
    assert channels.send(Channel.objects.get(), MESSAGE).retry_after == timedelta()


def test_a_push_service_that_is_not_there_is_a_sentence_and_nothing_of_it_is_told(service, browser, monkeypatch):
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    outcome = channels.send(phone_of(browser), MESSAGE)
    assert "was not reached" in outcome.trouble
    assert "a-browser" not in outcome.trouble
    assert not outcome.is_gone


def test_a_push_service_that_cannot_prove_itself_gets_nothing(service, browser, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE")
    assert "cannot prove that it is itself" in channels.send(phone_of(browser), MESSAGE).trouble
    assert service.requests == []


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "::1",
        "fe80::1%eth0",
        "::ffff:127.0.0.1",
    ],
)
def test_nothing_is_sent_to_a_name_of_a_private_network(address, monkeypatch):
    found = [(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    with pytest.raises(PrivateAddressError):
        connect_to_internet("push.example", 443, 1)


def test_the_program_refuses_a_private_network(settings, browser):
    settings.MAIL_FROM = "weather@school.example"
    outcome = channels.send(phone_of(browser, "https://localhost:9/send"), MESSAGE)
    assert "an address of a private network" in outcome.trouble


def test_a_long_message_is_cut_so_that_a_push_service_takes_it(settings):
    told = text_of(MESSAGE._replace(body="ä" * 5000))
    assert len(told.encode()) <= 2000
    assert json.loads(told)["body"].endswith("ä…")
    assert len(text_of(MESSAGE._replace(subject='"' * 200, body='"' * 5000)).encode()) <= 2000


def test_without_a_mail_address_nothing_is_sent_and_the_sentence_says_what_to_do(browser, settings):
    settings.MAIL_FROM = ""
    assert channels.send(phone_of(browser), MESSAGE).trouble == NO_CONTACT


def test_the_contact_is_an_administrator_s_address_on_the_internet(settings):
    settings.MAIL_FROM = ""
    User.objects.create_superuser("root", "root@localhost")
    User.objects.create_user("keeper", "keeper@school.example")
    assert administrators_address() == ""
    settings.MAIL_FROM = "weather@school.example"
    assert administrators_address() == "weather@school.example"
    User.objects.create_superuser("ada", "ada@school.example")
    assert administrators_address() == "ada@school.example"


def test_a_key_that_is_lost_is_a_sentence(browser, settings):
    settings.MAIL_FROM = "weather@school.example"
    phone = phone_of(browser)
    PushKey.objects.update(public_key="another")
    assert channels.send(phone, MESSAGE).trouble == LOST_KEY
    settings.ENCRYPTION_KEYS = [new_key()]
    assert PushKey.objects.usable() is None
    assert channels.send(phone, MESSAGE).trouble == LOST_ENCRYPTION_KEY


def test_a_phone_whose_subscription_has_ended_is_forgotten_by_the_watch(world, roof, service, browser):
    phone_of(browser)
    service.status = 410
    world.off.add("Roof")
    world.pass_by(13 * MINUTE)
    phone = Channel.objects.get()
    assert (phone.active, phone.encrypted_address) == (False, "")
    assert "new link" in phone.trouble
    assert len(service.requests) == 1


def test_a_phone_that_has_ended_and_was_switched_on_again_ends_again(browser):
    phone = phone_of(browser)
    phone.end()
    outcome = channels.send(phone, MESSAGE)
    assert (outcome.is_gone, "new link" in outcome.trouble) == (True, True)


def test_no_program_that_fails_is_taken_for_one_that_has_sent(browser, settings):
    settings.MAIL_FROM = "weather@school.example"
    phone = phone_of(PhoneBrowser(), "https://push.example:x/")
    assert channels.send(phone, MESSAGE).trouble == program.FAILED
