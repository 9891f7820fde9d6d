"""A station's key, which identifies its board."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple, cast

from django.db import models, transaction
from django.db.models import Min, Q
from django.utils import timezone

from audit.deeds import record
from freetemp.fields import EpochMillisField
from freetemp.sql import Row, execute, one_of
from stations.devices import BOARD
from stations.models.station import Station
from stations.mosquitto import MOST_OF_A_HASH, password_hash

HINT_LENGTH = 4


def digest(key: str) -> str:
    """Return the SHA-256 of a key in hex. 128 random bits need no slow hash: there is nothing to guess."""
    return hashlib.sha256(key.encode(errors="surrogatepass")).hexdigest()


def hint(key: str) -> str:
    """Return a key's end, by which staff tell it from others, or nothing if the hint would give a short key away."""
    return key[-HINT_LENGTH:] if len(key) >= 4 * HINT_LENGTH else ""


class Claim(NamedTuple):
    """A MAC with the digest of the key that came with it. Key.objects.verify() decides whether it is true.

    Devices of other makers send no MAC: it is empty then, and the key alone names the station.
    """

    mac: str
    digest: str
    station: int = 0  # A broker has proven it, and the claim needs no key.

    @classmethod
    def of(cls, mac: str, key: str) -> Claim:
        return cls(mac, digest(key))

    @classmethod
    def by_key_alone(cls, key: str) -> Claim:
        """Return the claim of a device of another maker. A board's key is no good for it."""
        return cls("", digest(key))

    @classmethod
    def by_broker(cls, station: int) -> Claim:
        """Return the claim of a device that an MQTT broker has let in. No request over HTTP makes one."""
        return cls("", f"station {station}", station)


class Source(NamedTuple):
    """The field of a name that a device sends: its number and its unit."""

    field: int
    unit: str


class Holder(NamedTuple):
    """The key and station of a valid claim, as far as a report needs them."""

    key: int
    station: int
    interval_s: int
    is_pending: bool
    # Of a claim by key alone: the station's fields by the names that its device sends.
    sources: Mapping[str, Source] = MappingProxyType({})


class KeyQuerySet(models.QuerySet["Key"]):
    def usable(self) -> KeyQuerySet:
        return self.filter(ended_at=None)

    def alone(self) -> KeyQuerySet:
        """Return the usable keys that name their stations alone. A board's key comes with a MAC."""
        return self.usable().exclude(station__device=BOARD)

    def pending(self) -> KeyQuerySet:
        return self.usable().filter(first_used_at=None)

    def live(self) -> KeyQuerySet:
        return self.usable().exclude(first_used_at=None)

    def end(self, at: datetime | None = None) -> int:
        """End these keys, on every worker and from the next request on. Return how many were still usable.

        It is a part of other deeds. Somebody who ends a key does it by Key.end().
        """
        return self.usable().update(ended_at=at or timezone.now())

    def first_use(self) -> datetime | None:
        """Return when the first of these keys was first used, or None if none was."""
        first: datetime | None = self.aggregate(first=Min("first_used_at"))["first"]
        return first

    def issue(self, station: Station, key: str | None = None) -> str:
        """Return a new key for a station, to be shown once: only its digest is kept.

        It is pending until the station first uses it. It replaces a pending key, never the live one.
        """
        key = key or secrets.token_hex(16)
        self.replace_pending(station, key)
        return key

    def replace_pending(self, station: Station, key: str) -> Key:
        """Issue a key that the caller has made, and return it as it is kept."""
        of_broker = password_hash(key) if station.is_foreign else ""
        return self.issue_digest(station, digest(key), hint(key), of_broker)

    def issue_digest(
        self, station: Station, key_digest: str, key_hint: str, of_broker: str = "", said: str = "key issued"
    ) -> Key:
        """Issue a key that only its device knows, by its digest and its end. It opens no broker.

        `said` is the deed, as it is written down.
        """
        with transaction.atomic():
            Station.objects.select_for_update().get(pk=station.pk)
            replaced = self.filter(station=station).pending().end()
            details = {"replaces one that was not used": True} if replaced else {}
            record(said, station=station, what=f"…{key_hint}", details=details)
            return self.create(station=station, digest=key_digest, hint=key_hint, broker_hash=of_broker)

    def verify(self, claims: Collection[Claim]) -> dict[Claim, Holder]:
        """Map each valid claim to its key's holder. Only usable keys of active stations are valid.

        Every comparison takes the same time, and an unknown MAC costs as much as a known one.
        """
        by_key = {claim for claim in claims if not (claim.mac or claim.station)}
        found = self._by_key_alone(by_key) if by_key else {}
        if by_broker := {claim for claim in claims if claim.station}:
            found |= self._by_broker(by_broker)
        macs = {claim.mac for claim in claims if claim.mac}
        return found | self._by_mac(claims, macs) if macs else found

    def _by_mac(self, claims: Collection[Claim], macs: Collection[str]) -> dict[Claim, Holder]:
        of_macs, parameters = one_of(macs)
        rows = execute(_USABLE_KEYS.format(of_macs), parameters).returned
        return {
            claim: Holder(*holder)
            for claim in claims
            for mac, stored_digest, *holder in rows
            if mac == claim.mac and hmac.compare_digest(stored_digest, claim.digest)
        }

    def _by_key_alone(self, claims: Collection[Claim]) -> dict[Claim, Holder]:
        """Map valid claims by key alone to their holders. Comparing digests tells nothing of a key."""
        of_digests, parameters = one_of({claim.digest for claim in claims})
        rows = execute(_KEYS_ALONE.format(of_digests), [*parameters, BOARD]).returned
        return _holders(rows, lambda row: Claim("", row[0]))

    def _by_broker(self, claims: Collection[Claim]) -> dict[Claim, Holder]:
        """Map claims that a broker has proven to their holders. A pending key takes over: its station has it."""
        of_stations, parameters = one_of({claim.station for claim in claims})
        rows = execute(_BY_BROKER.format(of_stations), [*parameters, BOARD]).returned
        return _holders(rows, lambda row: Claim.by_broker(row[2]))

    def is_taken_alone(self, key: str, but: Station | None = None) -> bool:
        """Tell whether a device of another station than this one has this key."""
        return self.alone().filter(digest=digest(key)).exclude(station=but).exists()

    def authenticate(self, mac: str, key: str) -> Key | None:
        """Return the usable key of the active station with this MAC, or None."""
        holder = next(iter(self.verify([Claim.of(mac, key)]).values()), None)
        return holder and self.get(pk=holder.key)


