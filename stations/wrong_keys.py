"""Slows down clients that guess keys."""

from __future__ import annotations

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


class WrongKeys:
    """Counts wrong keys by network, in the cache that all workers share.

    It is asked only after a refusal, so wrong keys from others never affect a right key.
    """

    def __init__(self) -> None:
        self._counts = SharedCounts("Wrong keys")

    def wait_s(self, meta: Mapping[str, Any]) -> int:
        """Count a wrong key. Return 0, or the seconds to wait if its network has sent too many."""
        count = self._counts.add(f"wrong-keys:{client_network(meta)}", WITHIN_S, _begins_to_wait)
        return WITHIN_S if count > WRONG_KEYS else 0


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
