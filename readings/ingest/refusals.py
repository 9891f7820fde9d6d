"""Counts refused reports in memory. A thread beside the requests writes the counts down, at most once a second."""

from __future__ import annotations

import base64
import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

from django.db import Error as DatabaseError
from django.db import connection
from rest_framework.exceptions import MethodNotAllowed, ParseError, Throttled
from rest_framework.request import Request
from rest_framework.response import Response

from freetemp.http.proxies import client_network
from freetemp.sql import atomic_without_disk
from readings.ingest.board_json import LeftOut
from readings.ingest.example_lines import example, member, named, numbered, shown
from readings.ingest.reports import (
    ClockBehindError,
    DiskReserveError,
    Rejection,
    ReportError,
    TooLargeError,
    TooOftenError,
    UnknownFieldError,
)
from readings.models.refused_report import NOTHING_UNPROVEN, Reason, Refusal, RefusedReport, Tally, Unproven
from stations.authentication import UnknownKeyError, WrongKeyError
from stations.mac import parse_mac
from stations.models import Station

logger = logging.getLogger(__name__)

MOST_TALLIES = 1_000
EVERY_S = 1
UNABLE_S = 10  # The pause after the database was unable.

BROKER = "MQTT"  # where messages come from: who sent them, a broker does not tell
KEY = "key"  # A 403, until Refusals.flush() looks up the true reason: no request waits for that.
MOST_NAMES = 10  # of a report

_REASONS: list[tuple[type[Exception], str]] = [
    (UnknownKeyError, Reason.KEY_ALONE),
    (WrongKeyError, KEY),
    (Throttled, Reason.GUESSING),
    (UnknownFieldError, Reason.FIELD),
    (TooOftenError, Reason.TOO_OFTEN),
    (TooLargeError, Reason.TOO_LARGE),
    (ClockBehindError, Reason.CLOCK),
    (DiskReserveError, Reason.DATABASE),
    (MethodNotAllowed, Reason.METHOD),
    (ParseError, Reason.MALFORMED),
    (ReportError, Reason.MALFORMED),
    (DatabaseError, Reason.DATABASE),
]


@contextmanager
def _never_raising(lost: str) -> Iterator[None]:
    """Log what goes wrong as `lost`: a count is never worth an answer."""
    try:
        yield
    except Exception:
        logger.exception(lost)


def _reason(exc: Exception) -> str | None:
    return next((reason for kind, reason in _REASONS if isinstance(exc, kind)), None)


# Reasons of reports that come, or claim to come, from a station. For others, a MAC would only split a row into many.
_BY_MAC = {KEY, Reason.FIELD, Reason.TOO_OFTEN, Reason.TOO_LARGE, Reason.MALFORMED}


def _refusal(
    meta: Mapping[str, Any],
    parts: Mapping[str, str],
    reason: str,
    answer: str,
    unproven: Unproven = NOTHING_UNPROVEN,
) -> Refusal:
    part = unproven.hint if reason == Reason.KEY_ALONE else ""
    if reason == Reason.MALFORMED:
        part, colon, _ = answer.partition(":")
        part = part[:16] if colon else ""
    elif reason in (Reason.FIELD, Reason.TOO_OFTEN):
        part = shown(parts.get("field", ""))[:16]
    is_by_mac = reason in _BY_MAC and part != "path"
    return Refusal(reason, _mac(meta, parts) if is_by_mac else "", client_network(meta), part)


def _mac(meta: Mapping[str, Any], parts: Mapping[str, str]) -> str:
    try:
        if "mac" in parts:
            return parse_mac(parts["mac"])
        encoded = meta.get("HTTP_AUTHORIZATION", "").partition(" ")[2]
        return parse_mac(base64.b64decode(encoded).partition(b":")[0].decode())
    except ValueError:
        return ""


