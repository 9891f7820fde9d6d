"""The real server as a program, on the test's own database."""

from __future__ import annotations

import os
import signal
import socket
import time
from pathlib import Path
from typing import Self

from django.conf import settings
from django.db import connection

from bootstrap import WAITRESS_LIMITS
from tests import preloaded
from tests.programs import PATIENCE_S, kill, waited

ROOT = Path(__file__).parent.parent
# As in docs/deploy.md.
SHIPPED = "deploy/gunicorn.conf.py"
GRANIAN = ["--host", "127.0.0.1", "--interface", "wsgi", "--no-ws", "--http", "1", "--blocking-threads", "16"]


def database_url() -> str:
    """Return the DATABASE_URL of the database that this test uses."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return os.environ["DATABASE_URL"].rpartition("/")[0] + f"/{name}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """gunicorn as shipped, Granian, waitress as on Windows, or Django's runserver; used with `with`.

    gunicorn has one process for everybody, which starts in half the time. With WEB_CONCURRENCY, boards and people have
    processes of their own, as shipped.
    """

    def __init__(
        self, log: Path, program: str = "gunicorn", config: str = "deploy/gunicorn.conf.py", **environment: str
    ) -> None:
        self.port, self.log, self.program = free_port(), log, program
        self.url = f"http://127.0.0.1:{self.port}"
        bind = f"127.0.0.1:{self.port}"
        self.command = {
            "gunicorn": ["gunicorn", "-c", config, "--bind", bind, "freetemp.wsgi"],
            "granian": ["granian", *GRANIAN, "--port", str(self.port), "freetemp.wsgi:application"],
            "runserver": ["django", "runserver", "--noreload", bind],
            "waitress": ["waitress", "--listen", bind, *WAITRESS_LIMITS, "freetemp.wsgi:application"],
        }[program]
        self.is_preloaded = program == "gunicorn" and config == SHIPPED
        self.environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "tests.quick_logins",
            "DATABASE_URL": database_url(),
            "SERVER_URL": self.url,
            "VAR_DIR": str(settings.VAR_DIR),
            **({} if "WEB_CONCURRENCY" in environment else {"GUNICORN_CMD_ARGS": "--workers=1"}),
            **environment,
        }

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            kill(self.process)
            raise
        return self

    def __exit__(self, *exc: object) -> None:
        if self.process.poll() is None:
            self.stop(signal.SIGTERM)

    def start(self) -> None:
        with self.log.open("ab") as log, Path(os.devnull).open() as nothing:
            begin = preloaded.start if self.is_preloaded else preloaded.start_anew
            self.process = begin(["-m", *self.command], self.environment, (nothing, log, log), leads=True)
        deadline = time.monotonic() + PATIENCE_S
        while not self.answers():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.05)

    def stop(self, number: int) -> None:
        """Send a signal to the server and all its workers, and wait until it ends."""
        os.killpg(self.process.pid, number)
        waited(self.process)

    def send(self, request: bytes) -> tuple[int, dict[str, str], bytes]:
        """Send raw bytes on a connection of their own; return status, headers in lower case, and the rest."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_S) as connection:
            connection.sendall(request)
            if self.program != "granian":  # Granian treats a half-closed connection as closed; boards never half-close.
                connection.shutdown(socket.SHUT_WR)
            answer = b"".join(iter(lambda: connection.recv(65_536), b""))
        head, _, body = answer.partition(b"\r\n\r\n")
        status, *lines = head.decode("latin-1").split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines)
        return int(status.split()[1]), headers | {"size": str(len(answer))}, body

    def answers(self) -> bool:
        try:
            # Under gunicorn another process answers people. It refuses this without its database.
            head = b"POST /api/v1/stations/ HTTP/1.0\r\nHost: 127.0.0.1\r\nContent-Length: 1\r\n\r\n"
            people = self.send(head + b"x")
            return people[0] > 0 and self.send(b"GET /update/ HTTP/1.0\r\n\r\n")[0] == 400
        except (OSError, IndexError):  # No server listens, or one that is about to end.
            return False
