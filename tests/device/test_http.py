"""lib/http.py against a server of bytes: every wait has an end, and every read has a limit."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from firmware.simulator.vm import VirtualMachine
from tests.device.machine_server import DRIP, SILENT, Server, answer

pytestmark = pytest.mark.sqlite_only

Run = Callable[..., VirtualMachine]

POST = """
import http, network, report, time
network.WLAN(0).active(True)
network.WLAN(0).connect("garden", "secret")
time.sleep(2)
started = time.ticks_ms()
try:
    print(http.Server("%s", "6cef7f3b9de8", "key").post(report.Body(1, 0, None)))
except OSError as error:
    print(error)
print(time.ticks_diff(time.ticks_ms(), started) // 1000, "s")
"""


@pytest.fixture
def answering(server: Server) -> Iterator[Callable[[bytes], str]]:
    """Return a function that makes the server answer these bytes, and returns the server's address."""

    def answering(given: bytes) -> str:
        server.behave = lambda request: given
        return server.url

    return answering


Answering = Callable[[bytes], str]


def test_the_answer_is_status_retry_after_and_body(run: Run, answering: Answering) -> None:
    url = answering(answer(503, "busy", Retry_After="17"))
    assert run(POST % url).lines[0] == "(503, 17, b'busy')"


def test_a_retry_after_that_is_a_date_is_none(run: Run, answering: Answering) -> None:
    url = answering(answer(429, "", Retry_After="Wed, 21 Oct 2026 07:28:00 GMT"))
    assert run(POST % url).lines[0] == "(429, None, b'')"


def test_a_body_may_end_with_the_connection(run: Run, answering: Answering) -> None:
    assert run(POST % answering(b"HTTP/1.0 200 OK\r\n\r\n{}")).lines[0] == "(200, None, b'{}')"


def test_the_report_goes_to_the_path_behind_the_prefix(run: Run, server: Server) -> None:
    run(POST % (server.url + "/weather/"))
    head = server.requests[0].head
    assert head.startswith("POST /weather/api/v1/readings/ HTTP/1.0\r\n")
    assert f"\r\nHost: 127.0.0.1:{server.port}\r\n" in head
    assert server.requests[0].user == "6cef7f3b9de8:key"


@pytest.mark.parametrize(("prefix", "path"), [("", ""), ("/", ""), ("/a", "/a"), ("/a/b/", "/a/b")])
def test_an_address_ends_with_a_slash_or_without(run: Run, server: Server, prefix: str, path: str) -> None:
    run(POST % (server.url + prefix))
    assert server.requests[0].head.startswith(f"POST {path}/api/v1/readings/ HTTP/1.0\r\n")


WATCHED = """
import socket
Plain = socket.socket

class Watched(Plain):
    def connect(self, address):
        print("connects")
        super().connect(address)

    def send(self, data):
        return super().send(data[:7])

    def close(self):
        print("closes")
        super().close()

socket.socket = Watched
"""


def test_what_a_connection_does_not_take_at_once_is_sent_behind_it(run: Run, server: Server) -> None:
    lines = run(WATCHED + POST % server.url).lines
    assert server.requests[0].report == {"boot": 1, "readings": []}
    assert lines[1] == "closes"
    assert lines[2].startswith("(200, None, ")


def test_however_it_ends_its_connection_is_closed(run: Run, answering: Answering) -> None:
    """A board has a handful of them."""
    for given, sentence in ((b"garbage" * 300, "no HTTP"), (b"HTTP/1.1 200", "broken off")):
        assert run(WATCHED + POST % answering(given)).lines[1:3] == ["closes", sentence]


def test_an_address_without_a_port_is_port_80(run: Run) -> None:
    asked = "import socket\ndef ask(*asked):\n    print(asked)\n    raise OSError('asked')\nsocket.getaddrinfo = ask\n"
    assert run(asked + POST % "http://freetemp.example/x").lines[0] == "('freetemp.example', 80, 0, 1)"


def test_headers_that_are_no_text_do_no_harm(run: Run, answering: Answering) -> None:
    given = b"HTTP/1.1 200 OK\r\nX: \xff\xfe\r\n\r\n{}"
    assert run(POST % answering(given)).lines[0] == "(200, None, b'{}')"


def test_a_redirect_is_answered_as_it_is(run: Run, answering: Answering) -> None:
    url = answering(answer(302, "", Location="http://127.0.0.1:1/"))
    assert run(POST % url).lines[0] == "(302, None, b'')"


def test_a_long_answer_is_cut_at_1_kib(run: Run, answering: Answering) -> None:
    line = run(POST % answering(answer(200, "x" * 100_000))).lines[0]
    assert line.startswith("(200, None, b'xxx")
    assert 1024 <= line.count("x") < 1024 + 256


def test_an_answer_ends_with_its_length_though_a_proxy_keeps_the_connection_open(
    run: Run, answering: Answering
) -> None:
    line, taken = run(POST % answering(answer(200, "{}") + SILENT), speed=20).lines
    assert line == "(200, None, b'{}')"
    assert int(taken.split()[0]) < 9


def test_a_proxy_s_head_may_have_1_kib_and_its_headers_any_case(run: Run, answering: Answering) -> None:
    head = b"HTTP/1.1 503 Busy\r\nX: " + 900 * b"x" + b"\r\nRETRY-AFTER:  8 \r\ncontent-length: 2\r\n\r\n"
    assert run(POST % answering(head + b"{}" + SILENT), speed=20).lines[0] == "(503, 8, b'{}')"


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n{}", "broken off"),
        (b"HTTP/1.1 200 OK\r\nContent-Le", "broken off"),
        (b"\r\n\r\n", "no HTTP"),
        (b"220 mail.example ESMTP\r\n\r\n", "no HTTP"),
        (b"HTTP/1.1 OK\r\n\r\n", "no HTTP"),
        (b"HTTP/1.1\r\n\r\n", "no HTTP"),
        (b"HTTP/1.1 200 OK\r\nX: " + 2000 * b"x" + b"\r\n\r\n{}", "no HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + 1000 * b"x", "broken off"),
        (b"\x16\x03\x01" * 1000, "no HTTP"),
    ],
)
def test_garbage_is_an_error(run: Run, answering: Answering, given: bytes, sentence: str) -> None:
    assert run(POST % answering(given)).lines[0] == sentence


def test_a_server_that_says_nothing_is_left_after_10_s(run: Run, answering: Answering) -> None:
    error, taken = run(POST % answering(SILENT), speed=20).lines
    assert "ETIMEDOUT" in error
    assert 9 <= int(taken.split()[0]) <= 14


def test_a_server_that_drips_is_left_after_30_s(run: Run, answering: Answering) -> None:
    error, taken = run(POST % answering(DRIP), speed=20).lines
    assert error == "too slow"
    assert 29 <= int(taken.split()[0]) <= 36


def test_where_nobody_listens_it_says_so(run: Run, server: Server) -> None:
    server.server_close()
    assert "ECONNREFUSED" in run(POST % server.url).lines[0]


def test_without_wifi_it_says_so(run: Run, server: Server) -> None:
    assert "EHOSTUNREACH" in run(POST % server.url, wifi_down=True).lines[0]


def test_a_name_that_nobody_knows_is_an_error(run: Run) -> None:
    assert run(POST % "http://freetemp.example", dns="fail").lines[0] == "-2"


def test_https_is_refused_with_a_sentence(run: Run) -> None:
    assert run(POST % "https://freetemp.example").lines[0] == "this board speaks http:// only, not https://"
