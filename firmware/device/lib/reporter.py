"""Delivers readings: directly while there is a network, else through the outbox (docs/http-api.md).

The server treats a reading as a repeat unless its seq is above the boot's highest. So a reading is sent only after all
earlier ones of its boot were sent or dropped: readings on flash go first, and readings only in RAM follow.
"""

import os
import struct

from health import Health
from identity import REPORTER_AT
from micropython import const
from outbox import AT_MOST
from records import RECORD, pack, unpack
from report import Body, codes, printable, receipt

_FIRST = const(8)  # readings of the first report after a failure: if all are rejected, the answer still fits 1 KiB
_FRESH = const(8)  # readings in RAM
_TELL_S = const(600)  # between reports of trouble alone
_DAY_S = const(86400)  # how long losses are reported
_HOUR_S = const(3600)  # the longest wait after a refusal
_OUTAGE_S = const(600)  # the longest wait when nothing answers: readings should arrive soon after the server is back
_EARLIEST = const(1_600_000_000)  # no server's clock is right before 2020
_MOST_FAILURES = const(12)  # more make no difference

_WORDS = "<HHIIIHHHHHH"  # failures, of Health; seconds since power-up: retry, told, lost; the losses; two of Health
_WORDS_BYTES = const(28)
_FULL = const(0)
_DAMAGED = const(1)
_UNDATED = const(2)
_REFUSED = const(3)
_LOSSES = ("too many", "damaged", "without a date", "refused")


