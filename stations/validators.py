"""Validators with sentences that say what to type instead."""

import re

from django.core.exceptions import ValidationError

from stations.mac import parse_mac
from stations.zone_names import ZoneNameError, parse_zone, time_zones


def validate_mac(value: str) -> None:
    try:
        parse_mac(value)
    except ValueError as error:
        raise ValidationError(f"“{value}” is not a MAC address: {error}.") from error


def validate_time_zone(value: str) -> None:
    """Refuse what is no time zone. named_zone() asks more of one that is new, and writes its name out."""
    if value not in time_zones():
        try:
            parse_zone(value)
        except ZoneNameError as error:
            raise ValidationError(str(error)) from error


def named_zone(text: str) -> str:
    """Return the IANA name of a `timezone` that was typed, like “berlin”. Refuse names that mislead, like Etc/GMT+1."""
    try:
        return parse_zone(text)
    except ZoneNameError as error:
        if text in time_zones():
            raise ValidationError({"timezone": str(error)}) from error
        return text  # validate_time_zone reports it.


def validate_key(value: str) -> None:
    """Refuse a key that cannot stand in the device URL unchanged, or that can be guessed.

    Guesses are not slowed down by much, since a right key is never refused for somebody else's wrong ones. A server
    compares some 850 a second: 8 digits last a day, 16 a third of a million years.
    """
    if not re.fullmatch(r"[A-Za-z0-9._~-]{16,128}", value):
        raise ValidationError(
            "A key has 16 to 128 letters, digits, or any of . _ ~ -, as it stands in the board's URL. A shorter one "
            "can be guessed: leave --key out, and give the board the new key that is printed."
        )
