"""Asking the provider, within a bound of time and of bytes. It loads an HTTP client, which only a login needs."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from queue import Empty, SimpleQueue
from threading import BoundedSemaphore
from typing import Any

import requests
from urllib3.exceptions import HTTPError

from accounts.oidc.errors import ProviderError
from freetemp.background import in_background

CONNECT_S, SILENCE_S, LONGEST_S = 3, 5, 8
MOST_BYTES = 512 * 1024
A_PIECE = 16 * 1024
# Those of logins, which are three at most (accounts.oidc.answers), and those for which nobody waits any more.
_threads = BoundedSemaphore(6)


class _Credentials(requests.auth.AuthBase):
    """The header that proves who asks, and no other: without this, requests would take one from a .netrc file."""

    def __init__(self, header: str) -> None:
        self.header = header

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self.header:
            request.headers["Authorization"] = self.header
        return request


def get(url: str, authorization: str = "") -> dict[str, Any]:
    """Return the JSON object that an address answers with."""
    return _ask("GET", url, authorization)


def post(url: str, form: Mapping[str, str], authorization: str = "") -> dict[str, Any]:
    """Send a form, and return the JSON object that is the answer."""
    return _ask("POST", url, authorization, form)


def _ask(method: str, url: str, authorization: str, form: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Ask within LONGEST_S, whatever takes long: neither looking up a name nor a header that trickles has an end."""
    if not _threads.acquire(blocking=False):
        raise ProviderError(f"{url} is not asked: it has not answered others yet")
    outcome: SimpleQueue[dict[str, Any] | ProviderError] = SimpleQueue()
    in_background("single-sign-on", lambda: _put(outcome, method, url, authorization, form))
    try:
        found = outcome.get(timeout=LONGEST_S)
    except Empty:
        found = ProviderError(f"{url} takes longer than {LONGEST_S} s")
    if isinstance(found, ProviderError):
        raise found
    return found


def _put(outcome: SimpleQueue[dict[str, Any] | ProviderError], method: str, url: str, *how: Any) -> None:
    try:
        outcome.put(_answer(method, url, *how))
    except ProviderError as error:
        outcome.put(error)
    finally:
        _threads.release()


def _answer(method: str, url: str, authorization: str, form: Mapping[str, str] | None) -> dict[str, Any]:
    deadline = time.monotonic() + LONGEST_S
    try:
        with requests.request(
            method,
            url,
            data=form,
            auth=_Credentials(authorization),
            headers={"Accept": "application/json", "Accept-Encoding": "identity"},
            timeout=(CONNECT_S, SILENCE_S),
            allow_redirects=False,
            stream=True,
        ) as answer:
            if answer.status_code != 200:
                raise ProviderError(f"{url} answered {answer.status_code}")
            found = json.loads(_read(answer, deadline))
    except (requests.RequestException, HTTPError, OSError) as error:
        raise ProviderError(f"{url} could not be asked: {type(error).__name__}") from error
    except (ValueError, RecursionError) as error:
        raise ProviderError(f"{url} answered with no JSON") from error
    if not isinstance(found, dict):
        raise ProviderError(f"{url} answered with no JSON object")
    return found


def _read(answer: requests.Response, deadline: float) -> bytes:
    """Return an answer that is short and comes in time. Each piece is what has come: a whole one may never."""
    pieces, size = [], 0
    while piece := answer.raw.read1(A_PIECE, decode_content=True):
        size += len(piece)
        if size > MOST_BYTES or time.monotonic() > deadline:
            raise ProviderError(f"{answer.url} sends too much or too slowly")
        pieces.append(piece)
    return b"".join(pieces)
