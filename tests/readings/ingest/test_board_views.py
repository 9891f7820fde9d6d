"""The two views for boards: the class in the URLconf answers every request alike, however it arrives."""

import base64
import gc
import io
import weakref
from unittest import mock

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError
from django.test import Client
from django.urls import resolve

from freetemp.http.board_requests import routes_with, view_for
from readings.ingest.reports import ClockBehindError, TooOftenError, UnknownFieldError
from readings.ingest.views import BatchView, UpdateView
from readings.models import Reading
from stations.authentication import WrongKeyError
from stations.models import Key, Station
from stations.wrong_keys import WRONG_KEYS
from tests.application import application
from tests.conftest import MAC
from tests.server import Server

BATCHES = "/api/v1/readings/"
BODY = b'{"readings": [{"field": 1, "value": 1, "at": 1700000000}]}'
TEXT, JSON = "text/plain; charset=utf-8", "application/json"
ALWAYS = {"Content-Type", "Cache-Control", "Content-Length"}


def update(key, mac=MAC, field="1", data="21.4"):
    return f"/update/API_key={key}/mac={mac}/field={field}/data={data}"


def basic(key):
    return "Basic " + base64.b64encode(f"{MAC.replace(':', '')}:{key}".encode()).decode()


def by_client(method, path, body=b"", authorization=None):
    """Send a request through Django's test client; return the status, the headers and the body."""
    extra = {} if authorization is None else {"HTTP_AUTHORIZATION": authorization}
    response = Client().generic(method, path, body, **extra)
    return response.status_code, dict(response.items()), response.content


def by_wsgi(method, path, body=b"", authorization=None, **environ):
    """Send a request like a WSGI server. The test's connection is in a transaction, and must not be closed."""
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path.encode().decode("latin-1"),
        "CONTENT_LENGTH": str(len(body)),
        "REMOTE_ADDR": "127.0.0.1",
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
    } | environ
    if authorization is not None:
        environ["HTTP_AUTHORIZATION"] = authorization
    told = []
    with mock.patch("freetemp.http.board_requests.close_old_connections") as close:
        parts = application(environ, lambda status, headers, *_: told.extend([status, headers]))
    status, headers = told
    assert close.call_count == (view_for(path) is not None), "as Django does at the start of a request"
    assert len(dict(headers)) == len(headers), "none comes twice"
    return int(status[:3]), dict(headers), b"".join(parts)


WAYS = pytest.mark.parametrize("ask", [by_client, by_wsgi])

# Each case has the method, path, body and the header's key, then the status, the other headers and the line.
CASES = {
    "stored": ("GET", update("{key}"), b"", None, 200, set(), "OK"),
    "slash": ("GET", update("{key}") + "/", b"", None, 200, set(), "OK"),
    "path": ("GET", "/update/x", b"", None, 400, set(), "path: "),
    "no path": ("GET", "/update/", b"", None, 400, set(), "path: "),
    "no slash": ("GET", "/update", b"", None, 400, set(), "path: "),
    "with a key in its query": ("GET", "/update?api_key={key}&mac=x&data=21.4", b"", None, 400, set(), "path: "),
    "capitals": ("GET", update("{key}").replace("u", "U", 1), b"", None, 400, set(), "path: "),
    "no slash, method": ("POST", "/update", b"", None, 405, {"Allow"}, "use GET"),
    "mac": ("GET", update("{key}", mac="x"), b"", None, 400, set(), "mac: "),
    "mac before field": ("GET", update("{key}", mac="x", field="x"), b"", None, 400, set(), "mac: "),
    "field before data": ("GET", update("{key}", field="x", data="x"), b"", None, 400, set(), "field: "),
    "data before the key": ("GET", update("wrong", data="x"), b"", None, 400, set(), "data: "),
    "unknown field": ("GET", update("{key}", field="9"), b"", None, 400, set(), "field: this station has no"),
    "wrong key": ("GET", update("wrong"), b"", None, 403, set(), "unknown station or key"),
    "method": ("POST", update("{key}"), b"", None, 405, {"Allow"}, "use GET"),
    "method before the path": ("PUT", "/update/x", b"", None, 405, {"Allow"}, "use GET"),
    "method before the key": ("DELETE", update("wrong"), b"", None, 405, {"Allow"}, "use GET"),
    "options": ("OPTIONS", update("{key}"), b"", None, 405, {"Allow"}, "use GET"),
    "head": ("HEAD", update("{key}"), b"", None, 405, {"Allow"}, ""),
    "batch": ("POST", BATCHES, BODY, "{key}", 200, set(), '{"stored":1,"duplicate":0,"rejected":[],"ack":null,"time":'),
    "batch, no header": ("POST", BATCHES, BODY, None, 403, set(), "unknown station or key"),
    "batch, wrong key": ("POST", BATCHES, BODY, "wrong", 403, set(), "unknown station or key"),
    "batch, no body": ("POST", BATCHES, b"", "{key}", 400, set(), "JSON expected"),
    "batch, no JSON": ("POST", BATCHES, b"{", "{key}", 400, set(), "JSON expected"),
    "batch, no report": ("POST", BATCHES, b"{}", "{key}", 400, set(), "readings: "),
    "batch, too large": ("POST", BATCHES, b" " * 262_145, "{key}", 413, set(), "at most 256 KiB a report"),
    "batch, method": ("GET", BATCHES, b"", "{key}", 405, {"Allow"}, "use POST"),
    "batch, method before the key": ("PUT", BATCHES, BODY, "wrong", 405, {"Allow"}, "use POST"),
    "batch, head": ("HEAD", BATCHES, b"", "{key}", 405, {"Allow"}, ""),
}


