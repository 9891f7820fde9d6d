"""A station's key: what its board proves itself with."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from freetemp.fields import EpochMillisField
from stations.models.station import Station

HINT_LENGTH = 4


def digest(key: str) -> str:
    """Return the SHA-256 of a key in hex. 128 random bits need no slow hash: there is nothing to guess."""
    return hashlib.sha256(key.encode(errors="surrogatepass")).hexdigest()


def hint(key: str) -> str:
    """Return what staff may see of a key to tell it from others: nothing of one so short that it would give it away."""
    return key[-HINT_LENGTH:] if len(key) >= 4 * HINT_LENGTH else ""


class KeyQuerySet(models.QuerySet["Key"]):
    def usable(self) -> KeyQuerySet:
        return self.filter(ended_at=None)

    def pending(self) -> KeyQuerySet:
        return self.usable().filter(first_used_at=None)

    def live(self) -> KeyQuerySet:
        return self.usable().exclude(first_used_at=None)

    def end(self, at: datetime | None = None) -> int:
        """End these keys, from the next request on and on every worker. Return how many were still usable."""
        return self.usable().update(ended_at=at or timezone.now())

    def issue(self, station: Station, key: str | None = None) -> str:
        """Return a new key for a station, to be shown once: only its digest is kept.

        It is pending until the station first uses it, and replaces a key that is pending, never the live one.
        """
        key = key or secrets.token_hex(16)
        with transaction.atomic():
            Station.objects.select_for_update().get(pk=station.pk)
            self.filter(station=station).pending().end()
            self.create(station=station, digest=digest(key), hint=hint(key))
        return key

    def authenticate(self, mac: str, key: str) -> Key | None:
        """Return the usable key of the active station with this MAC, or None.

        Every comparison takes the same time, and an unknown MAC costs what a known one does.
        """
        given = digest(key)
        candidates = self.usable().filter(station__mac=mac, station__active=True).select_related("station")
        matching = [each for each in candidates if hmac.compare_digest(each.digest, given)]
        return matching[0] if matching else None


class Key(models.Model):
    """What a station proves itself with. At most one is live and one pending; the rest have ended."""

    station = models.ForeignKey(Station, models.CASCADE, related_name="keys")
    digest = models.CharField(max_length=64, editable=False, help_text="SHA-256 of the key, in hex.")
    hint = models.CharField(max_length=HINT_LENGTH, editable=False, help_text="The key's last characters.")
    issued_at = EpochMillisField("issued", default=timezone.now, editable=False)
    first_used_at = EpochMillisField("first used", null=True, editable=False)
    ended_at = EpochMillisField("ended", null=True, editable=False)

    objects = KeyQuerySet.as_manager()

    class Meta:
        ordering = ["-issued_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["station"], condition=Q(ended_at=None, first_used_at=None), name="key_one_pending"
            ),
            models.UniqueConstraint(
                fields=["station"], condition=Q(ended_at=None, first_used_at__isnull=False), name="key_one_live"
            ),
        ]

    def __str__(self) -> str:
        return f"…{self.hint} of {self.station}, {self.state}"

    @property
    def state(self) -> str:
        """Return `pending`, `live` or `ended`."""
        if self.ended_at is not None:
            return "ended"
        return "pending" if self.first_used_at is None else "live"

    def take_over(self, at: datetime) -> None:
        """Become the station's live key at its first use; the one before it ends. Call it in a transaction."""
        if self.first_used_at is not None:
            return
        Station.objects.select_for_update().get(pk=self.station_id)  # As issue() does, which may be replacing this key.
        siblings = Key.objects.filter(station_id=self.station_id)
        if not siblings.pending().filter(pk=self.pk).exists():
            return  # Replaced, ended or taken over since it was looked up: the live key is not this one's to end.
        siblings.live().end(at)
        siblings.filter(pk=self.pk).update(first_used_at=at)
        self.first_used_at = at
