"""The secrets of a server in .env. bootstrap.py makes them before anything is installed, so this uses only the standard
library."""

import base64
import secrets


def is_strong(key: str) -> bool:
    """Tell whether a SECRET_KEY can sign sessions: whoever guesses it can forge them."""
    return len(key) >= 50 and len(set(key)) >= 5 and not key.startswith("django-insecure-")


def new_secret_key() -> str:
    """Return a SECRET_KEY of random characters."""
    return secrets.token_urlsafe(50)


def new_encryption_key() -> str:
    """Return a key for Fernet: 32 random bytes in URL-safe base64."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
