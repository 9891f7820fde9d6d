"""Slows down clients that guess passwords: each wrong one makes the next wait longer.

Nobody is locked out: a wait is that of the network which sent wrong passwords, whatever account they were for. A right
password from another network enters at once.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Mapping
from math import ceil
from typing import Any

from django.contrib.auth.signals import user_login_failed
from django.db import Error as DatabaseError
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from freetemp.http.proxies import client_network
from freetemp.models import WrongLogins
from freetemp.shared_counts import SharedCounts

logger = logging.getLogger(__name__)

WITHIN_S = 3600  # Wrong passwords are forgotten an hour after the last one.
FREE_TRIES = 10  # of a network, before it has to wait
FREE_TRIES_OF_ACCOUNT = 30  # from all networks together, before each wrong password for it costs a wait
FIRST_WAIT_S = 5
LONGEST_WAIT_S = 900
LONGEST_WAIT_FOR_ACCOUNT_S = 60  # Its owner may mistype too, while others guess.

_counts = SharedCounts("Wrong passwords")


def wait_s(meta: Mapping[str, Any]) -> int:
    """Return the seconds for which a request's network, by its META, has to wait before another password, or 0."""
    until = _counts.get(_wait_of(client_network(meta)))
    return min(max(0, ceil((until or 0) - time.time())), LONGEST_WAIT_S)


def note(meta: Mapping[str, Any], account: str) -> None:
    """Count a wrong password, for its network and for the account that it was meant for."""
    network = client_network(meta)
    name = hashlib.sha256(account.encode(errors="surrogatepass")).hexdigest()
    count = _counts.add(f"wrong-passwords:{network}", WITHIN_S, lambda _: True)
    for_account = _counts.add(f"wrong-passwords-for:{name}", WITHIN_S, lambda _: True)
    wait = max(
        _grown(count - FREE_TRIES, LONGEST_WAIT_S),
        _grown(for_account - FREE_TRIES_OF_ACCOUNT, LONGEST_WAIT_FOR_ACCOUNT_S),
    )
    if wait:
        _counts.keep(_wait_of(network), time.time() + wait, wait)
    if count == FREE_TRIES:
        logger.warning("%d wrong passwords came from %s: it waits longer after each one now.", count, network)


def _grown(beyond: int, longest_s: int) -> int:
    """Return the wait after a wrong password that is so many beyond the free ones: it doubles with each."""
    return 0 if beyond < 0 else min(longest_s, FIRST_WAIT_S * 2 ** min(beyond, 16))


def _wait_of(network: str) -> str:
    return f"wrong-passwords-wait:{network}"


@receiver(user_login_failed)
def _note_failed(credentials: Mapping[str, Any], request: HttpRequest | None = None, **_: Any) -> None:
    if request is None:  # A program of this server asked, and no client.
        return
    note(request.META, str(credentials.get("username", "")))
    try:
        WrongLogins.objects.note(client_network(request.META), timezone.now())
    except DatabaseError as error:
        logger.error("A wrong login is not in the overview: %s", error)  # noqa: TRY400 - the way to it says no more
