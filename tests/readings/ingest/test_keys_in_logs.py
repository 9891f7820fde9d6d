"""A key is in no log, even after a failure: tracebacks, gunicorn's complaints, the header of a batch."""

import base64

import pytest

from stations.models import Key, Station
from tests.conftest import MAC
from tests.server import Server

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite_only]

# A server with a bug: storing fails, and the error names the key.
BROKEN = """
from freetemp.wsgi import application
from readings import ingest

def broken(*args):
    raise RuntimeError(f"a bug that names {args!r}")

ingest.record = ingest.record_batch = broken
"""


@pytest.fixture
def key(db):
    return Key.objects.issue(Station.objects.create(name="Garden", mac=MAC))


def basic(key):
    return base64.b64encode(f"{MAC.replace(':', '')}:{key}".encode()).decode()


def post(authorization, body=b'{"readings": []}'):
    head = [
        "POST /api/v1/readings/ HTTP/1.1",
        "Host: x",
        "Connection: close",
        f"Content-Length: {len(body)}",
        authorization,
    ]
    return "\r\n".join([*head, "", ""]).encode() + body


def assert_silent(log, key):
    text = log.read_text()
    assert key not in text
    for start in range(3):  # Base64 of a part of the key, at each of the three shifts.
        assert base64.b64encode(b"x" * start + key.encode()).decode()[4:-4] not in text
    return text


def test_a_bug_logs_its_traceback_without_the_key(key, tmp_path, monkeypatch):
    (tmp_path / "broken.py").write_text(BROKEN)
    with Server(tmp_path / "log", PYTHONPATH=str(tmp_path), LOG_LEVEL="DEBUG", ACCESS_LOG="on") as server:
        server.stop(15)
        server.command[-1] = "broken:application"
        server.start()
        line = f"GET /update/API_key={key}/mac={MAC}/field=1/data=1 HTTP/1.0\r\n\r\n"
        status, _, body = server.send(line.encode())
        assert (status, body) == (500, b"the server failed: its log says why")
        assert server.send(post(f"Authorization: Basic {basic(key)}"))[0] == 500
    text = assert_silent(tmp_path / "log", key)
    assert text.count("RuntimeError: a bug that names") == 2
    assert "/update/API_key=***/mac=" in text


def test_the_header_of_a_batch_is_in_no_log(key, tmp_path):
    headers = [
        "Authorization: Basic {}",
        "Authorization Basic {}",
        "Authorization : Basic {}",
        "Authorization: Basic {}\x00",
        "Authorization: Basic {}\r\nAuthorization: Basic {}",
        "Authorization: Basic\r\n {}",
        "Authorization: Bearer {}",
        "Authorization: Basic {}\r\nContent-Length: x",
        "Authorization: " + "x" * 9000 + "{}",
    ]
    with Server(tmp_path / "log", ACCESS_LOG="on", LOG_LEVEL="DEBUG", GUNICORN_CMD_ARGS="--log-level=debug") as server:
        for header in headers:
            for body in (b'{"readings": []}', b"no JSON"):
                assert server.send(post(header.replace("{}", basic(key)), body))[0] < 500
    text = assert_silent(tmp_path / "log", key)
    assert "Authorization Basic ***" in text, "gunicorn names what it cannot read"
