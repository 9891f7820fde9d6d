"""Every answer to people and programs says what a browser may do with it. Boards' answers are as short as can be."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import URLResolver, get_resolver

from freetemp.http.board_requests import board_routes
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
# What is public on purpose, by the end of its route: the differences from STRICT.
POLICIES = {
    "/embed/": STRICT | {"frame-ancestors": {"*"}},
    "/chart.svg": PICTURE,
    "/docs/": STRICT | {"style-src": {"'self'", "'unsafe-inline'"}},
}
FOR_OTHER_SITES = ("/embed/", "/chart.svg", "/preview.png")


def routes(patterns, before=""):
    """Yield the whole route of every view but those that answer boards."""
    for each in patterns:
        route = before + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from routes(each.url_patterns, route)
        elif each not in board_routes():
            yield route


def address(route, number):
    """Return an address of a route: every number and name in it is that of the station, or leads nowhere."""
    route = re.sub(r"\(\?P<app_label>(\w+)[^)]*\)", r"\1", route)  # The first app of the admin.
    route = route.replace("(?P<url>.*)", "no/such/page")
    return "/" + re.sub(r"<(?:\w+:)?\w+>", str(number), route).replace("^", "").replace("$", "")


def policy_of(response):
    parts = [part.split() for part in response["Content-Security-Policy"].split(";")]
    assert len({part[0] for part in parts}) == len(parts), "a second directive of a name is ignored"
    return {name: set(sources) for name, *sources in parts}


@pytest.fixture
def visitors(station):
    """Somebody who has logged in and may see everything, and somebody who has not."""
    return [client_of(User.objects.create_superuser("ann")), Client()]


def test_every_address_has_a_strict_policy_and_the_headers_of_a_careful_site(visitors, station):
    found = list(routes(get_resolver().url_patterns))
    assert len(found) > 60
    assert {"", "admin/login/", "api/v1/schema/"} <= set(found)
    for route in found:
        end = next((end for end in POLICIES if route.endswith(end)), None)
        for visitor in visitors:
            answer = visitor.get(address(route, station.pk))
            assert answer.getvalue() is not None  # A file that is not read keeps its place.
            assert answer.status_code < 500, route
            assert {name: answer[name] for name in ALWAYS} == ALWAYS, route
            assert policy_of(answer) == POLICIES.get(end, STRICT), route
            assert ("X-Frame-Options" in answer) == (end != "/embed/"), route
            is_shared = route.endswith(FOR_OTHER_SITES) and answer.status_code == 200
            assert answer["Cross-Origin-Resource-Policy"] == ("cross-origin" if is_shared else "same-origin"), route


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
    assert set(client.get("/admin/login/").cookies) == {"csrftoken"}
    assert client.cookies["csrftoken"]["samesite"] == "Lax"
