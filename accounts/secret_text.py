"""Random texts that permit something to whoever has them: tokens of programs, and links. Tables have digests only."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.views.decorators.debug import sensitive_variables

# Logs mask hex digits by their number (freetemp.masking, deploy/nginx-freetemp.conf), and show a SHA-256, which has 64.
BYTES = 33
HINT_LENGTH = 6
KEPT = timedelta(days=365)  # after the end of one, to be looked up


@sensitive_variables()
def make() -> str:
    """Return a new one: 66 hex digits, to be shown once."""
    return secrets.token_hex(BYTES)


@sensitive_variables()
def hint(secret: str) -> str:
    """Return the first digits of one, by which its owner tells it from others."""
    return secret[:HINT_LENGTH]


@sensitive_variables()
def digest(text: str) -> str:
    """Return the SHA-256 of one in hex. So many random bits need no slow hash: there is nothing to guess."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
