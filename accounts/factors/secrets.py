"""The secrets of second factors, within the JSON that allauth keeps of each: rotate_encryption_key finds them here."""

from __future__ import annotations

from collections.abc import Callable

from allauth.mfa.models import Authenticator

from freetemp.encryption import EncryptionError, kept_elsewhere

NAMES = ("secret", "seed")


@kept_elsewhere("second factors")
def rotate(rotated: Callable[[str], str]) -> int:
    """Encrypt each secret anew, and return the number of factors that have one. Raises EncryptionError with names."""
    factors = Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN)
    rows, lost = factors.select_related("user").select_for_update(of=("self",)), set()
    for row in rows:
        try:
            row.data = {name: rotated(value) if name in NAMES else value for name, value in row.data.items()}
        except EncryptionError:
            lost.add(f"the second factor of {row.user.get_username()} (python manage.py reset_second_factor ends it)")
            continue
        row.save(update_fields=["data"])
    if lost:
        raise EncryptionError(", ".join(sorted(lost)))
    return len(rows)