class Refusals:
    """The counts of one process. Requests call note(). A thread does the rest, once keep() has allowed it.

    Memory is bounded: beyond MOST_TALLIES, new refusals count as various. A process that ends loses the counts of its
    last second.
    """

    def __init__(self) -> None:
        self._tallies: dict[Refusal, Tally] = {}
        self._lock = threading.Lock()
        self._noted = threading.Event()
        self._is_kept = False
        self._thread: threading.Thread | None = None

    def keep(self) -> None:
        """Write counts down from now on. The thread starts with the first one, and so after a server's fork."""
        self._is_kept = True

    @_never_raising("A refused report was not counted.")
    def note(
        self,
        request: Request,
        parts: Mapping[str, str],
        exc: Exception,
        refused: Response,
        unproven: Unproven = NOTHING_UNPROVEN,
    ) -> None:
        """Count a refused request. It never raises, waits for no database, and takes microseconds."""
        reason = _reason(exc)
        if reason is not None:
            answer = str(refused.data)[:120]
            refusal = _refusal(request.META, parts, reason, answer, unproven)
            self._note(refusal, answer, lambda: example(request, parts), unproven)

    @_never_raising("Rejected readings were not counted.")
    def note_rejected(self, request: Request, rejected: Sequence[Rejection]) -> None:
        """Count the readings of an accepted report that are not stored, by their code. It never raises either."""
        if not rejected:
            return
        mac, origin = _mac(request.META, {}), client_network(request.META)
        for each in rejected:
            refusal = Refusal(Reason.REJECTED, mac, origin, each.code)
            self._note(refusal, each.reason[:120], partial(numbered, request, each.seq))

    @_never_raising("What was left out of a report was not counted.")
    def note_left_out(self, request: Request, left_out: Sequence[LeftOut]) -> None:
        """Count what an accepted report says of its board and is not stored. It never raises either."""
        if not left_out:
            return
        mac, origin = _mac(request.META, {}), client_network(request.META)
        for each in left_out:
            refusal = Refusal(Reason.BOARD, mac, origin, each.name)
            self._note(refusal, each.reason, partial(member, each.name, each.told))

    @_never_raising("A refused message was not counted.")
    def note_message(self, topic: str, exc: Exception) -> None:
        """Count a refused message of an MQTT broker. It never raises either."""
        reason = _reason(exc)
        if reason is not None:
            answer = getattr(exc, "default_detail", str(exc))[:120]
            refusal = _refusal({"REMOTE_ADDR": ""}, {}, Reason.KEY_ALONE if reason == KEY else reason, answer)
            self._note(refusal._replace(mac="", network=BROKER), answer, partial(shown, topic))

    @_never_raising("Rejected values were not counted.")
    def note_rejected_of_message(self, topic: str, rejected: Sequence[Rejection]) -> None:
        """Count the values of a message that are not stored, by their code. It never raises either."""
        for each in rejected:
            self._note(Refusal(Reason.REJECTED, "", BROKER, each.code), each.reason[:120], partial(shown, topic))

    @_never_raising("Unknown names were not counted.")
    def note_names(self, meta: Mapping[str, Any] | None, station: int, names: Sequence[str]) -> None:
        """Count the names that a proven report had and that freetemp keeps no value of. It never raises either.

        None: it came from an MQTT broker.
        """
        if not names:
            return
        origin = BROKER if meta is None else client_network(meta)
        for name in names[:MOST_NAMES]:
            refusal = Refusal(Reason.NAME, "", origin, shown(name)[:16])
            self._note(refusal, "", partial(named, station, name))

    def _note(
        self, refusal: Refusal, answer: str, make_example: Callable[[], str], unproven: Unproven = NOTHING_UNPROVEN
    ) -> None:
        now_ms = time.time_ns() // 1_000_000
        if not self._count(refusal, now_ms):
            digest = unproven.digest if refusal.reason == Reason.KEY_ALONE else ""
            self._add(refusal, Tally(1, now_ms, now_ms, answer, make_example(), unproven.device, digest))
        self._wake()

    def flush(self) -> bool:
        """Write the counts down, and return whether the database took them. If it is unable, they wait."""
        with self._lock:
            tallies, self._tallies = self._tallies, {}
        if not tallies:
            return True
        try:
            with atomic_without_disk():
                RefusedReport.objects.add(_told_apart(tallies))
        except DatabaseError:
            for refusal, tally in tallies.items():
                self._add(refusal, tally)
            self._noted.set()
            return False
        return True

    def _count(self, refusal: Refusal, now_ms: int) -> bool:
        """Count a refusal that is already counted in this second. The example of the first one stays."""
        with self._lock:
            tally = self._tallies.get(refusal)
            if tally is not None:
                tally.count += 1
                tally.last_ms = now_ms
            return tally is not None

    def _add(self, refusal: Refusal, tally: Tally) -> None:
        with self._lock:
            if refusal not in self._tallies and len(self._tallies) >= MOST_TALLIES:
                refusal = Refusal(Reason.VARIOUS, "", "", "")
            _merge(self._tallies, refusal, tally)

    def _wake(self) -> None:
        if not self._is_kept:
            return
        if self._thread is None or not self._thread.is_alive():  # A fork leaves threads behind.
            with self._lock:
                if self._thread is None or not self._thread.is_alive():
                    self._thread = threading.Thread(target=self._run, name="refusals", daemon=True)
                    self._thread.start()
        if not self._noted.is_set():
            self._noted.set()

    def _run(self) -> None:
        while True:
            self._noted.wait()
            time.sleep(EVERY_S)
            self._noted.clear()
            if not self._flush_apart():
                time.sleep(UNABLE_S)

    def _flush_apart(self) -> bool:
        """Flush on this thread's own connection, and close it: until the next refusal nobody needs it."""
        try:
            return self.flush()
        except Exception:
            logger.exception("Refused reports were not written down.")
            return False
        finally:
            connection.close()


def _merge(tallies: dict[Refusal, Tally], refusal: Refusal, tally: Tally) -> None:
    there = tallies.get(refusal)
    if there is None:
        tallies[refusal] = tally
        return
    newer = tally if tally.last_ms >= there.last_ms else there
    first_ms = min(there.first_ms, tally.first_ms)
    tallies[refusal] = replace(newer, count=there.count + tally.count, first_ms=first_ms)


def _told_apart(tallies: Mapping[Refusal, Tally]) -> dict[Refusal, Tally]:
    """Return the tallies with the true reason of each 403, which the board was not told. One query finds them all.

    A malformed report comes without a right key. So only the MACs of stations are kept: others may be made up.
    """
    macs = {refusal.mac for refusal in tallies if refusal.mac}
    active = dict(Station.objects.filter(mac__in=macs).values_list("mac", "active")) if macs else {}
    told: dict[Refusal, Tally] = {}
    for refusal, tally in tallies.items():
        if refusal.reason == KEY:
            refusal = refusal._replace(reason=_reason_for_key(refusal.mac, active))
        elif refusal.mac not in active:
            refusal = refusal._replace(mac="")
        _merge(told, refusal._replace(reason=str(refusal.reason)), tally)
    return told


def _reason_for_key(mac: str, active: Mapping[str | None, bool]) -> Reason:
    if not mac:
        return Reason.CREDENTIALS
    if mac not in active:
        return Reason.UNKNOWN_MAC
    return Reason.WRONG_KEY if active[mac] else Reason.INACTIVE


refusals = Refusals()
