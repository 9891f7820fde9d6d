"""Tokens to flash one station from a computer other than the server."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from django.db import models
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from freetemp.fields import EpochMillisField
from stations.models import Key, Station
from stations.models.station import AHEAD

LASTS = timedelta(hours=1)


def digest(token: str) -> str:
    """Return the SHA-256 of a token in hex. 192 random bits need no slow hash: there is nothing to guess."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()


class FlashTokenQuerySet(models.QuerySet["FlashToken"]):
    def usable(self, at: datetime | None = None) -> FlashTokenQuerySet:
        at = at or timezone.now()  # A token that lasts longer was made by a clock that was ahead.
        return self.filter(ended_at=None, expires_at__gt=at, expires_at__lte=at + LASTS + AHEAD)

    def end(self, at: datetime | None = None) -> int:
        """End these tokens, on every worker and from the next request on. Return how many were still usable."""
        at = at or timezone.now()
        return self.usable(at).update(ended_at=at)

    @sensitive_variables()
    def make(self, station: Station, made_by: str = "") -> str:
        """Return a new token for a station, to be shown once: only its digest is kept. Earlier tokens end."""
        token = secrets.token_urlsafe(24)
        now = timezone.now()
        self.filter(station=station).end(now)
        self.create(station=station, digest=digest(token), made_by=made_by, created_at=now, expires_at=now + LASTS)
        return token

    @sensitive_variables()
    def claim(self, text: str, at: datetime | None = None) -> FlashToken:
        """Return the usable token with this text. Raises FlashToken.DoesNotExist, whatever is wrong with it.

        It is compared in constant time with each of the few tokens that are usable within an hour.
        """
        wanted = digest(text)
        found = [token for token in self.usable(at) if hmac.compare_digest(token.digest, wanted)]
        if not found:
            raise FlashToken.DoesNotExist
        return found[0]


class FlashToken(models.Model):
    """A token for one flash of one station within an hour.

    A flash asks the server several times, and may have to be run again after a loose cable. So the token is valid until
    the key that it issued has reported: then the flash is done.
    """

    station = models.ForeignKey(Station, models.CASCADE, related_name="flash_tokens")
    digest = models.CharField(max_length=64, unique=True, editable=False, help_text="SHA-256 of the token, in hex.")
    made_by = models.CharField(max_length=150, blank=True, editable=False, help_text="The user who made it.")
    created_at = EpochMillisField("made", default=timezone.now, editable=False)
    expires_at = EpochMillisField("expires", editable=False)
    ended_at = EpochMillisField("ended", null=True, editable=False)
    # The latest key that the flash has issued: once it has been used, the flash is done.
    key = models.ForeignKey(Key, models.SET_NULL, null=True, editable=False, related_name="+")

    objects = FlashTokenQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"Token of {self.station}, {self.state}"

    @property
    def state(self) -> str:
        """Return `usable`, `used` (by a flash that succeeded), or `ended`."""
        if self.key is not None and self.key.first_used_at is not None:
            return "used"
        is_usable = self.ended_at is None and timedelta() < self.expires_at - timezone.now() <= LASTS + AHEAD
        return "usable" if is_usable else "ended"

    def log(self, what: str, address: str | None) -> None:
        """Record a use of the token for staff: its purpose and the address that it came from."""
        FlashUse.objects.create(token=self, what=what[:200], address=address)


class FlashUse(models.Model):
    """One use of a token: its time, address and purpose."""

    token = models.ForeignKey(FlashToken, models.CASCADE, related_name="uses")
    at = EpochMillisField("when", default=timezone.now, editable=False)
    address = models.GenericIPAddressField("from", null=True, editable=False)
    what = models.CharField(max_length=200, editable=False)

    class Meta:
        verbose_name = "use of a token"
        verbose_name_plural = "uses of tokens"
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return self.what