@pytest.mark.django_db
@pytest.mark.parametrize("slashes", ["/", "//"])
def test_slashes_too_many_are_a_path_that_is_slightly_wrong(db, key, slashes):
    status, headers, body = by_wsgi("GET", slashes + update(key))
    assert (status, headers.keys(), body[:6]) == (400, ALWAYS, b"path: ")


@WAYS
@pytest.mark.parametrize("case", CASES)
def test_an_answer_has_its_line_and_no_header_to_spare(ask, case, key):
    method, path, body, password, status, besides, line = CASES[case]
    authorization = password and basic(password.format(key=key))
    got, headers, content = ask(method, path.format(key=key), body, authorization)
    assert (got, content[: len(line)]) == (status, line.encode())
    assert (content == b"") == (method == "HEAD")
    assert b"\n" not in content
    assert headers.keys() == ALWAYS | besides
    assert headers["Content-Type"] == (JSON if (path, status) == (BATCHES, 200) else TEXT)
    assert headers["Cache-Control"] == "no-store"
    assert headers["Content-Length"] == str(len(content))
    assert "Allow" not in besides or headers["Allow"] == ("POST" if path == BATCHES else "GET")
    assert Reading.objects.count() == (status == 200)


REFUSED = {
    TooOftenError(2_500): (429, {"Retry-After": "3"}, b"too often: wait 3 s"),
    ClockBehindError(): (503, {"Retry-After": "30"}, b"the server's clock is behind"),
    OperationalError("disk full"): (503, {"Retry-After": "30"}, b"the database cannot take it now"),
    UnknownFieldError(7): (400, {}, b"field: this station has no field 7"),
    WrongKeyError(): (403, {}, b"unknown station or key"),
    RuntimeError("a fault"): (500, {}, b"the server failed: its log says why"),
    ImproperlyConfigured("<html>"): (500, {}, b"the server failed: its log says why"),
    AttributeError("a fault"): (500, {}, b"the server failed: its log says why"),
}


@pytest.mark.django_db
@WAYS
@pytest.mark.parametrize("error", REFUSED, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("kind", ["value", "batch"])
def test_what_a_group_says_is_a_line_and_each_report_is_handed_over_once(ask, error, kind, key):
    asked = ("GET", update(key)) if kind == "value" else ("POST", BATCHES, BODY, basic(key))
    with mock.patch("readings.ingest.store.group_commit.submit", side_effect=error) as submit:
        status, headers, line = ask(*asked)
    expected, besides, text = REFUSED[error]
    assert (status, line, submit.call_count) == (expected, text, 1)
    assert headers == besides | {
        "Content-Type": TEXT,
        "Cache-Control": "no-store",
        "Content-Length": str(len(text)),
    }


@pytest.mark.django_db
@pytest.mark.parametrize("case", ["stored", "path", "batch", "batch, no JSON"])
def test_a_request_leaves_nothing_for_the_garbage_collector(case, key):
    method, path, body, password, *_ = CASES[case]
    asked = (method, path.format(key=key), body, password and basic(password.format(key=key)))
    view = resolve(asked[1]).func.view_class
    gone = []
    finalize = view.finalize_response

    def finalize_response(self, request, *args, **kwargs):
        gone.extend([weakref.ref(self), weakref.ref(request)])
        return finalize(self, request, *args, **kwargs)

    gc.disable()
    try:
        with mock.patch.object(view, "finalize_response", finalize_response):
            by_wsgi(*asked)
        assert [each() for each in gone] == [None, None]
    finally:
        gc.enable()


@pytest.mark.django_db
@WAYS
@pytest.mark.parametrize("asked", [("GET", update("wrong")), ("POST", BATCHES, BODY, basic("wrong"))])
def test_too_many_wrong_keys_are_told_when_to_come_again(ask, asked):
    answers = [ask(*asked) for _ in range(WRONG_KEYS + 1)]
    assert {status for status, _, _ in answers[:-1]} == {403}
    status, headers, line = answers[-1]
    assert (status, headers["Retry-After"], line) == (429, "60", b"too many wrong keys")
    assert headers.keys() == ALWAYS | {"Retry-After"}


@pytest.mark.django_db
@WAYS
def test_a_method_that_is_refused_asks_nothing_of_the_database_and_counts_no_key(ask, django_assert_num_queries):
    with django_assert_num_queries(0), mock.patch("stations.wrong_keys.wrong_keys") as wrong_keys:
        assert ask("POST", update("wrong"))[0] == 405
        assert ask("GET", BATCHES, b"", basic("wrong"))[0] == 405
    assert not wrong_keys.wait_s.called


class Unreadable(io.RawIOBase):
    """A body that must not be read."""

    def read(self, *_):
        raise AssertionError("the body was read")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("password", "length", "status"), [("wrong", 10, 403), ("{key}", 262_145, 413), ("{key}", 10**12, 413)]
)
def test_a_body_is_not_read_for_a_wrong_key_or_beyond_its_limit(password, length, status, key):
    own = {"CONTENT_LENGTH": str(length), "wsgi.input": Unreadable()}
    assert by_wsgi("POST", BATCHES, b"", basic(password.format(key=key)), **own)[0] == status


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/api/v1/readings", "/xupdate/"])
def test_an_address_beside_theirs_is_unknown_and_redirects_nobody(path):
    status, headers, _ = by_client("GET", path)
    assert status == 404
    assert "Location" not in headers


