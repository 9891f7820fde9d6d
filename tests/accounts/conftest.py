"""Fixtures of people, their browsers, their stations and their programs."""

import base64
import hashlib
import hmac
import struct
import time

import pytest
from django.contrib.auth.models import User
from django.test import Client

from stations.access import Role
from stations.models import Field, Membership, Station, StationGroup
from tests import inbox as inboxes
from tests.conftest import client_of

PASSWORD = "right horse battery"
HERE, ELSEWHERE = "192.0.2.1", "198.51.100.7"
LOGIN, CODE = "/account/login/", "/account/second-factor/code/"


# Of somebody who comes by an invitation.
GOOD = "tomatoes and beans"
NEWCOMER = {"username": "ada", "password1": GOOD, "password2": GOOD}


@pytest.fixture
def anna(db):
    return User.objects.create_user("anna", "anna@example.org", PASSWORD)


@pytest.fixture
def admin(db):
    return User.objects.create_superuser("admin", "admin@example.org", PASSWORD)


class Visitor(Client):
    """A browser that is used by somebody with a password, and perhaps with an app for codes."""

    secret = ""

    def log_in(self, name="admin", password=PASSWORD, **more):
        return self.post(LOGIN, {"username": name, "password": password}, **more)

    def confirm(self, password=PASSWORD):
        return self.post("/account/confirm/", {"password": password})

    def add_app(self):
        """Add an app as second factor, and return the recovery codes."""
        self.confirm()
        page = "/account/second-factor/app/add/"
        self.secret = self.get(page).context["form"].secret
        answer = self.post(page, {"code": code(self.secret)})
        assert answer["Location"] == "/account/second-factor/recovery-codes/", answer.content.decode()
        return self.get(answer["Location"]).context["unused_codes"]

    def show(self, typed, **more):
        return self.post(CODE, {"code": typed}, **more)


@pytest.fixture
def visitor():
    return Visitor()


def code(secret, steps=0, at=None):
    """Return what an app shows so many half minutes from now."""
    counter = int((time.time() if at is None else at) // 30) + steps
    digest = hmac.new(base64.b32decode(secret), struct.pack(">Q", counter), hashlib.sha1).digest()
    start = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[start : start + 4])[0] & 0x7FFFFFFF) % 10**6:06}"


def another(browser):
    """Return a browser that knows the same app."""
    other = Visitor()
    other.secret = browser.secret
    return other


def is_in(browser):
    return browser.get("/account/").status_code == 200


def read(answer):
    """Read an answer to its end: a file that is not read keeps a place that the next one needs."""
    if answer.streaming:
        b"".join(answer.streaming_content)
        for close in answer._resource_closers:  # As a server does. The client's own close() ends the connection too.
            close()
    return answer


@pytest.fixture
def inbox(settings, monkeypatch):
    with inboxes.opened(settings, monkeypatch) as inbox:
        yield inbox


@pytest.fixture
def attic(db):
    """A station that is not public, with coordinates."""
    attic = Station.objects.create(
        name="Attic", mac="5c:cf:7f:00:00:07", public=False, latitude=52.5, longitude=13.4, timezone="Europe/Berlin"
    )
    Field.objects.filter(station=attic).update(newest_value=21.4)
    return attic


@pytest.fixture
def school(db):
    return StationGroup.objects.create(name="School on the hill")


@pytest.fixture
def teacher(school):
    """The administrator of a group, without any other right."""
    teacher = User.objects.create_user("teacher")
    Membership.objects.create(group=school, user=teacher, role=Role.ADMINISTRATOR)
    return teacher


@pytest.fixture
def administrator(db):
    return User.objects.create_superuser("boss")


@pytest.fixture
def administrating(administrator):
    return client_of(administrator)


@pytest.fixture
def with_token(client):
    """Ask for an address with a token, in the name of its person: with_token(address, token)."""

    def ask(address, token, method="get", **more):
        return read(getattr(client, method)(address, HTTP_AUTHORIZATION=f"Bearer {token}", **more))

    return ask
