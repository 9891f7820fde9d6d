"""A program that sends one message to a browser's push service, and ends: `python -m alerts.sending.push_messenger`.

It encrypts for the browser alone (RFC 8291), proves which server it is (RFC 8292), and hands over to the push service
(RFC 8030). It reads the arguments of `send` as JSON, asks by may_leave(), and prints {"status": ...,
"retry_after_s": ...}, or {"error": ...} if there is no answer. The endpoint came from a browser: only the internet is
reached, and no redirect is followed.
"""

from __future__ import annotations

import base64
import http.client
import ipaddress
import json
import socket
import ssl
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPSHandler, OpenerDirector, ProxyHandler, Request, build_opener, getproxies, proxy_bypass

from alerts.sending.leave import given, may_leave
from freetemp import __version__
from freetemp.http.no_redirects import NoRedirects

TIMEOUT_S = 10.0  # for each wait
PROOF_S = 12 * 3600  # for which it is valid. A push service refuses one of more than a day.
PRIVATE = "Its push service has an address of a private network: nothing is sent there."


class PrivateAddressError(OSError):
    """A name has no address on the internet."""


def main() -> None:
    print(json.dumps(send(**given())))  # noqa: T201 - its answer


def send(
    *, subscription: dict[str, str], private_key: str, contact: str, text: str, topic: str, urgency: str, ttl_s: int
) -> dict[str, Any]:
    """Send a text, and return the answer. `private_key` and the subscription's keys are base64url, without padding."""
    endpoint = subscription["endpoint"]
    headers = {
        **_proof(endpoint, private_key, contact),
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(ttl_s),
        "Topic": topic,
        "Urgency": urgency,
        "User-Agent": f"freetemp/{__version__}",
    }
    request = Request(endpoint, _encrypted(text, subscription), headers, method="POST")  # noqa: S310 - checked before
    opener = _opener(endpoint)
    may_leave()
    try:
        with opener.open(request, timeout=TIMEOUT_S) as answer:
            return {"status": answer.status}
    except HTTPError as error:
        with error:
            return {"status": error.code, "retry_after_s": _seconds(error.headers.get("Retry-After", ""))}
    except (OSError, http.client.HTTPException) as error:
        return {"error": _reason(getattr(error, "reason", error))}


def _encrypted(text: str, subscription: dict[str, str]) -> bytes:
    import http_ece
    from cryptography.hazmat.primitives.asymmetric import ec

    return bytes(
        http_ece.encrypt(
            text.encode(),
            private_key=ec.generate_private_key(ec.SECP256R1()),
            dh=_octets(subscription["p256dh"]),
            auth_secret=_octets(subscription["auth"]),
            version="aes128gcm",
        )
    )


def _proof(endpoint: str, private_key: str, contact: str) -> dict[str, str]:
    """Return the header that proves which server it is, for this push service alone."""
    from py_vapid import Vapid02

    parts = urlsplit(endpoint)
    claims = {
        "aud": f"{parts.scheme}://{parts.netloc}",
        "exp": int(time.time()) + PROOF_S,
        "sub": f"mailto:{contact}",
    }
    return dict(Vapid02.from_raw(private_key.encode()).sign(claims))


def _opener(endpoint: str) -> OpenerDirector:
    """Return what asks: the proxy of the environment, which decides what is reached, or else the internet only."""
    host = urlsplit(endpoint).hostname or ""
    if "https" in getproxies() and not proxy_bypass(host):
        return build_opener(NoRedirects)
    return build_opener(ProxyHandler({}), NoRedirects, _InternetOnly)


class _InternetOnly(HTTPSHandler):
    def https_open(self, req: Request) -> http.client.HTTPResponse:
        return self.do_open(_Connection, req)


class _Connection(http.client.HTTPSConnection):
    def connect(self) -> None:
        connection = connect_to_internet(self.host, self.port, TIMEOUT_S)
        self.sock = ssl.create_default_context().wrap_socket(connection, server_hostname=self.host)


def connect_to_internet(host: str, port: int, timeout_s: float) -> socket.socket:
    """Return a connection to an address that is no private one. Raises OSError, such as PrivateAddressError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    failure: OSError = PrivateAddressError(PRIVATE)
    for family, kind, protocol, _, address in found:
        if not ipaddress.ip_address(str(address[0]).partition("%")[0]).is_global:
            continue
        connection = socket.socket(family, kind, protocol)
        connection.settimeout(timeout_s)
        try:
            connection.connect(address)
        except OSError as error:
            connection.close()
            failure = error
        else:
            return connection
    raise failure


def _octets(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _seconds(retry_after: str) -> int:
    """Return for how many seconds the service wants to be left alone: it says a number, or a moment."""
    try:
        if retry_after.isdecimal():
            return int(retry_after[:9])
        return max(int((parsedate_to_datetime(retry_after) - datetime.now(UTC)).total_seconds()), 0)
    except (ValueError, TypeError):
        return 0


def _reason(error: object) -> str:
    match error:
        case PrivateAddressError():
            return PRIVATE
        case socket.gaierror():
            return "The name of its push service is not found: is this server online?"
        case ssl.SSLError():
            return "Its push service cannot prove that it is itself: nothing was sent."
    return "Its push service was not reached, or did not answer in time: is this server online?"


if __name__ == "__main__":
    main()
