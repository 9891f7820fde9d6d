"""The real gunicorn with few threads and connections, beside clients that are slow, silent, greedy or gone."""

import json
import os
import re
import signal
import socket
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
from django.db import connection as database

from readings.models import Reading
from stations.models import Key, Station
from tests.conftest import MAC
from tests.crash.processes import children
from tests.programs import PATIENCE_S
from tests.server import Server

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite_only]

CONFIG = "tests/freetemp/serving/gunicorn.py"
OWN = {
    "DJANGO_SETTINGS_MODULE": "tests.settings",
    "WEB_CONCURRENCY": "1",
    "WEB_THREADS": "2",
    "CONNECTIONS": "40",
}
DOWNLOAD = b"GET /stations/%d/readings.csv?period=all HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
# Some 10 MB as CSV: more than two sockets' buffers and what the server holds for a reader.
FILL = (
    "WITH RECURSIVE row(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM row WHERE n < 200000)"
    " INSERT INTO readings_reading (station_id, field, measured_at, value) SELECT %d, 1, n * 60000, 20.5 FROM row"
)


@pytest.fixture(scope="module")
def patient(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that ends no connection for being slow while a test is there, on whatever machine."""
    with Server(tmp_path_factory.mktemp("patient") / "log", config=CONFIG, LIMITS="still_s=900", **OWN) as server:
        yield server


@pytest.fixture(scope="module")
def impatient(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("impatient") / "log", config=CONFIG, LIMITS="still_s=1", **OWN) as server:
        yield server


@pytest.fixture
def station():
    return Station.objects.create(name="Garden", mac=MAC)


@pytest.fixture
def key(station):
    return Key.objects.issue(station)


@contextmanager
def opened(server: Server, *firsts: bytes) -> Iterator[list[socket.socket]]:
    """Open a connection for each of these beginnings."""
    with ExitStack() as stack:
        connections = []
        for first in firsts:
            connection = stack.enter_context(socket.socket())
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            connection.settimeout(PATIENCE_S)
            connection.connect(("127.0.0.1", server.port))
            connection.sendall(first)
            connections.append(connection)
        yield connections


def update(key: str, data: str = "21.4", version: str = "1.0") -> bytes:
    return f"GET /update/API_key={key}/mac={MAC}/field=1/data={data} HTTP/{version}\r\nHost: x\r\n\r\n".encode()


def report(key: str, *headers: str, body: bytes = b"") -> bytes:
    login = b64encode(f"{MAC.replace(':', '')}:{key}".encode()).decode()
    lines = ["POST /api/v1/readings/ HTTP/1.1", "Host: x", f"Authorization: Basic {login}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def half(key: str) -> list[bytes]:
    """Return what a client may have sent before it stood still."""
    body = report(key, "Content-Length: 99999", body=b'{"readings": [')
    return [b"", b"G", update(key)[:-2], b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n", body]


def rest_of(connection: socket.socket) -> bytes:
    return b"".join(iter(lambda: connection.recv(65_536), b""))


def answers(connection: socket.socket, count: int) -> list[bytes]:
    """Return the bodies of this many answers, each of which says its length."""
    found, stream = [], b""
    while len(found) < count:
        head, blank, body = stream.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
        if blank and len(body) >= length:
            found.append(body[:length])
            stream = body[length:]
        else:
            part = connection.recv(65_536)
            assert part, (found, stream)
            stream += part
    return found


def test_boards_and_pages_are_answered_beside_clients_that_stand_still(patient, station, key):
    with database.cursor() as cursor:
        cursor.execute(FILL % station.pk)
    with opened(patient, *half(key) * 4, *[DOWNLOAD % station.pk]) as stuck:
        for data in ("20", "21", "22"):
            assert patient.send(update(key, data))[::2] == (200, b"OK")
            assert patient.send(b"GET /api/v1/stations/ HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")[0] == 200
        for each in stuck[:-1]:
            each.setblocking(False)
            with pytest.raises(BlockingIOError):  # The server waits for the rest of it: it was there all the time.
                each.recv(1)


def test_whoever_has_waited_longest_makes_room_for_a_board(patient, key):
    with opened(patient, *[b"", b"G", update(key)[:-2]] * 20) as idle:
        assert patient.send(update(key))[::2] == (200, b"OK")
        assert rest_of(idle[0]) == b""


def test_what_stands_still_is_ended_with_a_line_that_says_what_is_missing(impatient, key):
    with opened(impatient, *half(key)) as stuck:
        ends = [rest_of(each) for each in stuck]
    missing = b"request: its end did not come: an empty line has to follow the headers"
    lines = [b"", missing, missing, missing, b"request: 14 of the 99999 bytes of its body came"]
    assert [end.partition(b"\r\n\r\n")[2] for end in ends] == lines
    assert all(end.startswith(b"HTTP/1.1 408 ") for end in ends[1:])


@pytest.mark.parametrize(
    ("kind", "part"), [("X-Y: ", b"X"), ("Content-Length: 99999\r\n\r\n", b"[")], ids=["head", "body"]
)
def test_what_trickles_is_ended(impatient, key, kind, part):
    with opened(impatient, report(key, kind)[:-4]) as (slow,):
        slow.settimeout(0.2)
        deadline = time.monotonic() + PATIENCE_S
        answer = None
        while answer is None and time.monotonic() < deadline:
            try:
                slow.sendall(part)
                answer = slow.recv(1_000)
            except TimeoutError:
                pass
            except ConnectionError:
                answer = b"HTTP/1.1 408 "  # It went on after the answer.
        assert answer.startswith(b"HTTP/1.1 408 ")


def test_a_download_that_nobody_reads_is_ended_and_makes_room_for_the_next(impatient, station, key):
    """Both threads for people are taken until then, so that nothing else could be answered."""
    with database.cursor() as cursor:
        cursor.execute(FILL % station.pk)
    with opened(impatient, *[DOWNLOAD % station.pk] * 4):
        assert impatient.send(update(key))[::2] == (200, b"OK")
        deadline = time.monotonic() + PATIENCE_S
        while impatient.send(DOWNLOAD.replace(b"GET", b"HEAD").replace(b"1.1", b"1.0") % station.pk)[0] != 200:
            assert time.monotonic() < deadline
            time.sleep(0.1)


def test_a_slow_request_of_single_bytes_is_answered(patient, key):
    with opened(patient, b"") as (slow,):
        slow.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in update(key):
            slow.sendall(bytes([byte]))
            time.sleep(0.001)
        assert rest_of(slow).endswith(b"\r\n\r\nOK")


def test_a_connection_is_used_again_by_boards_and_pages_in_turn(patient, key):
    page = b"GET /api/v1/stations/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    with opened(patient, b"") as (kept,):
        for request, body in ((update(key, "1", "1.1"), b"OK"), (page, b"[{"), (update(key, "2", "1.1"), b"OK")):
            kept.sendall(request)
            assert answers(kept, 1)[0].startswith(body)


def test_requests_in_one_packet_are_answered_in_their_order(patient, key):
    page = b"GET /api/v1/stations/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    body = json.dumps({"boot": 1, "readings": [{"seq": 1, "field": 1, "value": 3, "age": 9}]}).encode()
    batch = report(key, f"Content-Length: {len(body)}", body=body)
    with opened(patient, update(key, "1", "1.1") + batch + update(key, "x", "1.1") + page + update(key, "2")) as (one,):
        found = answers(one, 5)
        assert rest_of(one) == b""
    assert [each[:5] for each in found] == [b"OK", b'{"sto', b"data:", found[3][:5], b"OK"]
    assert Reading.objects.count() == 3


def test_a_client_that_asks_first_is_told_to_send_its_body(patient, key):
    body = b'{"readings": []}'
    with opened(patient, report(key, f"Content-Length: {len(body)}", "Expect: 100-continue")) as (careful,):
        assert careful.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        careful.sendall(body)
        assert b'"stored":0' in answers(careful, 1)[0]


@pytest.mark.parametrize(
    ("start", "status", "line"),
    [
        ("GET / HTTP/1.1\r\n" + "X: y\r\n" * 20_000, 431, b"request: Error parsing headers: 'max buffer headers'"),
        ("POST /api/v1/x/ HTTP/1.1\r\nContent-Length: 1", 413, b'{"detail": "More was'),
        ("POST /api/v1/x/ HTTP/1.1\r\nTransfer-Encoding: chunked", 411, b'{"detail": "The request does not say'),
        ("POST /admin/firmware/micropythonimage/add/ HTTP/1.1\r\nContent-Length: 999999", 413, b"<!"),
    ],
    ids=["head", "body", "chunks", "upload"],
)
def test_too_much_is_refused_before_it_comes(patient, start, status, line):
    with opened(patient, f"{start}\r\nHost: 127.0.0.1\r\n\r\n".encode()) as (greedy,):
        head, _, body = rest_of(greedy).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % status)
    assert body.startswith(line)


def test_only_the_process_that_answers_people_searches_for_faults(patient):
    """It sleeps a while before the first search, so that its thread is there. The configuration logs the names."""
    threads = dict(re.findall(r"(boards|people): (MainThread .*)", patient.log.read_text()))
    assert threads.keys() == {"boards", "people"}
    assert [kind for kind, names in threads.items() if "proposals" in names.split()] == ["people"]


def test_no_process_has_loaded_large_libraries_that_few_requests_need(patient):
    assert re.findall(r"loaded: (.*)", patient.log.read_text()) == ["[]", "[]"]


def test_a_server_that_stops_answers_what_is_still_coming(key, tmp_path):
    with Server(tmp_path / "log", config=CONFIG, **OWN) as server:
        with opened(server, update(key)[:-2], b"") as (half_sent, silent):
            server.process.send_signal(signal.SIGTERM)
            half_sent.sendall(b"\r\n")
            assert rest_of(half_sent).endswith(b"\r\n\r\nOK")
            assert rest_of(silent) == b""
        assert server.process.wait(PATIENCE_S) == 0


def test_a_process_that_dies_is_replaced_by_one_of_its_kind(key, tmp_path):
    page = b"GET /api/v1/stations/ HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n"
    with Server(tmp_path / "log", config=CONFIG, **OWN) as server:
        for died in sorted(children(server.process.pid)):
            os.kill(died, signal.SIGKILL)
            deadline = time.monotonic() + PATIENCE_S
            while died in (now := children(server.process.pid)) or len(now) != 2:
                assert time.monotonic() < deadline
                time.sleep(0.05)
            for request, body in ((update(key), b"OK"), (page, b"[{")):
                assert server.send(request)[2].startswith(body)
