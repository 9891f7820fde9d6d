"""Every answer to people and programs says what a browser may do with it. Boards' answers are as short as can be."""

import re
from base64 import b64encode
from hashlib import sha256

import pytest
from django.contrib.auth.models import User
from django.test import Client

from freetemp.http.board_requests import BOARDS, routes_with
from tests.addresses import addresses
from tests.conftest import client_of

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
NOTHING = {"'none'"}
OWN = {"'self'"}
STRICT = {
    "default-src": NOTHING,  # That of objects, frames, workers and media, too.
    "script-src": OWN,
    "style-src": OWN,
    "img-src": {"'self'", "data:"},
    "font-src": OWN,
    "connect-src": OWN,
    "manifest-src": OWN,
    "form-action": OWN,
    "base-uri": NOTHING,
    "frame-ancestors": NOTHING,
}
PICTURE = dict.fromkeys(("default-src", "form-action", "base-uri", "frame-ancestors"), NOTHING) | {
    "style-src": {"'unsafe-inline'"},
    "sandbox": set(),
}
# What is public on purpose, by the end of its address: the differences from STRICT.
POLICIES = {
    "/embed/": STRICT | {"frame-ancestors": {"*"}},
    "/chart.svg": PICTURE,
    "/sw.js": {"default-src": NOTHING},  # A worker that fetches nothing.
    "/docs/": STRICT | {"style-src": {"'self'", "'unsafe-inline'"}},
}
STYLE = re.compile(rb"<style>(.*?)</style>", re.DOTALL)
FOR_OTHER_SITES = ("/embed/", "/chart.svg", "/preview.png")


def policy_of(response):
    """Return each directive's sources. A style in the page itself is allowed by its digest, and nothing else is."""
    parts = [part.split() for part in response["Content-Security-Policy"].split(";")]
    assert len({part[0] for part in parts}) == len(parts), "a second directive of a name is ignored"
    policy = {name: set(sources) for name, *sources in parts}
    styles = STYLE.findall(response.getvalue()) if response["Content-Type"].startswith("text/html") else []
    digests = {f"'sha256-{b64encode(sha256(style).digest()).decode()}'" for style in styles}
    if digests and "'unsafe-inline'" not in policy["style-src"]:
        assert digests <= policy["style-src"]
        policy["style-src"] -= digests
    return policy


@pytest.fixture
def visitors(station):
    """Somebody who has logged in and may see everything, and somebody who has not."""
    return [client_of(User.objects.create_superuser("ann")), Client()]


def test_every_address_has_a_strict_policy_and_the_headers_of_a_careful_site(visitors, station):
    found = [path for path, route in addresses(station.pk) if route not in routes_with(BOARDS)]
    assert {"/", "/admin/login/", "/api/v1/schema/"} <= set(found)
    for path in found:
        end = next((end for end in POLICIES if path.endswith(end)), None)
        for visitor in visitors:
            answer = visitor.get(path)
            assert answer.getvalue() is not None  # A file that is not read keeps its place.
            assert answer.status_code < 500, path
            assert {name: answer[name] for name in ALWAYS} == ALWAYS, path
            assert policy_of(answer) == POLICIES.get(end, STRICT), path
            assert ("X-Frame-Options" in answer) == (end != "/embed/"), path
            is_shared = path.endswith(FOR_OTHER_SITES) and answer.status_code == 200
            assert answer["Cross-Origin-Resource-Policy"] == ("cross-origin" if is_shared else "same-origin"), path


def test_an_error_has_them_too(client):
    for wrong in (client.get("/no/such/page"), client.get("/", HTTP_HOST="not.one.of.ours"), client.get("/admin")):
        assert wrong.status_code in (301, 400, 404)
        assert {name: wrong[name] for name in ALWAYS} == ALWAYS
        assert policy_of(wrong) == STRICT
        assert wrong["Cross-Origin-Resource-Policy"] == "same-origin"


def test_no_cookie_of_a_page_can_be_read_by_a_script_or_comes_along_from_another_site(client, station):
    client.get("/?units=us&lang=de")
    assert {name for name, cookie in client.cookies.items() if cookie["httponly"] and cookie["samesite"] == "Lax"} == {
        "units",
        "language",
    }
    assert set(client.get("/account/login/").cookies) == {"csrftoken"}
    assert client.cookies["csrftoken"]["samesite"] == "Lax"
