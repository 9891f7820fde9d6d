"""Validators with sentences that say what to type instead."""

import difflib
import functools
import re
import zoneinfo

from django.core.exceptions import ValidationError

from stations.mac import parse_mac


def validate_mac(value: str) -> None:
    try:
        parse_mac(value)
    except ValueError as error:
        raise ValidationError(f"“{value}” is not a MAC address: {error}.") from error


@functools.cache
def time_zones() -> frozenset[str]:
    """Return every IANA time zone. The result is cached, since finding them opens some 600 files."""
    return frozenset(zoneinfo.available_timezones() - {"localtime"})


def validate_time_zone(value: str) -> None:
    """Refuse a name that is not in the IANA database, and suggest the nearest one that is."""
    zones = time_zones()
    if value in zones:
        return
    by_folded = {zone.casefold(): zone for zone in zones}
    by_folded |= {zone.split("/")[-1].casefold(): zone for zone in sorted(zones) if "/" in zone}
    near = difflib.get_close_matches(value.strip().replace(" ", "_").casefold(), by_folded, n=1, cutoff=0.7)
    hint = f"did you mean {by_folded[near[0]]}?" if near else "use one like Europe/Berlin or America/New_York."
    raise ValidationError(f"“{value}” is not an IANA time zone: {hint}")


def validate_key(value: str) -> None:
    """Refuse a key that cannot stand in the device URL unchanged."""
    if not re.fullmatch(r"[A-Za-z0-9._~-]{8,128}", value):
        raise ValidationError("A key has 8 to 128 letters, digits, or any of . _ ~ -, as it stands in the board's URL.")
