"""Who acts, from where, and by what: of a request, of a command, or of the server by itself."""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

from django.http import HttpRequest

from freetemp import command
from freetemp.http.proxies import client_address

SERVER = "server"
# The beginnings of addresses, by what a person does there.
PLACES = {"/admin/": "admin", "/api/": "API"}


@dataclass(frozen=True)
class Actor:
    """A person's name, the address of their computer, and what they use. Any of it may be unknown, and is empty then.

    The person of a command is the operating system's user.
    """

    person: str = ""
    by: str = ""
    address: str = ""


@dataclass
class _Scope:
    """A request or a stretch of work. What it is asked for is looked up only when something is written down."""

    request: HttpRequest | None = None
    person: str | None = None
    by: str | None = None

    def actor(self) -> Actor:
        if self.request is None:
            return Actor(self.person or "", self.by or SERVER)
        person = _username(self.request) if self.person is None else self.person
        by = _place(self.request) if self.by is None else self.by
        return Actor(person, by, client_address(self.request.META))


_scope: ContextVar[_Scope | None] = ContextVar("audit_scope", default=None)
_is_recorded: ContextVar[bool] = ContextVar("is_recorded", default=True)


def actor() -> Actor:
    """Return who acts now."""
    scope = _scope.get()
    return scope.actor() if scope else _of_process()


def be(*, person: str | None = None, by: str | None = None) -> None:
    """Name who acts for the rest of this request, such as the owner of a token. Without a request it does nothing."""
    if scope := _scope.get():
        scope.person = scope.person if person is None else person
        scope.by = scope.by if by is None else by


@contextmanager
def acting(*, person: str = "", by: str) -> Iterator[None]:
    """Let somebody act within: the person for whom a process works, for example."""
    with _within(_Scope(None, person, by)):
        yield


@contextmanager
def asking(request: HttpRequest) -> Iterator[None]:
    """Let the user of a request act within."""
    with _within(_Scope(request)):
        yield


@contextmanager
def by_the_program() -> Iterator[None]:
    """Let what is done within be no deed of anybody: rows that a migration makes, before there are events."""
    token = _is_recorded.set(False)
    try:
        yield
    finally:
        _is_recorded.reset(token)


def is_recorded() -> bool:
    """Tell whether what signals notice now is somebody's deed."""
    return _is_recorded.get()


@contextmanager
def _within(scope: _Scope) -> Iterator[None]:
    token = _scope.set(scope)
    try:
        yield
    finally:
        _scope.reset(token)


def _username(request: HttpRequest) -> str:
    user = getattr(request, "user", None)
    return str(user.get_username()) if user is not None and user.is_authenticated else ""


def _place(request: HttpRequest) -> str:
    return next((place for beginning, place in PLACES.items() if request.path_info.startswith(beginning)), "page")


def _of_process() -> Actor:
    name = command.running() or _named_to_manage()
    return Actor(system_user(), f"command {name}") if name else Actor("", SERVER)


def _named_to_manage() -> str:
    """Return the command that manage.py was started with, or nothing in a server. Some are Django's own."""
    return sys.argv[1] if len(sys.argv) > 1 and Path(sys.argv[0]).name == "manage.py" else ""


def system_user() -> str:
    """Return the operating system's user: the one whose rights count, and not the one that the environment names."""
    try:
        import pwd  # Windows has none.

        return pwd.getpwuid(os.getuid()).pw_name
    except ImportError:
        return getpass.getuser()
    except KeyError:  # A container's user may have no name.
        return f"user {os.getuid()}"
