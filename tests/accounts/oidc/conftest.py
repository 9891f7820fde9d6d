"""Fixtures of the single sign-on: a real provider, people there, and browsers that come back from it."""

import re
import subprocess
import sys
import time
from html import unescape
from urllib.parse import urlsplit

import pytest
import requests
from django.test import Client

from accounts.models import SignOn, SignOnRule
from accounts.oidc import provider as asked_provider
from freetemp.conf.oidc import Oidc
from stations.access import Role
from tests.programs import PATIENCE_S, kill
from tests.server import ROOT, free_port

OWN = "127.0.0.1:8000"  # of SERVER_URL
NAME = "Hill School"
LOGIN, CALLBACK, PAGE = "/account/sso/login/", "/account/sso/callback/", "/account/sso/"


class Provider:
    """The provider as a program, and what people do at its pages."""

    def __init__(self, port):
        self.port = port
        self.url = f"http://127.0.0.1:{port}"

    def person(self, subject, groups=(), **claims):
        """Have somebody be in groups there."""
        own = {"preferred_username": subject, "groups": groups} | claims
        requests.put(f"{self.url}/users/{subject}", json=own, timeout=PATIENCE_S).raise_for_status()

    def tell(self, told=None, **answers):
        """Have it say something else of itself, and answer otherwise at addresses."""
        requests.post(f"{self.url}/told", json=[told or {}, answers], timeout=PATIENCE_S).raise_for_status()
        asked_provider.forget()

    def asked(self, path):
        found = requests.get(f"{self.url}/asked", timeout=PATIENCE_S).json()
        return [each for each in found if each["path"] == path]

    def log_in(self, address, subject):
        """Log somebody in there, and return the path to which the browser is sent back."""
        return self._answer(address, {"sub": subject})

    def deny(self, address):
        return self._answer(address, {"action": "deny"})

    def _answer(self, address, form):
        answer = requests.post(address, data=form, allow_redirects=False, timeout=PATIENCE_S)
        back = urlsplit(answer.headers["Location"])
        assert back.netloc == OWN
        return f"{back.path}?{back.query}"


@pytest.fixture(scope="session")
def provider_program(tmp_path_factory):
    found = Provider(free_port())
    log = tmp_path_factory.mktemp("provider") / "log"
    with log.open("w") as output:
        command = [sys.executable, "-m", "tests.accounts.oidc.provider", str(found.port)]
        process = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=output)
    try:
        deadline = time.monotonic() + PATIENCE_S
        while not _answers(found):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        yield found
    finally:
        kill(process)


def _answers(found):
    try:
        return requests.get(found.url, timeout=PATIENCE_S).ok
    except requests.ConnectionError:
        return False


@pytest.fixture
def provider(provider_program, settings):
    """The provider, with which this server is set up."""
    settings.OIDC = oidc_of(provider_program)
    provider_program.tell()
    yield provider_program
    asked_provider.forget()


def oidc_of(provider, **other):
    own = {
        "issuer": provider.url,
        "client_id": "freetemp",
        "client_secret": "not guessed",
        "name": NAME,
        "scope": "openid profile email",
        "groups_claim": "groups",
        "session_hours": 12,
        "second_factor": "told",
    }
    return Oidc(**own | other)


class Comer(Client):
    """A browser of somebody who comes in by the provider."""

    def __init__(self, provider):
        super().__init__(HTTP_HOST=OWN)
        self.provider = provider

    def begin(self, address=LOGIN, **form):
        """Click, and return the address at the provider that the page leads to."""
        return leads_to(self.post(address, form))

    def come(self, subject, **form):
        """Log in by the provider, as somebody there, whoever was in. Return the answer to the way back."""
        self.post("/account/logout/")
        return self.get(self.provider.log_in(self.begin(**form), subject))

    def confirm(self, subject):
        return self.get(self.provider.log_in(self.begin("/account/sso/confirm/"), subject), follow=True)

    def connect(self, subject):
        return self.get(self.provider.log_in(self.begin("/account/sso/connect/"), subject))


def leads_to(answer):
    assert answer.status_code == 200, answer.content.decode()
    (address,) = re.findall(r'http-equiv="refresh" content="0;url=([^"]+)"', answer.content.decode())
    return unescape(address)


@pytest.fixture
def comer(provider):
    return Comer(provider)


@pytest.fixture
def teachers(school):
    """The rule that the provider's teachers keep the school's stations."""
    return SignOnRule.objects.create(provider_group="teachers", station_group=school, role=Role.KEEPER)


def sign_on_of(user):
    return SignOn.objects.get(user=user)
