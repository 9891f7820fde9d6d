"""Slows down clients that guess keys."""

from __future__ import annotations

import ipaddress
import logging
import time
from collections.abc import Mapping
from typing import Any

from django.core.cache import cache
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from freetemp.http.proxies import client_address

logger = logging.getLogger(__name__)

WRONG_KEYS = 60
WITHIN_S = 60
WITHOUT_CACHE_S = 30  # A cache that failed is not asked for this long: an absent Redis may take a second to fail.


def network(meta: Mapping[str, Any]) -> str:
    """Return the network that a request is counted under, by its META: an IPv4 address, or the /64 of an IPv6 address.

    A client with one address of a /64 has all of them.
    """
    address = client_address(meta)
    if ":" not in address:
        return address
    return str(ipaddress.ip_network((int(ipaddress.ip_address(address)), 64), strict=False))


class WrongKeys:
    """Counts wrong keys by network, in the cache that all workers share.

    It is asked only after a refusal, so wrong keys from others never affect a right key.
    """

    def __init__(self) -> None:
        self._cache_failed_until = 0.0

    def wait_s(self, meta: Mapping[str, Any]) -> int:
        """Count a wrong key. Return 0, or the seconds to wait if its network has sent too many."""
        if time.monotonic() < self._cache_failed_until:
            return 0
        try:
            return WITHIN_S if _count(f"wrong-keys:{network(meta)}") > WRONG_KEYS else 0
        except Exception:
            # A full disk and an absent Redis raise different errors. The refusal is answered in any case.
            self._cache_failed_until = time.monotonic() + WITHOUT_CACHE_S
            logger.exception("Wrong keys are not counted for %d s: the cache failed.", WITHOUT_CACHE_S)
            return 0


def _count(key: str) -> int:
    try:
        count = cache.incr(key)
    except ValueError:  # The first one. If another worker adds it first, this one is lost, which does no harm.
        cache.add(key, 1, WITHIN_S)
        return 1
    if count == WRONG_KEYS + 1:
        # The wait begins here. A Redis key that expired within incr() has no expiry: this sets one.
        cache.touch(key, WITHIN_S)
    return count


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
