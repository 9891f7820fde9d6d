"""Validators with sentences that say what to type instead."""

import re

from django.core.exceptions import ValidationError

MAX_SSID_BYTES = 32  # IEEE 802.11-2020, 9.4.2.2


def validate_ssid(value: str) -> None:
    """Refuse an impossible name: an SSID has 1 to 32 bytes, and a letter such as é takes two."""
    size = len(value.encode(errors="surrogatepass"))
    if size > MAX_SSID_BYTES:
        raise ValidationError(f"A network's name has at most 32 bytes, and this has {size}: check it for a slip.")
    if any(ord(char) < 32 or 0xD800 <= ord(char) < 0xE000 for char in value):
        raise ValidationError("A network's name has no line breaks or other control characters here: type it again.")


def validate_wifi_password(value: str) -> None:
    """Refuse an impossible WPA password. It is 8 to 63 printable ASCII characters, or a key as 64 hex digits.

    IEEE 802.11-2020, annex J.4.1.
    """
    if re.fullmatch(r"[ -~]{8,63}|[0-9A-Fa-f]{64}", value):
        return
    if re.search(r"[^ -~]", value):
        raise ValidationError(
            "A WiFi password has printable ASCII characters only, no ä, no €: change it on the access point first."
        )
    raise ValidationError(f"A WiFi password has 8 to 63 characters (or 64 hex digits), and this has {len(value)}.")
