"""Programs without a session are answered past most of the middleware, and get the same answers as by all of it."""

import gzip

import pytest
from django.conf import settings as given
from django.contrib.auth.models import User
from django.test import Client

from freetemp.http.short_way import PASSED, ShortWayMiddleware
from readings import ingest
from readings.ingest.reports import Measurement
from stations.models import Station
from tests.conftest import client_of

pytestmark = pytest.mark.django_db

AT_MS = 1_780_000_000_000
SERIES = "/api/v1/stations/{pk}/series/"
RANGE = "?start=1779990000&end=1780000001"
ASKED = {
    "series": (SERIES + RANGE, {}),
    "packed": (SERIES + RANGE + "&packed=1", {"HTTP_ACCEPT_ENCODING": "gzip"}),
    "rows": (SERIES + RANGE + "&rows=1&points=2", {}),
    "a wrong query": (SERIES + "?points=1", {}),
    "another field": (SERIES + "?field=7", {}),
    "another unit": (SERIES + RANGE + "&minus=1.9", {}),
    "all stations": ("/api/v1/stations/", {"HTTP_ACCEPT_ENCODING": "gzip"}),
    "a station": ("/api/v1/stations/{pk}/", {"HTTP_ACCEPT_LANGUAGE": "de"}),
    "no station": ("/api/v1/stations/9999/", {}),
    "no such address": ("/api/v1/stations/{pk}/seri/", {}),
    "without its slash": ("/api/v1/stations/{pk}/series", {}),
    "another host": (SERIES + RANGE, {"HTTP_HOST": "elsewhere.example"}),
    "a body": (SERIES + RANGE, {"CONTENT_LENGTH": "7"}),
    "another kind of answer": (SERIES + RANGE, {"HTTP_ACCEPT": "text/html"}),
    "a choice of a page": (SERIES + RANGE, {"HTTP_COOKIE": "language=de; units=imperial"}),
}


@pytest.fixture
def measured(station):
    ingest.store(station, [Measurement(1, AT_MS - n * 60_000, 20 + n / 10) for n in range(100)])
    return station


def of_everybody(settings):
    """Return a client whose requests pass all middleware."""
    name = f"{ShortWayMiddleware.__module__}.{ShortWayMiddleware.__name__}"
    settings.MIDDLEWARE = [each for each in settings.MIDDLEWARE if each != name]
    return Client()


def told(response):
    """Return what a client gets: of a compressed answer its content, since Django adds bytes at random."""
    headers = {name: value for name, value in response.headers.items() if name != "Content-Length"}
    is_packed = headers.get("Content-Encoding") == "gzip"
    content = gzip.decompress(response.content) if is_packed else response.content
    return response.status_code, headers | {"Vary": set(headers.pop("Vary", "").split(", ")) - {""}}, content


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize("redirects", [False, True])
def test_both_ways_give_the_same_answer(measured, settings, asked, redirects):
    settings.SECURE_SSL_REDIRECT = redirects
    path, extra = ASKED[asked]
    short = told(Client().get(path.format(pk=measured.pk), **extra))
    long = told(of_everybody(settings).get(path.format(pk=measured.pk), **extra))
    here, there = short[1].pop("Vary"), long[1].pop("Vary")
    assert short == long
    assert there <= here <= there | {"Cookie"}  # A refusal comes before anybody has looked for a session.


def test_a_browser_that_has_an_answer_is_told_so(measured, settings):
    path = f"/api/v1/stations/{measured.pk}/"
    etag = Client().get(path)["ETag"]
    for client in (Client(), of_everybody(settings)):
        assert client.get(path, HTTP_IF_NONE_MATCH=etag).status_code == 304


def test_the_public_is_never_answered_as_a_session_is(measured):
    Station.objects.update(public=False)
    staff = client_of(User.objects.create_user("staff", is_staff=True))
    for path in (SERIES + RANGE, "/api/v1/stations/{pk}/"):
        asked = path.format(pk=measured.pk)
        assert (Client().get(asked).status_code, staff.get(asked).status_code) == (404, 200)
    assert (Client().get("/api/v1/stations/").json(), len(staff.get("/api/v1/stations/").json())) == ([], 1)


def test_no_session_is_looked_for_and_no_form_is_taken(measured):
    path = SERIES.format(pk=measured.pk)
    assert not hasattr(Client().get(path).wsgi_request, "session")
    assert hasattr(Client().post(path).wsgi_request, "session")
    for cookie in (given.SESSION_COOKIE_NAME, given.LINK_COOKIE_NAME):
        assert hasattr(Client().get(path, HTTP_COOKIE=f"{cookie}=x").wsgi_request, "session")
    assert hasattr(Client().get(path, HTTP_AUTHORIZATION="bearer x").wsgi_request, "session")


def test_all_that_it_passes_is_there():
    assert set(given.MIDDLEWARE) >= PASSED
