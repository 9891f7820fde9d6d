"""Keeps tests from other machines: a test's own process refuses, and programs that it starts get an absent proxy.

CPython's audit events report every connection and every name look-up before it is made. Libraries written in C that
connect by themselves raise no event. libpq is one of them; tests give it a socket in a folder.
"""

from __future__ import annotations

import ipaddress
import json
import os
import sys
from typing import Any

# No machine has these addresses (RFC 5737). freetemp.listening asks which interface leads to one, and sends nothing.
NOBODYS = ipaddress.ip_network("192.0.2.0/24")
# Nothing listens on port 9 here: pip, npm, Chromium and urllib end there.
PROXY = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy"), "http://127.0.0.1:9")
PROXY |= dict.fromkeys(("no_proxy", "NO_PROXY"), "127.0.0.1,localhost,::1,.invalid")
# The user's own proxies, as JSON. The processes of pytest-xdist inherit the environment of one that is guarded already.
OWN_PROXIES = "FREETEMP_TESTS_OWN_PROXIES"
_BY_ADDRESS = {"socket.connect", "socket.sendto", "socket.sendmsg"}
_BY_NAME = {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}


class OutsideError(RuntimeError):
    """A test tried to reach another machine. An OSError would look like a network that is down."""


def guard() -> None:
    """Refuse other machines from now on, in this process and in programs that it starts, if those use a proxy."""
    own = {name: os.environ[name] for name in PROXY if name in os.environ}
    os.environ.setdefault(OWN_PROXIES, json.dumps(own))
    os.environ |= PROXY
    sys.addaudithook(_refuse)


def unguarded(environment: dict[str, str]) -> dict[str, str]:
    """Return an environment for a program that installs packages: with the user's own proxies, if any."""
    others = {name: value for name, value in environment.items() if name not in PROXY and name != OWN_PROXIES}
    own: dict[str, str] = json.loads(environment[OWN_PROXIES])
    return others | own


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if event in _BY_ADDRESS and isinstance(address := arguments[1], tuple):  # A socket in a folder has a path.
        host = address[0]
    elif event in _BY_NAME:
        host = arguments[0]
    else:
        return
    if not _is_here(host):
        raise OutsideError(f"A test asked for {host}, and tests reach no other machine: have it ask 127.0.0.1.")


def _is_here(host: object) -> bool:
    """Tell whether a host is this machine. A missing host is, and so are Netlink's addresses, which are numbers."""
    if isinstance(host, bytes | bytearray):
        host = host.decode()
    if not isinstance(host, str) or host in ("", "localhost") or host.endswith(".invalid"):
        return True  # No machine has a name that ends in .invalid (RFC 6761): its look-up fails.
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified or address in NOBODYS
