"""The files by which mosquitto, the MQTT broker, knows its users."""

from __future__ import annotations

import base64
import hashlib
import secrets

MOST_OF_A_HASH = 140
ITERATIONS = 101  # mosquitto's own number. A key of 128 random bits needs no more: there is nothing to guess.


def password_hash(password: str) -> str:
    """Return a password as mosquitto's password file has it: PBKDF2 with SHA-512, as mosquitto_passwd of 2.0 writes."""
    salt = secrets.token_bytes(12)
    hashed = hashlib.pbkdf2_hmac("sha512", password.encode(errors="surrogatepass"), salt, ITERATIONS)
    return f"$7${ITERATIONS}${_encoded(salt)}${_encoded(hashed)}"


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()
