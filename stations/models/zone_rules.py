"""The rules of time zones by which the days of stations are divided, kept beside them."""

from __future__ import annotations

from functools import cache
from io import BytesIO
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import models

from freetemp.zone_rules import DIGEST_LENGTH, Rules, rules_of


class ZoneRulesQuerySet(models.QuerySet["ZoneRules"]):
    def keep(self, name: str, rules: Rules) -> None:
        """Keep a zone's rules unless they are there."""
        kept = ZoneRules(digest=rules.digest, name=name, version=rules.version[:16], data=rules.data)
        self.bulk_create([kept], ignore_conflicts=True)


class ZoneRules(models.Model):
    """One zone as it is compiled by some version of the rules. It is never changed: its digest names its content.

    Every process of a server, and an earlier or a later one, divides a station's days by the rules that the station
    names, whatever rules it has itself.
    """

    digest = models.CharField(max_length=DIGEST_LENGTH, primary_key=True)
    name = models.CharField(max_length=64)
    version = models.CharField(max_length=16, blank=True)
    data = models.BinaryField(help_text="A file as in RFC 9636.")

    objects = ZoneRulesQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


def zone_by(name: str, digest: str) -> ZoneInfo:
    """Return a zone with the rules of a digest. Without a digest, or if it is of another zone, return this computer's.

    Raises ZoneInfoNotFoundError if there are neither.
    """
    own = rules_of(name)
    if own is not None and digest in ("", own.digest):
        return own.zone
    kept = kept_zone(digest) if digest else None
    if kept is not None and kept.key == name:
        return kept
    if own is None:
        raise ZoneInfoNotFoundError(f"No time zone found with key {name}")
    return own.zone


def kept_zone(digest: str) -> ZoneInfo | None:
    try:
        return _kept_zone(digest)
    except ZoneRules.DoesNotExist:
        return None


@cache
def _kept_zone(digest: str) -> ZoneInfo:
    kept = ZoneRules.objects.get(pk=digest)
    return ZoneInfo.from_file(BytesIO(kept.data), key=kept.name)
