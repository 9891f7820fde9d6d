"""The device URL through the real server: bytes on a socket in, bytes out, and a power cut."""

import signal
import sys

import pytest

from readings.models import Reading
from stations.models import Key, Station
from tests.server import Server

MAC = "6c:ef:7f:3b:9d:e8"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def key():
    return Key.objects.issue(Station.objects.create(name="Garden", mac=MAC))


# The servers differ in the requests that they pass on, and not in the database.
OTHERS = [pytest.param(program, marks=pytest.mark.sqlite_only) for program in ("granian", "waitress")]


@pytest.fixture(scope="module", params=["gunicorn", *OTHERS])
def server(request, django_db_setup, tmp_path_factory):
    with Server(tmp_path_factory.mktemp("server") / "log", request.param) as server:
        yield server


def path(key, mac=MAC, field="1", data="21.4"):
    return f"/update/API_key={key}/mac={mac}/field={field}/data={data}".encode()


def stored():
    return list(Reading.objects.order_by("measured_at").values_list("value", flat=True))


def test_a_board_is_answered_shortly_and_plainly_whatever_it_sends(server, key):
    good, close = path(key), b"\r\nConnection: close\r\n\r\n"
    cases = [
        (b"GET " + good + b" HTTP/1.1\r\nHost: x" + close, 200, b"OK"),
        (b"GET " + good + b"/ HTTP/1.1\r\nHost: not.one.of.ours" + close, 200, b"OK"),
        (b"GET " + good + b"?a=b HTTP/1.1\r\nHost: x" + close, 200, b"OK"),
        (b"GET " + good + b" HTTP/1.0\r\n\r\n", 200, b"OK"),
        (b"GET " + good + b" HTTP/1.0\r\nAccept: text/html\r\n\r\n", 200, b"OK"),
        (b"GET " + path(key, mac="6C%3AEF%3A7F%3A3B%3A9D%3AE8") + b" HTTP/1.0\r\n\r\n", 200, b"OK"),
        (b"GET " + path(key, data="nan") + b" HTTP/1.0\r\n\r\n", 400, b"data: a decimal number"),
        (b"GET " + path(key, data="") + b" HTTP/1.0\r\n\r\n", 400, b"data: a decimal number"),
        (b"GET " + path(key, data="%00") + b" HTTP/1.0\r\n\r\n", 400, b"data: a decimal number"),
        (b"GET " + path(key, data="%ff%fe") + b" HTTP/1.0\r\n\r\n", 400, b"data: a decimal number"),
        (b"GET " + path(key, field="99") + b" HTTP/1.0\r\n\r\n", 400, b"field: this station has no field 99"),
        (b"GET " + path(key, mac="1") + b" HTTP/1.0\r\n\r\n", 400, b"mac: six hex pairs"),
        (b"GET " + path("k" * 2_000) + b" HTTP/1.0\r\n\r\n", 403, b"unknown station or key"),
        (b"GET /update/ HTTP/1.0\r\n\r\n", 400, b"path: "),
        (b"HEAD " + good + b" HTTP/1.0\r\n\r\n", 405, b""),
        (b"POST " + good + b" HTTP/1.0\r\nContent-Length: 2\r\n\r\nhi", 405, b"use GET"),
        (b"DELETE " + good + b" HTTP/1.0\r\n\r\n", 405, b"use GET"),
    ]
    for request, status, line in cases:
        got, headers, body = server.send(request)
        assert (got, body[: len(line)]) == (status, line), request
        assert headers["content-type"] == "text/plain; charset=utf-8", request
        assert headers["cache-control"] == "no-store", request
        assert int(headers["size"]) <= 300, (request, headers)
        assert not headers.keys() & {"location", "set-cookie", "transfer-encoding", "vary"}, request
        assert request.startswith(b"HEAD") or int(headers["content-length"]) == len(body), request
    assert stored() == [21.4] * 6


def test_what_the_server_itself_may_refuse_is_no_500_and_the_next_board_is_served(server, key):
    cases = {
        "10,000 characters": b"GET " + path("k" * 10_000) + b" HTTP/1.0\r\n\r\n",
        "NUL": b"GET " + path("\x00") + b" HTTP/1.0\r\n\r\n",
        "not UTF-8": b"GET " + path("x") + b"\xff\xfe HTTP/1.0\r\n\r\n",
        "no host": b"GET " + path("x") + b" HTTP/1.1\r\nConnection: close\r\n\r\n",
        "no path": b"GET nonsense HTTP/1.0\r\n\r\n",
        "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    }
    for case, request in cases.items():
        status, _, body = server.send(request)
        assert 400 <= status < 500, (case, body)
        assert server.send(b"GET " + path(key) + b" HTTP/1.0\r\n\r\n")[0] == 200, case


@pytest.mark.sqlite_only
@pytest.mark.skipif(sys.platform == "win32", reason="there is no gunicorn on Windows")
def test_gunicorn_tells_in_one_line_what_is_no_http(tmp_path):
    cases = {
        b"GET /update/x HTTP/1.0\n\n": b"request: end each line with \\r\\n, not with \\n alone",
        b"GET /update/API_key=0123456789abcdef/data= 1 HTTP/1.0\r\n\r\n": b"request: Invalid",
    }
    with Server(tmp_path / "server.log") as server:
        for request, line in cases.items():
            status, headers, body = server.send(request)
            assert (status, headers["content-type"], body[: len(line)]) == (400, "text/plain; charset=utf-8", line)
            assert b"0123456789abcdef" not in body
            assert int(headers["size"]) <= 300


def test_keys_are_in_no_log_of_the_server(key, tmp_path):
    with Server(tmp_path / "log", ACCESS_LOG="on", LOG_LEVEL="DEBUG") as server:
        for data in ("1", "nan", "x" * 9_000, "\x00"):
            server.send(b"GET " + path(key, data=data) + b" HTTP/1.0\r\n\r\n")
    assert "/update/API_key=***/mac=" in server.log.read_text()
    assert key not in server.log.read_text()


def test_what_was_answered_ok_survives_a_kill_at_once(key, tmp_path):
    with Server(tmp_path / "log") as server:
        for n in range(5):
            status, _, body = server.send(b"GET " + path(key, data=str(n)) + b" HTTP/1.0\r\n\r\n")
            server.stop(signal.SIGKILL)
            assert (status, body) == (200, b"OK")
            server.start()
    assert stored() == [0, 1, 2, 3, 4]


def test_a_locked_database_is_a_503_in_time_and_recovers_by_itself(key, tmp_path):
    from django.db import connection, transaction

    request = b"GET " + path(key) + b" HTTP/1.0\r\n\r\n"
    with Server(tmp_path / "log") as server:
        assert server.send(request)[0] == 200
        with transaction.atomic():
            if connection.vendor == "postgresql":
                connection.cursor().execute("LOCK TABLE stations_field, stations_station IN ACCESS EXCLUSIVE MODE")
            status, headers, body = server.send(request)
        assert (status, int(headers["retry-after"]) > 0) == (503, True), body
        assert server.send(request)[0] == 200
    assert len(stored()) == 2