def _holders(rows: Sequence[Row], claim_of: Callable[[Row], Claim]) -> dict[Claim, Holder]:
    """Return the holders of rows that have a field each: digest, key, station, interval, pending, field."""
    holders: dict[Claim, Holder] = {}
    for row in rows:
        _, key, station, interval_s, is_pending, number, source, unit = row
        new = Holder(key or 0, station, interval_s, bool(is_pending), {})
        sources = cast(dict[str, Source], holders.setdefault(claim_of(row), new).sources)
        if source:
            sources[source] = Source(number, unit)
    return holders


# Every report runs this query. Django would take eight times as long to build it as the database to answer it.
_USABLE_KEYS = (
    "SELECT s.mac, k.digest, k.id, s.id, s.interval_s, k.first_used_at IS NULL"
    " FROM stations_station s JOIN stations_key k ON k.station_id = s.id"
    " WHERE s.mac {} AND s.active AND k.ended_at IS NULL"
)
_KEYS_ALONE = (
    "SELECT k.digest, k.id, s.id, s.interval_s, k.first_used_at IS NULL, f.number, f.source, f.unit"
    " FROM stations_key k JOIN stations_station s ON s.id = k.station_id"
    " LEFT JOIN stations_field f ON f.station_id = s.id AND f.source <> ''"
    " WHERE k.digest {} AND k.ended_at IS NULL AND s.active AND s.device <> %s"
)
_BY_BROKER = (
    "SELECT '', k.id, s.id, s.interval_s, k.id IS NOT NULL, f.number, f.source, f.unit FROM stations_station s"
    " LEFT JOIN stations_key k ON k.station_id = s.id AND k.ended_at IS NULL AND k.first_used_at IS NULL"
    " LEFT JOIN stations_field f ON f.station_id = s.id AND f.source <> ''"
    " WHERE s.id {} AND s.active AND s.device <> %s"
)


class Key(models.Model):
    """A secret that identifies a station. At most one is live and one pending; the rest have ended."""

    station = models.ForeignKey(Station, models.CASCADE, related_name="keys")
    digest = models.CharField(max_length=64, editable=False, help_text="SHA-256 of the key, in hex.")
    hint = models.CharField(max_length=HINT_LENGTH, editable=False, help_text="The key's last characters.")
    # What mosquitto compares a password with: mosquitto_users writes it into its file.
    broker_hash = models.CharField(max_length=MOST_OF_A_HASH, blank=True, default="", db_default="", editable=False)
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
        indexes = [models.Index(fields=["digest"], name="key_digest")]  # For claims by key alone.

    def __str__(self) -> str:
        return f"…{self.hint} of {self.station}, {self.state}"

    @property
    def state(self) -> str:
        """Return `pending`, `live` or `ended`."""
        if self.ended_at is not None:
            return "ended"
        return "pending" if self.first_used_at is None else "live"

    def end(self) -> bool:
        """End this key, and return whether it was usable until now."""
        with transaction.atomic():
            was_usable = bool(Key.objects.filter(pk=self.pk).end())
            if was_usable:
                record("key ended", station=self.station, what=f"…{self.hint}")
            return was_usable

    def take_over(self, at: datetime) -> bool:
        """Become the station's live key at its first use and end the one before. Call it in a transaction.

        Return whether there was one before: then the board is another, or was flashed again.
        """
        if self.first_used_at is not None:
            return False
        Station.objects.select_for_update().get(pk=self.station_id)  # As in issue(), which may be replacing this key.
        siblings = Key.objects.filter(station_id=self.station_id)
        if not siblings.pending().filter(pk=self.pk).exists():
            return False  # Replaced, ended or taken over since it was looked up: it must not end the live key.
        ended = siblings.live().end(at)
        siblings.filter(pk=self.pk).update(first_used_at=at)
        self.first_used_at = at
        return bool(ended)
