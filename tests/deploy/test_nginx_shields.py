"""Protection by nginx: slow clients, floods and clients' own claims stay out of gunicorn, and keys out of the logs."""

import re
import socket
from base64 import b64encode

import pytest

from tests.conftest import MAC
from tests.deploy.board import assert_plain_line, get, half_sent, path, send_to_end, unreadable
from tests.deploy.nginx import Nginx

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.sqlite_only,
    pytest.mark.usefixtures("_nginx"),
]


def test_no_log_holds_a_key(gunicorn, folder, key):
    encoded = path(key).replace(b"/update", b"/%75pdate").replace(b"API_key", b"AP%49_k%65y")
    requests = [
        *(request for request, _ in unreadable(key)),
        *(get(path(key, data)) for data in ("1", "nan", "%0A", key)),
        *(get(path(key + sign)) for sign in ("%0A", "%22", "%2F", "%0Ax")),
        *(get(each.format(key).encode()) for each in ("/update/{}", "/updat/API_key={}", "/update/?API_key={}")),
        *(get(each.format(key).encode()) for each in ("/Update/key={}", "/key:{}", "/{}/1/2", "//UPDATE/{}/1")),
        *(
            get(each.format(key).encode())
            for each in ("/in/{}/weatherstation/updateweatherstation.php?tempf=1", "/in/{}")
        ),
        *(get(f"/weatherstation/updateweatherstation.php{sign}PASSWORD={key}".encode()) for sign in ("?", "")),
        get(f"//Automaticreading?siteid={key}&siteAuthenticationKey={key}".encode()),
        get(encoded),
        get(path(key)[1:]),
        get(b"http://x" + path(key)),
        get(path(key), b"Referer: http://x" + path(key), b"User-Agent: " + key.encode()),
        b"POST " + path(key) + b" HTTP/1.0\r\nContent-Length: 300000\r\n\r\n" + b"x" * 300_000,
    ]
    with Nginx(folder, gunicorn.port) as nginx:
        answers = [send_to_end(nginx, request, tls=tls) for request in requests for tls in (False, True)]
        gunicorn.stop(9)
        answers += [send_to_end(nginx, request, tls=tls) for request in requests for tls in (False, True)]
        half_sent(nginx, get(path(key))[:-2]).close()
    gunicorn.start()
    assert all(answers)
    assert "API_key=***/mac=6c:ef:7f:3b:9d:e8/field=1/data=1 " in nginx.logs()
    assert "gunicorn: 502" in nginx.logs()
    assert key not in nginx.logs()
    assert key not in gunicorn.log.read_text()


def test_fifty_slow_clients_keep_no_board_waiting(patient_nginx, key):
    """gunicorn has four threads here. Ten such clients would stop it if they reached it."""
    login = b64encode(f"{MAC.replace(':', '')}:{key}".encode())  # A body with a wrong key is not even read.
    post = b"POST /api/v1/readings/ HTTP/1.0\r\nAuthorization: Basic " + login + b"\r\nContent-Length: 9999\r\n\r\n{"
    nginx = patient_nginx
    slow = [half_sent(nginx, part) for part in [get(path(key))[:-2], post] for _ in range(25)]
    for _ in range(10):
        assert_plain_line(nginx.send(get(path(key))), 200, b"OK")
    for connection in slow:
        connection.setblocking(False)
        with pytest.raises(BlockingIOError):  # nginx waits for the rest of it: it was there all the time.
            connection.recv(1)
        connection.close()


def test_a_client_that_does_not_read_its_answer_keeps_no_board_waiting(nginx, key):
    deaf = []
    for _ in range(20):
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1_024)
        connection.connect(("127.0.0.1", nginx.port))
        connection.sendall(get(path(key)))
        deaf.append(connection)
    assert_plain_line(nginx.send(get(path(key))), 200, b"OK")
    for connection in deaf:
        connection.close()


def test_wrong_keys_count_for_the_address_that_nginx_sees_and_not_for_one_that_a_client_claims(nginx, key):
    def try_keys(source, count, claimed):
        headers = [f"X-Forwarded-For: {claimed}".encode(), f"Forwarded: for={claimed}".encode()]
        return [nginx.send(get(path("0" * 32), *headers), source=source) for _ in range(count)]

    answers = try_keys("127.0.0.2", 65, "192.0.2.1")
    assert [status for status, _, _ in answers] == [403] * 60 + [429] * 5
    assert_plain_line(answers[-1], 429, b"too many wrong keys")
    assert int(answers[-1][1]["retry-after"]) > 0
    # Neither another claim nor another client's address helps: their keys have not been counted.
    assert try_keys("127.0.0.2", 1, "192.0.2.7")[0][0] == 429
    assert try_keys("127.0.0.3", 1, "127.0.0.2")[0][0] == 403
    assert_plain_line(nginx.send(get(path(key)), source="127.0.0.2"), 200, b"OK")


def test_a_client_cannot_claim_to_come_by_tls_or_from_another_path(nginx, key):
    claims = [b"X-Forwarded-Proto: https", b"X-Forwarded-Ssl: on", b"X-Forwarded-Protocol: ssl", b"SCRIPT_NAME: /x"]
    assert_plain_line(nginx.send(get(path(key), *claims)), 200, b"OK")
    assert nginx.send(get(b"/admin/", *claims))[0] == 301


def test_a_flood_from_one_address_is_told_to_wait_and_another_address_is_not(nginx_alone, key):
    request = b"GET " + path(key) + b" HTTP/1.1\r\nHost: x\r\n\r\n"
    flood = b"".join(send_to_end(nginx_alone, request * 500 + get(path(key))) for _ in range(4))
    told = re.findall(rb"HTTP/1.1 (\d+)[^\r]*\r\n(?:[^\r]+\r\n)*?Retry-After: (\d+)", flood)
    assert {(b"503", b"30"), (b"429", b"10")} == set(told)
    assert told.count((b"503", b"30")) >= 1_000  # All boards of a school at one instant.
    assert b"too many requests" in flood
    assert nginx_alone.send(get(path(key)), source="127.0.0.2")[0] == 503


def test_passwords_are_not_guessed_by_the_thousand(nginx_alone):
    post = b"POST /account/login/ HTTP/1.0\r\nContent-Length: 0\r\n\r\n"
    statuses = []
    while 429 not in statuses and len(statuses) < 300:  # One is let through every two seconds, too.
        statuses.append(nginx_alone.send(post, tls=True)[0])
    assert statuses[:30] == [503] * 30
    assert statuses[-1] == 429
    assert nginx_alone.send(get(b"/account/login/"), tls=True)[0] == 503
