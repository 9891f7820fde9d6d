"""Single values that are refused: docs/nothing-lost.md."""

import socket
from unittest import mock

from django.db import OperationalError

from freetemp.clock import clock
from stations.models import Key, Station
from tests.conftest import MAC
from tests.programs import PATIENCE_S
from tests.server import Server

STRANGER = "0a:00:00:00:00:01"
STORE = "readings.ingest.group_commit.store_together"


def malformed_value(walk):
    lines = [walk.get(mac="nonsense"), walk.get(field="x"), walk.get(data="x"), walk.get(data="1e999")]
    yield {"board": "\n".join(lines)}
    yield walk.again()


def unknown_field(walk):
    yield {"board": walk.get(field=9)}
    walk.station.fields.create(number=9, name="soil")
    yield walk.get(field=9) == "200 OK" and walk.values(9) == [21.4]


def wrong_path(walk):
    answer = walk.client.get(f"/Update/API_key={walk.key}/mac={MAC}/field=1/data=21.4")
    yield {"board": f"{answer.status_code} {answer.content.decode()}"}
    yield walk.again()


def unknown_mac(walk):
    yield {"board": walk.get(mac=STRANGER)}
    key = Key.objects.issue(Station.objects.create(name="Pond", mac=STRANGER))
    yield walk.get(mac=STRANGER, key=key) == "200 OK"


def wrong_key(walk):
    yield {"board": walk.get(key="wrong")}
    walk.key = Key.objects.issue(walk.station)
    yield walk.again()


def inactive(walk):
    Station.objects.update(active=False)
    yield {"board": walk.get()}
    Station.objects.update(active=True)
    yield walk.again()


def no_credentials(walk):
    reading = {"seq": 1, "field": 1, "value": 21.4, "age": 0}
    yield {"board": walk.post(reading, user="")}
    yield '"stored":1' in walk.post(reading)


def guessing(walk):
    lines = [walk.get(key="wrong") for _ in range(61)]
    yield {"board": lines[-1]}
    yield walk.again()


def wrong_method(walk):
    path = f"/update/API_key={walk.key}/mac={MAC}/field=1/data=21.4"
    answers = [walk.client.post(path), walk.client.get("/api/v1/readings/")]
    assert walk.client.head(path).status_code == 405
    assert walk.values() == []
    yield {"board": "\n".join(f"{each.status_code} {each.content.decode()}" for each in answers)}
    yield walk.again()


def too_often(walk):
    lines = [walk.get(data=number) for number in range(121)]
    assert len(walk.values()) == lines.count("200 OK")
    yield {"board": lines[-1]}
    Station.objects.update(interval_s=1)
    yield walk.again()


def database(walk):
    with mock.patch(STORE, side_effect=OperationalError("database or disk is full")):
        said = walk.get()
    yield {"board": said}
    yield walk.again()


def clock_behind(walk):
    with mock.patch.object(clock, "is_behind", return_value=True):
        said = walk.get()
    yield {"board": said}
    yield walk.again()


def server_failed(walk):
    with mock.patch(STORE, side_effect=RuntimeError("a fault")):
        said = walk.get()
    yield {"board": said}
    yield walk.again()


def web_server(walk):
    request = f"GET /update/API_key={walk.key}/mac={MAC}/field=1/data=21.4 HTTP/1.1\n\n"
    with (
        Server(walk.tmp_path / "gunicorn.log") as server,
        socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE_S) as board,
    ):
        board.sendall(request.encode())
        head, _, line = board.makefile("rb").read().decode().partition("\r\n\r\n")
    assert walk.values() == []
    yield {"board": f"{head.split()[1]} {line}"}
    yield walk.again()


def various(walk):
    walk.monkeypatch.setattr("readings.ingest.refusals.MOST_TALLIES", 0)
    walk.get(field=9)
    yield {}
    yield walk.again()
