"""One round of the watch: look, write what is to be told, and send it."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from alerts.letters.desk import Desk
from alerts.models import Rhythm, Watch
from alerts.notices import are_due, write_notices, write_server_notices
from alerts.rules import server
from alerts.rules.limits import Limits
from alerts.rules.silence import Silences
from alerts.rules.states import States
from alerts.sending.outbox import send_due
from audit import retention
from freetemp.clock import clock
from freetemp.fields import EPOCH, to_millis
from outages import history, live
from outages.minded import minded_stations

A_DAY = timedelta(days=1)


class Watcher:
    """A process that may keep the watch. Of several, one does, and another one goes on when it ends."""

    def __init__(self, now: Callable[[], datetime] = timezone.now) -> None:
        self._now = now
        self.holder = f"{socket.gethostname()[:20]} {secrets.token_hex(6)}"
        self._silences, self._limits, self._states = Silences(), Limits(), States()
        self._server_at = self._pruned_at = EPOCH
        self._desk = Desk(self.holder, now)

    def go_round(self) -> bool:
        """Do one round, and return whether this process keeps the watch."""
        at = self._now()
        if clock.is_behind(to_millis(at)):
            return False  # Nobody knows who is late.
        watch = Watch.take(self.holder, at)
        if watch is None:
            self._silences = Silences()  # What another process saw meanwhile is unknown here.
            self._desk.leave()
            return False
        self._look(at, watch.since)
        send_due(self.holder, self._now)
        self._desk.work()
        history.search_next(at)
        self._prune(at)
        return True

    def _prune(self, at: datetime) -> None:
        """Remove deeds that are older than AUDIT_DAYS, once a day."""
        if not timedelta() <= at - self._pruned_at < A_DAY:
            self._pruned_at = at
            retention.prune(at)

    @property
    def is_writing(self) -> bool:
        """Tell whether the next round goes on with a letter."""
        return self._desk.is_busy

    def leave(self) -> None:
        """Let another process keep the watch at once."""
        Watch.leave(self.holder)

    def _look(self, at: datetime, since: datetime) -> None:
        if abs(at - self._server_at) >= server.EVERY:
            server.look(at)
            self._server_at = at
        stations = minded_stations(at)
        live.look(at, stations, Rhythm.objects.longest)
        writes = [
            *self._silences.look(at, since, stations),
            *self._limits.look(at),
            *self._states.look(at, stations),
        ]
        if not writes and not are_due(at):
            return
        # All was read before: with SQLite, boards wait while this lasts.
        with transaction.atomic():
            if Watch.is_kept_by(self.holder):
                for write in writes:
                    write()
                write_notices(at)
                write_server_notices(at)
