"""Slows down clients that guess: each wrong password, code or passkey makes the next wait longer.

A try is counted before its secret is looked at, and taken back if it was right: so two workers never look at one more
than the limit allows. Nobody is locked out. A wrong password is a wait of the network that it came from, whatever
account it was for; a right one from another network enters at once. A wrong code is a wait for its account as well:
a code has six digits, and whoever guesses it knows the password. That wait ends by itself.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Mapping
from math import ceil
from typing import Any, NamedTuple

from django.contrib.auth.signals import user_login_failed
from django.db import Error as DatabaseError
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from freetemp.clock import database_clock
from freetemp.http.proxies import client_address, client_network
from freetemp.models import WrongLogins
from freetemp.shared_counts import SharedCounts

logger = logging.getLogger(__name__)

WITHIN_S = 3600  # Wrong passwords are forgotten an hour after the last one.
FREE_TRIES = 10  # of a network, before it has to wait
FREE_TRIES_OF_ACCOUNT = 30  # from all networks together, before each wrong password for it costs a wait
FREE_CODES = 10  # of an account, from all networks together, before its codes have to wait
FIRST_WAIT_S = 5
LONGEST_WAIT_S = 900
LONGEST_WAIT_FOR_ACCOUNT_S = 60  # Its owner may mistype too, while others guess.

_counts = SharedCounts("Wrong passwords")


class _Limit(NamedTuple):
    """A count of tries, and the wait that it costs when there are too many."""

    counted: str
    free: int
    longest_s: int
    wait: str


class Try:
    """One look at a secret that somebody sent. `begin()` comes before it, `was_right()` or `was_wrong()` after it."""

    def __init__(self, meta: Mapping[str, Any], limits: list[_Limit]) -> None:
        self._meta = meta
        self._limits = limits
        self._claimed: list[str] = []
        self._counts: list[int] = []

    @classmethod
    def password(cls, meta: Mapping[str, Any], account: str) -> Try:
        """Return a try of a password for an account, by its name as it was typed."""
        wait = _wait_of(client_network(meta))
        of_account = _Limit(_of_account(account), FREE_TRIES_OF_ACCOUNT, LONGEST_WAIT_FOR_ACCOUNT_S, wait)
        return cls(meta, [_of_network(meta), of_account])

    @classmethod
    def code(cls, meta: Mapping[str, Any], user: int) -> Try:
        """Return a try of a code for a person, by their number, whose password was right."""
        of_account = _Limit(_codes_of(user), FREE_CODES, LONGEST_WAIT_S, _wait_for_codes(user))
        return cls(meta, [_of_network(meta), of_account])

    @classmethod
    def passkey(cls, meta: Mapping[str, Any]) -> Try:
        """Return a try of a passkey. None can be guessed: only the network waits."""
        return cls(meta, [_of_network(meta)])

    def begin(self) -> int:
        """Count the try, and return 0; or return the seconds to wait, and the secret is not looked at."""
        wait = max(map(_left, {limit.wait for limit in self._limits}))
        if wait:
            return wait
        self._counts = [_counts.add(limit.counted, WITHIN_S, lambda _: True) for limit in self._limits]
        for name, wait in self._due():
            if not _counts.claim(name, _now_s() + wait, wait):  # Another try was first.
                self.was_right()
                return max(1, _left(name))
            self._claimed.append(name)
        return 0

    def was_right(self) -> None:
        """Take it back: it costs nothing."""
        for limit in self._limits:
            _counts.take_back(limit.counted)
        for name in self._claimed:
            _counts.drop(name)

    @property
    def is_one_too_many(self) -> bool:
        """Tell whether the account's free tries are used up by just this one."""
        return len(self._counts) > 1 and self._counts[1] == self._limits[1].free

    @property
    def is_of_account(self) -> bool:
        """Tell whether a wait is that of the account, from wherever the wrong ones came."""
        return not _left(self._limits[0].wait)

    def was_wrong(self) -> None:
        if self._counts and self._counts[0] == FREE_TRIES:
            network = client_network(self._meta)
            logger.warning("%d wrong logins came from %s: it waits longer after each one now.", FREE_TRIES, network)

    def _due(self) -> list[tuple[str, int]]:
        """Return the waits that this try costs unless it is right, by their names."""
        waits: dict[str, int] = {}
        for limit, count in zip(self._limits, self._counts, strict=True):
            wait = _grown(count - limit.free, limit.longest_s)
            waits[limit.wait] = max(wait, waits.get(limit.wait, 0))
        return [(name, wait) for name, wait in waits.items() if wait]


def wait_s(meta: Mapping[str, Any]) -> int:
    """Return the seconds for which a request's network, by its META, has to wait before another login, or 0."""
    return _left(_wait_of(client_network(meta)))


def forget_network(address: str) -> bool:
    """Let a network try again at once, by an address of it. Return whether it had to wait, or had been counted."""
    network = client_network({"REMOTE_ADDR": address.partition("/")[0]})
    dropped = [_counts.drop(name) for name in (_wait_of(network), _counted_of(network))]
    return any(dropped)


def forget_account(account: str, user: int) -> bool:
    """Let an account be tried again at once, by its name and number. Return whether there was anything to forget."""
    names = (_of_account(account), _codes_of(user), _wait_for_codes(user))
    dropped = [_counts.drop(name) for name in names]
    return any(dropped)


def say(meta: Mapping[str, Any], what: str, whose: str) -> None:
    """Write the one line of a wrong login, which programs such as fail2ban read. Nothing that was typed is in it."""
    logger.warning("Wrong %s from %s for %s.", what, client_address(meta) or "an unknown address", whose)


def note(meta: Mapping[str, Any]) -> None:
    """Count a wrong login for the overview."""
    try:
        WrongLogins.objects.note(client_network(meta), timezone.now())
    except DatabaseError as error:
        logger.error("A wrong login is not in the overview: %s", error)  # noqa: TRY400 - the way to it says no more


def _now_s() -> float:
    """Return the present moment by the clock that all nodes share, which asks nobody."""
    return time.time() + database_clock.ahead_ms / 1000


def _left(name: str) -> int:
    until = _counts.get(name)
    return min(max(0, ceil((until or 0) - _now_s())), LONGEST_WAIT_S)


def _grown(beyond: int, longest_s: int) -> int:
    """Return the wait after a wrong one that is so many beyond the free ones: it doubles with each."""
    return 0 if beyond < 0 else min(longest_s, FIRST_WAIT_S * 2 ** min(beyond, 16))


def _of_network(meta: Mapping[str, Any]) -> _Limit:
    network = client_network(meta)
    return _Limit(_counted_of(network), FREE_TRIES, LONGEST_WAIT_S, _wait_of(network))


def _counted_of(network: str) -> str:
    return f"wrong-passwords:{network}"


def _wait_of(network: str) -> str:
    return f"wrong-passwords-wait:{network}"


def _of_account(account: str) -> str:
    return f"wrong-passwords-for:{hashlib.sha256(account.encode(errors='surrogatepass')).hexdigest()}"


def _codes_of(user: int) -> str:
    return f"wrong-codes-for:{user}"


def _wait_for_codes(user: int) -> str:
    return f"wrong-codes-wait:{user}"


@receiver(user_login_failed)
def _note_failed(credentials: Mapping[str, Any], request: HttpRequest | None = None, **_: Any) -> None:
    if request is None:  # A program of this server asked, and no client.
        return
    say(request.META, "password", "an account")
    note(request.META)
