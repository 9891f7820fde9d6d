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


MOST_OF_AN_IDENTITY = 80  # characters


def same_identity(text: str) -> str:
    """Return what names a device on a broker in one form: a MAC address as twelve hex digits, all in lower case."""
    try:
        return parse_mac(text).replace(":", "")
    except ValueError:
        return text.strip().lower()


def is_made_up(mac: str) -> bool:
    """Tell whether an address is locally administered, as programs have them, and not a board's own (IEEE 802)."""
    return bool(int(mac[:2], 16) & 2)


def reason_against(mac: str) -> str:
    """Return why no board can have an address as its own, or nothing if one can.

    IEEE 802: the lowest bit of the first byte marks the addresses of groups, and all ones are everybody.
    """
    if mac == "00:00:00:00:00:00":
        return "all zeros are what a board without an address shows"
    if mac == "ff:ff:ff:ff:ff:ff":
        return "all ones are the address of every board at once"
    if int(mac[1], 16) % 2:
        return f"with an odd first pair it is that of a group. For a program, make one up like 02{mac[2:]}"
    return ""
