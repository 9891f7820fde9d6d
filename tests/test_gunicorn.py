"""gunicorn as shipped: it trusts only named proxies, masks keys, and leaves nothing in a home directory."""

import pytest

from tests.server import Server

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite_only]

KEY = "0123456789abcdef0123456789abcdef"
UPDATE = f"/update/API_key={KEY}/mac=6c:ef:7f:3b:9d:e8/field=1/data=21.4"


def get(path: str, *headers: str) -> bytes:
    return "\r\n".join([f"GET {path} HTTP/1.1", "Host: 127.0.0.1", "Connection: close", *headers, "", ""]).encode()


@pytest.fixture
def log(tmp_path):
    return tmp_path / "gunicorn.log"


def test_no_request_is_logged_and_nothing_is_left_in_the_home_directory(log, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    with Server(log, HOME=str(home)) as server:
        server.send(get(UPDATE))
    assert "/update/" not in log.read_text()
    assert list(home.iterdir()) == []


def test_keys_are_masked_in_the_access_log_and_in_what_gunicorn_says_of_a_request_that_it_refuses(log):
    with Server(log, ACCESS_LOG="on", GUNICORN_CMD_ARGS="--log-level=debug") as server:
        server.send(get(UPDATE, f"Referer: http://127.0.0.1/update/key={KEY}"))
        for near_miss in ("/update/API%5Fkey={}/mac=1", "/Update/key:{}", "/update/{}/1/2", "/?x={}"):
            server.send(get(near_miss.format(KEY)))
        assert server.send(get(UPDATE + "0" * 9000))[0] == 414
        assert server.send(f"GET {UPDATE} HTTP/x\r\n\r\n".encode())[0] == 400
    assert "API_key=***/mac=" in log.read_text()
    assert KEY not in log.read_text()


def test_a_request_line_of_8000_bytes_is_taken(log):
    with Server(log) as server:
        assert server.send(get(f"/api/v1/stations/?{'x' * 8000}"))[0] == 200


@pytest.mark.parametrize(("proxies", "status"), [("192.0.2.0/24", 301), ("127.0.0.1", 200)])
@pytest.mark.parametrize("program", ["gunicorn", "granian"])
def test_a_proxy_is_believed_to_speak_https_only_when_it_is_named(log, program, proxies, status):
    with Server(log, program, SERVER_URL="https://freetemp.example", TRUSTED_PROXIES=proxies) as server:
        assert server.send(get("/api/v1/stations/", "X-Forwarded-Proto: https"))[0] == status
