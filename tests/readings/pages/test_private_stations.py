"""A station that is not public exists only for staff, at every present and future address."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import URLPattern, get_resolver
from django.utils import timezone

from freetemp.fields import to_millis
from readings import ingest
from readings.ingest.reports import Measurement
from stations.models import Station
from tests.conftest import client_of

pytestmark = pytest.mark.django_db

OF_A_STATION = re.compile(r"(api/v1/)?stations/<int:\w+>/")
EXAMPLES = {"int": "1", "str": "temperature", "slug": "temperature", "path": "temperature"}


def routes(resolver, before=""):
    """Yield every route of urls.py, including those of included files."""
    for each in resolver.url_patterns:
        route = before + str(each.pattern)
        if isinstance(each, URLPattern):
            yield route
        else:
            yield from routes(each, route)


ROUTES = sorted(route for route in routes(get_resolver()) if OF_A_STATION.match(route))


def address(route, station):
    """Return a route's path for a station, with an example for each other part."""
    path = re.sub(r"stations/<int:\w+>", f"stations/{station.pk}", route)
    return "/" + re.sub(r"<(\w+):\w+>", lambda part: EXAMPLES[part[1]], path)


@pytest.fixture
def measured(station):
    moments = [timezone.now() - timedelta(minutes=n) for n in range(1, 30)]
    ingest.store(station, [Measurement(1, to_millis(at), 15.0) for at in moments])
    return station


@pytest.fixture
def viewers():
    """An anonymous viewer, a user with an account, and a member of staff without permissions."""
    user, staff = User.objects.create_user("viewer"), User.objects.create_user("staff", is_staff=True)
    return {"anyone": Client(), "user": client_of(user), "staff": client_of(staff)}


def ask(client, method, path):
    """Return the status and the whole body: a streamed body is made while it is read."""
    response = getattr(client, method)(path)
    return response.status_code, b"".join(response) if response.streaming else response.content


def test_the_addresses_are_found():
    assert {"stations/<int:pk>/", "api/v1/stations/<int:pk>/", "api/v1/stations/<int:pk>/series/"} <= set(ROUTES)
    assert "stations/<int:pk>/readings.csv" in ROUTES
    assert len(ROUTES) >= 5


@pytest.mark.parametrize("method", ["get", "head"])
@pytest.mark.parametrize("route", ROUTES)
def test_a_private_station_is_there_for_staff_alone(measured, viewers, route, method):
    Station.objects.update(public=False)
    path = address(route, measured)
    for name in ("anyone", "user"):
        status, body = ask(viewers[name], method, path)
        assert status == 404, f"{name} at {path}"
        assert b"Garden" not in body
    assert ask(viewers["staff"], method, path)[0] == 200, path


@pytest.mark.parametrize("route", ROUTES)
def test_no_cache_keeps_what_staff_see_and_none_is_kept_from_what_everybody_sees(measured, viewers, route):
    path = address(route, measured)
    assert "private" not in viewers["anyone"].get(path).get("Cache-Control", "")
    Station.objects.update(public=False)
    assert "private" in viewers["staff"].get(path)["Cache-Control"]


@pytest.mark.parametrize("route", ROUTES)
def test_what_is_answered_of_a_private_station_is_what_is_answered_of_none(measured, viewers, route):
    path, other = address(route, measured), address(route, Station(pk=999_999))
    Station.objects.update(public=False)
    (status, body), (none, empty) = (ask(viewers["anyone"], "get", each) for each in (path, other))
    assert status == none == 404
    assert body.replace(path.encode(), b"") == empty.replace(other.encode(), b"")


@pytest.mark.parametrize("route", ROUTES)
def test_a_public_station_is_there_for_everyone_also_when_it_is_switched_off(measured, viewers, route):
    """Its readings stay: it leaves the list, and links to it still work."""
    for active in (True, False):
        Station.objects.update(active=active)
        for name, client in viewers.items():
            assert ask(client, "get", address(route, measured))[0] == 200, f"{name}, {active}"


@pytest.mark.parametrize("route", ROUTES)
def test_a_private_station_that_is_switched_off_stays_private(measured, viewers, route):
    Station.objects.update(active=False, public=False)
    path = address(route, measured)
    assert [ask(viewers[name], "get", path)[0] for name in ("anyone", "user", "staff")] == [404, 404, 200]


def test_no_list_names_a_private_station(measured, viewers):
    Station.objects.update(public=False)
    for path in ("/", "/api/v1/stations/"):
        for name, client in viewers.items():
            status, body = ask(client, "get", path)
            assert (status, b"Garden" in body) == (200, name == "staff"), path
