"""Slows down clients that guess keys."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rest_framework.throttling import BaseThrottle

from freetemp.http.proxies import client_network
from freetemp.shared_counts import SharedCounts

if TYPE_CHECKING:  # Classes that the settings name for all of REST framework's views count wrong tokens, too.
    from rest_framework.request import Request
    from rest_framework.views import APIView

WRONG_KEYS = 60
WITHIN_S = 60
KNOWN_FOR_S = 1
MOST_KNOWN = 1_000


class WrongKeys:
    """Counts wrong keys by network, in the cache that all workers and nodes share.

    It is asked only after a refusal, so wrong keys from others never affect a right key. A network that has to wait is
    asked about once a second: a flood of wrong keys is no flood of writes.
    """

    def __init__(self) -> None:
        self._counts = SharedCounts("Wrong keys")
        self._told_at: dict[str, float] = {}  # the networks that have to wait, and when that was last heard

    def wait_s(self, meta: Mapping[str, Any]) -> int:
        """Count a wrong key. Return 0, or the seconds to wait if its network has sent too many."""
        network = client_network(meta)
        if 0 <= time.time() - self._told_at.get(network, 0) < KNOWN_FOR_S:
            return WITHIN_S
        if self._counts.add(f"wrong-keys:{network}", WITHIN_S, _begins_to_wait) <= WRONG_KEYS:
            return 0
        if len(self._told_at) >= MOST_KNOWN:
            self._told_at.clear()
        self._told_at[network] = time.time()
        return WITHIN_S

    def forget(self) -> None:
        """Forget what this process knows beside the cache."""
        self._told_at.clear()


def _begins_to_wait(count: int) -> bool:
    return count == WRONG_KEYS + 1


wrong_keys = WrongKeys()


class WrongKeyThrottle(BaseThrottle):
    """Counts a request that has not proven its station, and refuses it if its network has sent too many.

    DRF would ask it for proven requests, which pass uncounted. So a view asks it when authentication fails.
    """

    wait_s = 0

    def allow_request(self, request: Request, view: APIView) -> bool:
        if request.successful_authenticator is None:
            self.wait_s = wrong_keys.wait_s(request.META)
        return self.wait_s == 0

    def wait(self) -> int:
        return self.wait_s
