"""Tokens to flash one station from a computer other than the server."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from django.db import models, transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.views.decorators.debug import sensitive_variables

from audit.deeds import record
from freetemp.fields import EpochMillisField
from stations.models import Key, Station
from stations.models.key import digest as key_digest
from stations.models.status import AHEAD

LASTS = timedelta(hours=1)


def digest(token: str) -> str:
    """Return the SHA-256 of a token in hex. 192 random bits need no slow hash: there is nothing to guess."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()


class FlashTokenQuerySet(models.QuerySet["FlashToken"]):
    def usable(self, at: datetime | None = None) -> FlashTokenQuerySet:
        at = at or timezone.now()  # A token that lasts longer was made by a clock that was ahead.
        return self.filter(ended_at=None, expires_at__gt=at, expires_at__lte=at + LASTS + AHEAD)

    def end(self, at: datetime | None = None) -> int:
        """End these tokens, on every worker and from the next request on. Return how many were still usable.

        It is a part of other deeds. Somebody who ends a token does it by end_of().
        """
        at = at or timezone.now()
        return self.usable(at).update(ended_at=at)

    @sensitive_variables()
    def make(self, station: Station, made_by: str = "", program: str = "") -> str:
        """Return a new token for a station, to be shown once: only its digest is kept. Earlier tokens end."""
        token = secrets.token_urlsafe(24)
        now = timezone.now()
        with transaction.atomic():
            self.filter(station=station).end(now)
            self.create(
                station=station,
                digest=digest(token),
                program=program,
                made_by=made_by,
                created_at=now,
                expires_at=now + LASTS,
            )
            record("flash token made", station=station)
        return token

    def end_of(self, station: Station) -> bool:
        """End a station's token, and return whether there was one."""
        with transaction.atomic():
            count = self.filter(station=station).end()
            if count:
                record("flash token ended", station=station)
            return bool(count)

    @sensitive_variables()
    def for_program(self, station: Station, text: str, made_by: str, *, begins: bool) -> FlashToken:
        """Return the flash of a station that a program is at, by the text of a token of its own.

        Its token is good for any number of flashes. Each has a row here, and so a key of its own and an hour. One that
        is done answers until the program `begins` another.
        """
        own = self.filter(station=station, program=digest(text)).select_related("key", "station")
        flash = own.first()
        if flash is None or flash.state == "ended" or (begins and flash.state == "used"):
            self.make(station, made_by, digest(text))  # Nobody gets to know the new one's text.
            flash = own[0]
        flash.text = f"{text}{flash.digest}"
        return flash

    @sensitive_variables()
    def claim(self, text: str, at: datetime | None = None) -> FlashToken:
        """Return the usable token with this text. Raises FlashToken.DoesNotExist, whatever is wrong with it.

        It is compared in constant time with each of the few tokens that are usable within an hour.
        """
        wanted = digest(text)
        found = [token for token in self.usable(at) if hmac.compare_digest(token.digest, wanted)]
        if not found:
            raise FlashToken.DoesNotExist
        found[0].text = text
        return found[0]


class FlashToken(models.Model):
    """A token for one flash of one station within an hour.

    A flash asks the server several times, and may have to be run again after a loose cable. So the token is valid until
    the key that it issued has reported: then the flash is done. It leads to that one key, however often it asks.
    """

    station = models.ForeignKey(Station, models.CASCADE, related_name="flash_tokens")
    digest = models.CharField(max_length=64, unique=True, editable=False, help_text="SHA-256 of the token, in hex.")
    # A row that an earlier freetemp makes has none.
    program = models.CharField(
        max_length=64,
        blank=True,
        default="",
        db_default="",
        editable=False,
        help_text="SHA-256 of the token of a program that it stands for, in hex.",
    )
    made_by = models.CharField(max_length=150, blank=True, editable=False, help_text="The user who made it.")
    created_at = EpochMillisField("made", default=timezone.now, editable=False)
    expires_at = EpochMillisField("expires", editable=False)
    ended_at = EpochMillisField("ended", null=True, editable=False)
    # The one key that the flash has issued: once it has been used, the flash is done.
    key = models.ForeignKey(Key, models.SET_NULL, null=True, editable=False, related_name="+")

    text = ""  # As its bearer has sent it. claim() sets it, and no table has it.

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

    @property
    def station_key(self) -> str:
        """Return the key of a claimed token. A token that leaks later makes no key without this server's SECRET_KEY."""
        return salted_hmac("firmware.FlashToken.station_key", self.text, algorithm="sha256").hexdigest()[:32]

    @sensitive_variables()
    def issue(self) -> Key | None:
        """Issue `station_key`, unless this token has done so before. Return it as long as it is pending, or else None.

        One UPDATE decides among requests that come at once. The others roll back what they have issued.
        """
        if self.key_id is None:
            with transaction.atomic():
                # It locks the station, as a first report does.
                key = Key.objects.replace_pending(self.station, self.station_key)
                is_first = FlashToken.objects.usable().filter(pk=self.pk, key=None).update(key=key)
                transaction.set_rollback(not is_first)
        self.refresh_from_db(fields=["key", "ended_at"])
        if self.key is None or self.key.digest != key_digest(self.station_key):  # A new SECRET_KEY makes another.
            return None
        return self.key if self.key.state == "pending" else None

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
