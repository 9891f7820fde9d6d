"""MAC addresses in the spellings of people and boards."""

import re

_MAC = re.compile(r"[0-9a-f]{2}(?:[:-]?[0-9a-f]{2}){5}", re.ASCII)


def parse_mac(text: str) -> str:
    """Return a MAC address as `6c:ef:7f:3b:9d:e8`.

    It takes six hex pairs in any case, with `:`, `-` or nothing between. ValueError says what is expected.
    """
    text = text.strip().lower()
    if not _MAC.fullmatch(text):
        raise ValueError("six hex pairs expected, like 6c:ef:7f:3b:9d:e8")
    return bytes.fromhex(text.replace(":", "").replace("-", "")).hex(":")
