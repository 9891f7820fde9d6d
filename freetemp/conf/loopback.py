"""Addresses that only this machine reaches. bootstrap.py needs this before anything is installed, so it uses only the
standard library."""

from urllib.parse import urlsplit

LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "::1")


def is_loopback(url: str) -> bool:
    try:
        return urlsplit(url).hostname in LOOPBACK_HOSTS
    except ValueError:  # It is no address: settings.py has the sentence for that.
        return False