NAMED = {update("k"): UpdateView, "/update/": UpdateView, "/update/%C3%A9\n": UpdateView, BATCHES: BatchView}


@pytest.mark.parametrize("path", NAMED)
def test_the_short_way_leads_to_the_view_that_the_urlconf_names(path):
    found = resolve(path)
    view = view_for(path)
    assert found.func.view_class is NAMED[path]
    assert (view.func, view.keywords) == (found.func, found.kwargs)


@pytest.mark.parametrize("path", ["", "/", "/stations/1/", "/api/v1/stations/", "/admin/", "xupdate/"])
def test_the_short_way_knows_no_other_address(path):
    assert view_for(path) is None


@pytest.fixture
def _other_urlconf(settings):
    settings.ROOT_URLCONF = "tests.readings.ingest.other_urls"
    routes_with.cache_clear()
    yield
    routes_with.cache_clear()


@pytest.mark.django_db
@pytest.mark.usefixtures("_other_urlconf")
@WAYS
def test_the_urlconf_is_the_one_truth(ask):
    assert ask("POST", BATCHES) == (200, mock.ANY, b"another view")


# The application. An answer names its view's class if the URLconf has that class for the path.
ANSWERED = f"""
from django.urls import resolve
from freetemp.wsgi import application

for path in {sorted(NAMED)!r}:
    view_class = resolve(path).func.view_class
    def named(self, *args, view_class=view_class, finalize=view_class.finalize_response, **kwargs):
        response = finalize(self, *args, **kwargs)
        if type(self) is view_class:
            response["X-View"] = f"{{view_class.__module__}}.{{view_class.__qualname__}}"
        return response
    if "finalize_response" not in vars(view_class):
        view_class.finalize_response = named
"""


def too_large(path):
    return f"POST {path} HTTP/1.0\r\nHost: 127.0.0.1\r\nContent-Length: 100000000\r\n\r\n".encode()


@pytest.mark.sqlite_only
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("program", ["gunicorn", "granian", "waitress", "runserver"])
def test_a_real_server_reaches_that_class_too(program, tmp_path):
    key = Key.objects.issue(Station.objects.create(name="Garden", mac=MAC))
    (tmp_path / "answered.py").write_text(ANSWERED)
    (tmp_path / "answered_settings.py").write_text(
        'from freetemp.settings import *\nWSGI_APPLICATION = "answered.application"\n'
    )
    server = Server(tmp_path / "log", program, PYTHONPATH=str(tmp_path))
    if program == "runserver":
        server.environment["DJANGO_SETTINGS_MODULE"] = "answered_settings"
    else:
        server.command[-1] = "answered:application"
    with server:
        for method, path, status in [("GET", update(key), 200), ("GET", "/update/x", 400), ("POST", BATCHES, 403)]:
            got, headers, _ = server.send(f"{method} {path} HTTP/1.0\r\n\r\n".encode())
            named = resolve(path).func.view_class
            assert (got, headers["x-view"]) == (status, f"{named.__module__}.{named.__qualname__}".lower())
        # And none waits for a body that a page does not take. It never comes.
        for path in ("/", "/admin/firmware/micropythonimage/add/"):
            assert server.send(too_large(path))[0] == 413


@pytest.mark.django_db
def test_the_test_client_and_the_wsgi_application_reach_that_class_too(key):
    for path, view_class in NAMED.items():
        assert resolve(path).func.view_class is view_class
        for ask in (by_client, by_wsgi):
            with mock.patch.object(view_class, "dispatch", side_effect=view_class.dispatch, autospec=True) as dispatch:
                ask("GET", path)
            (asked,) = dispatch.call_args_list
            assert type(asked.args[0]) is view_class


def test_machines_are_told_of_both_addresses(client):
    paths = client.get("/api/v1/schema/?format=json").json()["paths"]
    single = paths["/update/API_key={key}/mac={mac}/field={field}/data={data}/"]
    assert single.keys() == {"get"}
    assert paths[BATCHES].keys() == {"post"}
    assert {each["name"] for each in single["get"]["parameters"]} == {"key", "mac", "field", "data"}
    assert single["get"]["responses"].keys() == {"200", "400", "403", "429", "503"}
    assert not [path for path in paths if path.startswith("/update/") and "key" not in path]
