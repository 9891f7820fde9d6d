"""Secrets in the database: Fernet tokens (https://github.com/fernet/spec: AES-128-CBC with HMAC-SHA-256).

The first of settings.ENCRYPTION_KEYS encrypts and all of them decrypt, so that a key can be replaced while both are
known.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.db import models
from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables

if TYPE_CHECKING:  # It takes 6 MB, and most processes never keep or read a secret.
    from cryptography.fernet import MultiFernet

NO_KEY = (
    "ENCRYPTION_KEYS is not set, so no password can be kept: run `python3 bootstrap.py serve`, which adds a key to "
    ".env, or write one there yourself (docs/firmware.md), and restart the server."
)

LOST_KEY = (
    "It was encrypted with a key that ENCRYPTION_KEYS does not hold: put that key back, or type the password again."
)


class EncryptionError(Exception):
    """A secret cannot be kept or read. The message is in full sentences with the next step, and holds no secret."""


class EncryptedField(models.TextField[str, str]):
    """A token that `encrypt` made, or "" for no secret. `rotate_encryption_key` finds the secrets by it."""

    def deconstruct(self) -> Any:
        """Return a TextField's: the database and its migrations see no difference."""
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.TextField", args, kwargs


@sensitive_variables()
def encrypt(text: str) -> str:
    """Return what an EncryptedField keeps: "" for "". Raises EncryptionError without a key."""
    return _fernet().encrypt(text.encode()).decode() if text else ""


@sensitive_variables()
def decrypt(token: str) -> str:
    """Return what was encrypted: "" for "". Raises EncryptionError if its key is lost."""
    if not token:
        return ""
    from cryptography.fernet import InvalidToken

    try:
        return _fernet().decrypt(token).decode()
    except InvalidToken:
        raise EncryptionError(LOST_KEY) from None


def rotate(token: str) -> str:
    """Return the token encrypted with the first key, whichever key encrypted it before."""
    from cryptography.fernet import InvalidToken

    try:
        return _fernet().rotate(token).decode()
    except InvalidToken:
        raise EncryptionError(LOST_KEY) from None


Rotated = Callable[[str], str]
Elsewhere = Callable[[Rotated], int]
elsewhere: dict[str, Elsewhere] = {}


def kept_elsewhere(name: str) -> Callable[[Elsewhere], Elsewhere]:
    """Register a function that rotates secrets which are in no EncryptedField, and returns how many rows have one.

    It is called within a transaction, with the function that returns a token encrypted with the first key. It raises
    EncryptionError with the names of what no key decrypts.
    """

    def register(rotate_all: Elsewhere) -> Elsewhere:
        elsewhere[name] = rotate_all
        return rotate_all

    return register


def warn_without_key(request: HttpRequest) -> None:
    """Tell staff who open a form for secrets that none can be kept."""
    if request.method == "GET" and not settings.ENCRYPTION_KEYS:
        messages.warning(request, NO_KEY)


def _fernet() -> MultiFernet:
    if not settings.ENCRYPTION_KEYS:
        raise EncryptionError(NO_KEY)
    from cryptography.fernet import Fernet, MultiFernet

    return MultiFernet([Fernet(key) for key in settings.ENCRYPTION_KEYS])
