"""OIDC_*: half a provider stops the start with a sentence, and one without https too."""

import os
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from freetemp.conf.oidc import provider
from tests.server import ROOT

pytestmark = pytest.mark.sqlite_only

NAMES = ("ISSUER", "CLIENT_ID", "CLIENT_SECRET", "NAME", "SCOPES", "GROUPS_CLAIM", "SECOND_FACTOR")
RIGHT = {"OIDC_ISSUER": "https://login.example/realms/school", "OIDC_CLIENT_ID": "x", "OIDC_CLIENT_SECRET": "secret!"}


def read(hours=None, **given):
    return provider({f"OIDC_{name}": "" for name in NAMES} | given, hours)


def test_without_settings_there_is_none_and_three_are_enough():
    assert read() is None
    found = read(**RIGHT)
    assert (found.name, found.scope, found.groups_claim) == ("login.example", "openid profile email", "groups")
    assert (found.session_hours, found.second_factor) == (12, "told")
    assert "secret!" not in repr(found)
    assert read(10**12, **RIGHT).session_hours == 9600, "no clock goes further than some thousand years"
    assert read(**RIGHT, OIDC_SCOPES="profile, groups", OIDC_NAME="Us", OIDC_SECOND_FACTOR="Never").scope == (
        "openid profile groups"
    )


@pytest.mark.parametrize("issuer", ["http://localhost:9400", "http://127.0.0.1:9400/x", "http://[::1]:9400"])
def test_plain_http_is_for_this_computer(issuer):
    assert read(**RIGHT | {"OIDC_ISSUER": issuer}).issuer == issuer


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (RIGHT | {"OIDC_CLIENT_SECRET": " "}, "OIDC_ISSUER is set and OIDC_CLIENT_SECRET is not"),
        ({"OIDC_ISSUER": "https://x.example"}, "OIDC_CLIENT_ID and OIDC_CLIENT_SECRET is not"),
        ({"OIDC_CLIENT_SECRET": "x"}, "OIDC_CLIENT_SECRET is set and OIDC_ISSUER is not"),
        (RIGHT | {"OIDC_ISSUER": "http://login.example"}, "give an address with https"),
        (RIGHT | {"OIDC_ISSUER": "http://192.168.1.2"}, "give an address with https"),
        (RIGHT | {"OIDC_ISSUER": "login.example"}, "OIDC_ISSUER is no address"),
        (RIGHT | {"OIDC_ISSUER": "https://login.example/?x=1"}, "OIDC_ISSUER is no address"),
        (RIGHT | {"OIDC_ISSUER": "https://a:b@login.example"}, "OIDC_ISSUER is no address"),
        (RIGHT | {"OIDC_ISSUER": "https://[::1"}, "OIDC_ISSUER is no address"),
        (RIGHT | {"OIDC_ISSUER": "https://login.example/" + "x" * 300}, "OIDC_ISSUER is no address"),
        (RIGHT | {"OIDC_SECOND_FACTOR": "yes"}, "OIDC_SECOND_FACTOR is 'yes': give one of told, always, never"),
    ],
)
def test_what_is_wrong_is_named(given, sentence):
    with pytest.raises(ImproperlyConfigured, match=sentence):
        read(**given)


LOADED = """
import django, sys
django.setup()
from django.urls import get_resolver
get_resolver().url_patterns
print([name for name in sys.modules if name in ("requests", "jwt") or name.startswith("accounts.oidc.")])
"""


def test_without_a_provider_nothing_of_it_is_loaded_but_the_list_of_rules():
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"}
    command = [sys.executable, "-c", LOADED]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['accounts.oidc.admin']"
