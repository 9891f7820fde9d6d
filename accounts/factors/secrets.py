"""The secrets of second factors, within the JSON that allauth keeps of each: rotate_encryption_key finds them here."""

from __future__ import annotations

from collections.abc import Callable

from allauth.mfa.models import Authenticator

from freetemp.encryption import kept_elsewhere

NAMES = ("secret", "seed")


@kept_elsewhere("second factors")
def rotate(rotated: Callable[[str], str]) -> int:
    """Encrypt each secret anew, and return the number of factors that have one."""
    rows = Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN).select_for_update()
    for row in rows:
        row.data = {name: rotated(value) if name in NAMES else value for name, value in row.data.items()}
        row.save(update_fields=["data"])
    return len(rows)