class Reporter:
    """`trouble` is the station's own message ("ds18b20: no answer"), "" if all is well. It may be set at any time.

    post(body) -> (status, retry_after_s or None, answer) sends a report; `body` yields strings, until post() returns.
    It raises OSError if there is no answer, or no network.
    """

    def __init__(self, config, clock, identity, outbox, post):
        self.trouble = self._flash = ""  # the station's own, and the flash's
        self._first_wait_s = max(1, min(30, config["interval_s"] // 2))  # The next reading may try again.
        self._firmware = config.get("firmware", "")  # For a version alone, no board is to stop.
        self._clock, self._identity, self._outbox, self._post = clock, identity, outbox, post
        self._fresh = bytearray(_FRESH * RECORD)
        self._fresh_count = 0
        self._limit = _FIRST
        self._alone = 0  # this many of the oldest go one by one, since one of them is refused
        self._refusals = 0  # in a row
        self._recall()

    def add(self, field, thousandths):
        """Add a reading, measured now. It stays in RAM until deliver() or keep()."""
        at = self._clock.now()
        if at is None:
            self._put(self._clock.up_s(), thousandths, self._identity.run, field)
        else:
            self._put(at, thousandths, 0, field)

    def deliver(self):
        """Send at most one report: waiting readings, oldest first, or untold trouble.

        Returns None when nothing waits, else the seconds until the next try: 0 if more waits and may go at once.
        Calling earlier is harmless. Afterwards every reading is on flash, so the board may sleep, unless the flash
        refuses, which is reported as trouble.
        """
        if self._retry_up_s <= self._clock.up_s():
            self._deliver_next()
        wait_s = self._wait_s()
        if wait_s is not None:
            self.keep()
        self._collect()
        self._remember()
        return wait_s

    def keep(self):
        """Write readings in RAM to flash: before a reset, or a wait without network."""
        if self._fresh_count:
            try:
                self._outbox.append(memoryview(self._fresh)[: self._fresh_count * RECORD])
                self._fresh_count = 0
                self._flash = ""
            except OSError as error:
                self._flash = "flash: error %s" % error.args[0]

    # Waiting readings

    def _put(self, when, thousandths, run, field):
        if self._fresh_count == _FRESH:
            self.keep()
        if self._fresh_count == _FRESH:  # The flash refuses.
            self._drop_fresh(1)
            self._lose(_FULL, 1)
        identity = self._identity
        pack(self._fresh, self._fresh_count, identity.boot, identity.next_seq(), when, thousandths, run, field)
        self._fresh_count += 1

    def _drop_fresh(self, count):
        self._fresh[: (_FRESH - count) * RECORD] = self._fresh[count * RECORD :]
        self._fresh_count -= count

    def _wait_s(self):
        waits = len(self._outbox) or self._fresh_count or (self._news() and self._may_tell())
        return max(0, self._retry_up_s - self._clock.up_s()) if waits else None

    def _deliver_next(self):
        if len(self._outbox):
            self.keep()
            count = self._outbox.peek(1 if self._alone else self._limit)
            count = self._datable(count)
            if count:
                self._send(self._outbox.buffer, count)
        elif self._fresh_count:
            self._send(self._fresh, min(self._fresh_count, 1 if self._alone else self._limit))
        elif self._news() and self._may_tell():
            self._send(self._fresh, 0)

    def _datable(self, count):
        """Return how many of the peeked records can be dated, up to the first that cannot.

        If the very first cannot, it is dropped with the undatable ones right after it, and the next call goes on.
        """
        buffer = self._outbox.buffer
        dated = 0
        while dated < count and self._moment(buffer, dated):
            dated += 1
        if dated or not count:
            return dated
        lost = 1
        while lost < count and not self._moment(buffer, lost):
            lost += 1
        self._outbox.drop(lost)
        self._alone = max(0, self._alone - lost)
        self._lose(_UNDATED, lost)
        return 0

    def _moment(self, buffer, index):
        """Return ("at", Unix seconds) or ("age", seconds) of a record, None if its time is lost."""
        boot, _, when, _, run, _ = unpack(buffer, index)
        if run == 0:
            return "at", self._clock.correct(when)
        if boot == self._identity.boot and run == self._identity.run:
            return "age", max(0, self._clock.up_s() - when)
        start = self._outbox.start_of(boot, run)
        return start and ("at", start + when)

    # A report and its answer

    def _send(self, buffer, count):
        failures = self._failures
        self.health.failed = min(0xFFFF, self.health.failed + 1)
        self._back_off(_OUTAGE_S)  # This holds however the post ends, even in an exception or the watchdog's reset.
        self._remember()
        try:
            status, retry_after_s, answer = self._post(self._report(buffer, count))
        except (OSError, ValueError):  # No network, no server, or not HTTP.
            status, retry_after_s, answer = 0, None, b""
        last_seq = unpack(buffer, count - 1)[1] if count else None
        accepted = receipt(answer, last_seq) if status == 200 else None
        if accepted:
            self._accepted(accepted, buffer, count)
            self._failures = self._refusals = self._retry_up_s = 0
        else:
            self._failures, self._retry_up_s = failures, 0
            self._failed(status, retry_after_s, buffer, count)

    def _report(self, buffer, count):
        news = self._news()
        self._told = bool(news) and not self._alone  # Alone, a reading is not refused because of the rest.
        boot = unpack(buffer, 0)[0] if count else self._identity.boot
        rest = () if self._alone else (news, self._firmware, self.health.member)
        return Body(boot, count, lambda index: self._reading(buffer, index), *rest)

    def _reading(self, buffer, index):
        _, seq, _, value, _, field = unpack(buffer, index)
        name, seconds = self._moment(buffer, index)
        return seq, field, value, name, seconds

    def _accepted(self, answer, buffer, count):
        if not self._alone:
            self.health.untold = self.health.failed = 0
        self._alone = max(0, self._alone - count)
        if self._told:
            self._told_up_s = self._clock.up_s() + 1  # 0 means never
        self._set_clock(answer.get("time"))
        again = self._rejected(answer.get("rejected"), buffer, count)
        self._limit = _FIRST if again else min(AT_MOST, 2 * self._limit)
        if buffer is self._fresh:
            self._forget(buffer, count)
        for when, thousandths, field in again:
            self._put(when, thousandths, 0, field)
        if buffer is not self._fresh:
            self.keep()  # Power may fail before they are dropped, but not in between.
            self._forget(buffer, count)

    def _set_clock(self, time):
        if type(time) is int and _EARLIEST <= time < 1 << 32:
            self._clock.set(time)
            self._outbox.remember_start(self._identity.boot, self._identity.run, self._clock.start())

    def _rejected(self, rejections, buffer, count):
        """Count readings that can never be stored; return those with a new date: (Unix seconds, thousandths, field)."""
        again, rejected = [], codes(rejections)
        for index in range(count):
            _, seq, when, value, run, field = unpack(buffer, index)
            code = rejected.get(seq)
            # A date of long ago stays as it is: it would be refused again and again.
            if code == "clock" and run == 0 and when >= _EARLIEST:
                again.append((self._clock.correct(when), value, field))
            elif code:
                self._lose(_REFUSED, 1)
        return again

    def _failed(self, status, retry_after_s, buffer, count):
        if status == 400:
            self._refused(buffer, count)
        elif status == 413 and count > 1:
            self._limit = count // 2
        elif status in (429, 503) and retry_after_s is not None:
            self._wait(retry_after_s)
        else:
            # The answer to a 200 may have been too long: shorter reports have shorter answers.
            self._limit = min(self._limit, _FIRST)
            self._back_off(_HOUR_S if status in (401, 403) or 300 <= status < 400 else _OUTAGE_S)

    def _refused(self, buffer, count):
        """Handle a 400: find the refused reading, and drop it.

        If one after another is refused, slow down: the fault may be the server's, and all of them would be lost.
        """
        if not count:
            self._told_up_s = self._clock.up_s() + 1
        elif not self._alone:
            self._alone = count
        else:
            self._alone -= 1
            self._forget(buffer, 1)
            self._lose(_REFUSED, 1)
            self._refusals += 1
            if self._refusals > 1:
                self._back_off(_HOUR_S)

    def _forget(self, buffer, count):
        """Drop the oldest readings from the place that they were sent from."""
        if buffer is not self._fresh:
            self._outbox.drop(count)
        elif self._fresh_count:  # Else keep() ran during the post: the server recognizes the repeats.
            self._drop_fresh(count)

    # Waiting

    def _back_off(self, longest_s):
        """Wait twice as long after each failure, give or take a quarter: a fleet must not return all at once."""
        wait_s = min(longest_s, self._first_wait_s << self._failures)
        self._failures = min(_MOST_FAILURES, self._failures + 1)
        self._wait(wait_s - wait_s // 4 + wait_s * os.urandom(1)[0] // 512)

    def _wait(self, wait_s):
        self._retry_up_s = self._clock.up_s() + max(1, min(_HOUR_S, wait_s))

    # Trouble

    def _news(self):
        """Return everything that is wrong, "" if all is well."""
        parts = [self.trouble, self._flash]
        parts.extend("%d %s" % (self._losses[at], _LOSSES[at]) for at in range(4) if self._losses[at])
        return printable("; ".join(part for part in parts if part))

    def _may_tell(self):
        return not self._told_up_s or self._clock.up_s() - self._told_up_s >= _TELL_S

    def _collect(self):
        """Take over the outbox's losses, and forget losses that have been reported for a day."""
        self._lose(_FULL, self._outbox.dropped)
        self._lose(_DAMAGED, self._outbox.damaged)
        self._outbox.dropped = self._outbox.damaged = 0
        if self._clock.up_s() - self._lost_up_s >= _DAY_S:
            self._losses = [0, 0, 0, 0]

    def _lose(self, kind, count):
        if count:
            self._losses[kind] = min(0xFFFF, self._losses[kind] + count)
            self._lost_up_s = self._clock.up_s()

    # Over deep sleep and resets

    def _remember(self):
        health = self.health
        words = [self._failures, health.untold, self._retry_up_s, self._told_up_s, self._lost_up_s] + self._losses
        self._identity.keep(REPORTER_AT, struct.pack(_WORDS, *words, health.starts, health.failed))

    def _recall(self):
        words = struct.unpack(_WORDS, self._identity.recall(REPORTER_AT, _WORDS_BYTES))
        self._losses = list(words[5:9])
        times = words if self._identity.woke else (0,) * 5  # After a reset, seconds count from 0.
        self._failures, _, self._retry_up_s, self._told_up_s, self._lost_up_s = times[:5]
        self.health = Health(self._identity.woke, self._clock, words[1], *words[9:])
        self._remember()  # It is another start from here on.
