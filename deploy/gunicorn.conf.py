"""gunicorn's configuration, for bootstrap.py and for deploy/'s systemd unit. docs/settings.md lists its settings."""

import sys
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from gunicorn import util
from gunicorn.config import Config
from gunicorn.glogging import Logger

from freetemp.conf.env import Env
from freetemp.masking import MaskKeys, mask_keys
from freetemp.serving.allocation import give_back_memory
from freetemp.serving.worker import BoardsFirst

give_back_memory()  # Before a worker has threads.
BASE_DIR = Path(__file__).resolve().parent.parent
masking = MaskKeys()


class MaskedLogger(Logger):  # type: ignore[misc]
    """gunicorn's logs, without the keys that boards send in their URLs."""

    def setup(self, cfg: Config) -> None:
        super().setup(cfg)
        self.error_log.addFilter(masking)
        self.access_log.addFilter(masking)


def write_line(sock: Any, status: int, reason: str, message: str) -> None:
    """Answer what is no HTTP with one line, as a board reads it. gunicorn would send a page."""
    if "bare LF" in message:
        message = "end each line with \\r\\n, not with \\n alone"
    line = f"request: {mask_keys(message) or reason}"[:120].encode("ascii", "replace")
    head = f"HTTP/1.1 {status} {reason}\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n"
    util.write_nonblock(sock, f"{head}Content-Length: {len(line)}\r\n\r\n".encode("ascii") + line)


util.write_error = write_line


def pre_fork(server: Any, worker: Any) -> None:
    if isinstance(worker, BoardsFirst):
        worker.take_part(server.WORKERS.values(), server.num_workers)


bind = "127.0.0.1:8000"
worker_class = "freetemp.serving.worker.BoardsFirst"
# Half of the processes answer boards, and the other half answer everybody else: freetemp/serving/worker.py
# Reports that wait in one process are stored together, so many threads in one are faster than a few in several:
# SQLite has one writer anyway. benchmarks/README.md has the figures.
try:
    env = Env(BASE_DIR / ".env")
    workers = 2 * env.number("WEB_CONCURRENCY", default=1, least=1)
    threads = env.number("WEB_THREADS", default=16, least=1)
    accesslog = "-" if env.on_or_off("ACCESS_LOG", default=False) else None
except ImproperlyConfigured as error:
    sys.exit(str(error))
keepalive = 5  # Boards connect again for each request; a browser fetches a page's files within this time.
graceful_timeout = 10
limit_request_line = 8190  # gunicorn's maximum; a history's URL may be long.

forwarded_allow_ips = ""  # freetemp.http.proxies decides instead; gunicorn would trust this machine.

logger_class = MaskedLogger

# The workers' signs of life go here: on a disk, the disk's waits would count as theirs.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - gunicorn makes its own file there
control_socket_disable = True  # It would lie in the home directory.
