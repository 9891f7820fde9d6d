"""Look after the stations, and tell people of troubles, until it is stopped."""

from __future__ import annotations

import logging
import signal
import threading
import time
from http.client import HTTPException
from typing import Any
from urllib.error import URLError
from urllib.request import Request, build_opener

from django.conf import settings
from django.core.management import CommandParser

from alerts.watching import Watcher
from freetemp import __version__
from freetemp.background import try_to
from freetemp.command import BaseCommand
from freetemp.http.no_redirects import NoRedirects
from freetemp.running_code import running_code

ROUND_S = 20.0
PING_S, PING_TIMEOUT_S = 60.0, 5.0

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Look after the stations, and tell people of troubles (docs/alerts.md). It runs until it is stopped."
    # They load every page: 20 MB that the watch never uses. `prepare` and the server run them.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="Do one round, and end.")

    def handle(self, *args: Any, once: bool, **options: Any) -> None:
        watcher, stopped = Watcher(), threading.Event()
        if once:
            watcher.go_round()
            while watcher.is_writing:
                watcher.go_round()
            watcher.leave()
            return
        for number in (signal.SIGTERM, signal.SIGINT):
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, lambda *_: stopped.set())
        running_code.remember()
        ping = Ping(settings.WATCH_PING_URL)
        while not stopped.is_set():
            if try_to(watcher.go_round, "The watch could not look after the stations"):
                ping.after_a_round()
            stopped.wait(ROUND_S)
        try_to(watcher.leave, "The watch could not be left to another process")


class Ping:
    """Tells another service once a minute that the watch is kept, so that a dead server is noticed there."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._next_s = 0.0

    def after_a_round(self) -> None:
        if not self._url or time.monotonic() < self._next_s:
            return
        self._next_s = time.monotonic() + PING_S
        request = Request(self._url, headers={"User-Agent": f"freetemp/{__version__}"})  # noqa: S310 - the operator's own
        try:
            build_opener(NoRedirects).open(request, timeout=PING_TIMEOUT_S).close()
        except (URLError, HTTPException, OSError) as error:
            logger.warning("WATCH_PING_URL did not answer: %s", getattr(error, "reason", error))
