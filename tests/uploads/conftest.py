"""A station that is uploaded, and servers that record what comes and answer as they are told."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.utils import timezone

from freetemp.fields import now_millis
from readings import ingest
from readings.ingest.reports import Measurement
from stations.models import Station
from uploads.models import Upload
from uploads.networks import NETWORKS

SECRET = "s3cret key&/%"


class Recorder:
    """An HTTP server: the requests that came, and the answer that the next ones get."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str, dict[str, str], bytes]] = []
        self.status, self.body, self.headers = 200, "success\n", {}
        recorder = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                recorder.requests.append((self.command, self.path, dict(self.headers), body))
                self.send_response(recorder.status)
                for name, value in recorder.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(recorder.body.encode())

            do_POST = do_GET  # noqa: N815 - http.server's own form

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/update"

    def queries(self) -> list[dict[str, str]]:
        return [dict(parse_qsl(urlsplit(path).query)) for _, path, *_ in self.requests]


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    recorder = Recorder()
    thread = threading.Thread(target=recorder.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield recorder
    recorder.server.shutdown()
    thread.join()
    recorder.server.server_close()


@pytest.fixture
def roof(db):
    """A station with a temperature and a humidity, of now."""
    station = Station.objects.create(name="Roof", timezone="Europe/Berlin", latitude=50.1, longitude=-8.5)
    station.fields.create(number=2, name="humidity", unit="%")
    store(station, now_millis(), 20.0)
    return station


def store(station, at_ms, temperature):
    ingest.store(station, [Measurement(1, at_ms, temperature), Measurement(2, at_ms, 50.0)])


@pytest.fixture
def uploads(roof, recorder):
    """Make an upload of the station to the recorder: uploads("wunderground")."""

    def make(network="wunderground", **more):
        given = {"identity": "KTEST1", "server": recorder.url} | more
        upload = Upload(station=roof, network=network, **given)
        upload.interval_s = more.get("interval_s", int(NETWORKS[network].interval.total_seconds()))
        upload.set_secret(SECRET)
        upload.next_at = timezone.now()
        upload.full_clean()
        upload.save()
        return upload

    return make
