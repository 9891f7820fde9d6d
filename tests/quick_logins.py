"""The shipped settings for servers and commands of tests, but for one: each password is hashed in 1 ms, not in 250."""

from django.contrib.auth.hashers import PBKDF2PasswordHasher

from freetemp.settings import *  # noqa: F403


class QuickHasher(PBKDF2PasswordHasher):
    """Django's own hasher, which also knows the passwords that were hashed slowly."""

    iterations = 4_000


PASSWORD_HASHERS = [f"{__name__}.QuickHasher"]
