"""A real server without its database: every address answers 503 with a sentence, and the log has one line for each."""

import json
import sqlite3

import pytest

from tests.server import Server

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite_only]

PAGES = ["/", "/stations/1/", "/stations/1/embed/", "/admin/overview/", "/admin/"]
FILES = ["/stations/1/readings.csv", "/stations/1/readings.xlsx", "/stations/1/chart.svg", "/stations/1/preview.png"]
JSON = ["/api/v1/stations/", "/api/v1/stations/1/", "/api/v1/stations/1/series/?field=1", "/stations/1/readings.json"]
SESSION = "Cookie: sessionid=0123456789abcdefghijklmnopqrstuv"


def ask(server, path, *headers):
    return server.send("\r\n".join([f"GET {path} HTTP/1.1", "Host: 127.0.0.1", *headers, "", ""]).encode())


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    return tmp_path_factory.mktemp("away") / "log"


@pytest.fixture(scope="module")
def server(log, django_db_setup):
    """gunicorn, with a PostgreSQL that is not there."""
    own = {"DJANGO_SETTINGS_MODULE": "tests.settings", "DATABASE_URL": "postgresql://x:x@127.0.0.1:9/x"}
    with Server(log, **own) as server:
        yield server


@pytest.mark.parametrize("path", [*PAGES, *FILES, *JSON])
def test_without_postgresql_an_address_answers_503_and_the_log_has_one_line(server, log, path):
    before = log.read_text()
    status, headers, body = ask(server, path, "Connection: close", SESSION)
    assert (status, headers["retry-after"]) == (503, "30")
    kind = "application/json" if path in JSON else "text/plain" if path in FILES else "text/html"
    assert headers["content-type"].startswith(kind)
    said = json.loads(body)["detail"] if path in JSON else body.decode()
    assert "The server cannot answer just now" in said
    assert "Its database is busy or away" in said
    (line,) = log.read_text().removeprefix(before).splitlines()
    assert "ERROR django.request Service Unavailable: /" in line
    assert "127.0.0.1" in line, "which database, as it says itself"


def test_a_program_that_asks_a_page_for_json_gets_it(server):
    status, headers, body = ask(server, "/", "Connection: close", "Accept: application/json")
    assert (status, headers["content-type"]) == (503, "application/json")
    assert "Its database is busy or away" in json.loads(body)["detail"]


def test_a_board_gets_its_line(server):
    status, headers, body = ask(server, "/update/API_key=x/mac=6c:ef:7f:3b:9d:e8/field=1/data=1", "Connection: close")
    assert (status, headers["retry-after"], body) == (503, "30", b"the database cannot take it now")


def test_a_scanner_s_requests_are_a_few_lines_and_no_traceback(server, log):
    before = log.read_text()
    for n in range(40):
        request = f"GET /{n} HTTP/1.1\r\nHost: 203.0.113.{n}\r\nConnection: close\r\n\r\n"
        assert server.send(request.encode())[0] == 400
    lines = log.read_text().removeprefix(before).splitlines()
    assert 1 <= len(lines) <= 6
    assert all("WARNING django.security.DisallowedHost DisallowedHost: Invalid HTTP_HOST" in line for line in lines)


def test_an_sqlite_file_that_another_process_locks_is_a_503_too(tmp_path):
    name = tmp_path / "freetemp.sqlite3"
    other = sqlite3.connect(name, isolation_level=None)
    other.execute("PRAGMA locking_mode=EXCLUSIVE")
    other.execute("CREATE TABLE one (x)")
    own = {"DJANGO_SETTINGS_MODULE": "tests.settings", "DATABASE_URL": f"sqlite:///{name}"}
    with Server(tmp_path / "log", **own) as server:
        status, headers, body = ask(server, "/", "Connection: close")
    other.close()
    assert (status, headers["retry-after"]) == (503, "30")
    assert b"Its database is busy or away" in body
    assert "Traceback" not in (tmp_path / "log").read_text()
