"""Browsers as channels: the key by which push services know this server, and the links by which browsers come."""

from __future__ import annotations

import base64
import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import models, transaction
from django.views.decorators.debug import sensitive_variables

from alerts.models.recipient import Recipient, token_of
from audit.deeds import record
from freetemp import encryption
from freetemp.fields import EpochMillisField

if TYPE_CHECKING:  # Few processes make a key.
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

VALID_FOR = timedelta(days=1)
DIGEST = "alerts.invitation"


class PushKeyQuerySet(models.QuerySet["PushKey"]):
    def usable(self) -> PushKey | None:
        """Return the newest one that can be decrypted, or None."""
        return next((key for key in self.order_by("-pk") if key.is_usable), None)

    @sensitive_variables()
    def make(self, at: datetime) -> PushKey:
        """Make one. Raises EncryptionError if there is no key to encrypt it with."""
        from cryptography.hazmat.primitives.asymmetric import ec

        key = ec.generate_private_key(ec.SECP256R1())
        private = encryption.encrypt(_text(key.private_numbers().private_value.to_bytes(32, "big")))
        with transaction.atomic():
            record("key for phones made")
            return self.create(public_key=_public_text(key), encrypted_private_key=private, made_at=at)


class PushKey(models.Model):
    """A pair of keys on P-256 (RFC 8292, VAPID). A browser that was given the public one takes messages by it only."""

    public_key = models.CharField(max_length=100, unique=True, help_text="An uncompressed point as base64url.")
    encrypted_private_key = encryption.EncryptedField(editable=False)  # its 32 bytes, as base64url
    made_at = EpochMillisField("made")

    objects = PushKeyQuerySet.as_manager()

    class Meta:
        verbose_name = "key for phones"
        verbose_name_plural = "keys for phones"

    def __str__(self) -> str:
        return f"made {self.made_at:%Y-%m-%d}"

    def private_key(self) -> str:
        """Return the private key's 32 bytes, as base64url. Raises EncryptionError if its own key is lost."""
        return encryption.decrypt(self.encrypted_private_key)

    @property
    def is_usable(self) -> bool:
        try:
            return bool(self.private_key())
        except encryption.EncryptionError:
            return False


class InvitationQuerySet(models.QuerySet["Invitation"]):
    @sensitive_variables()
    def make(self, recipient: Recipient, at: datetime) -> str:
        """Return the secret part of a new link. An earlier one of this recipient ends."""
        token = secrets.token_hex(16)
        new = {"digest": token_of(DIGEST, token), "until": at + VALID_FOR}
        with transaction.atomic():
            self.update_or_create(recipient=recipient, defaults=new)
            record("link for a phone made", of=recipient)
        return token

    @sensitive_variables()
    def of(self, token: str, at: datetime) -> Invitation | None:
        """Return what a link's secret part opens, unless it was used, or is too old."""
        valid = self.filter(digest=token_of(DIGEST, token), until__gt=at, recipient__active=True)
        return valid.select_related("recipient").first()


class Invitation(models.Model):
    """A link that makes one browser a channel of its recipient. Who uses it deletes the row."""

    recipient = models.OneToOneField(Recipient, models.CASCADE, related_name="invitation")
    digest = models.CharField(max_length=64, unique=True, help_text="Of the link's secret part, which no table has.")
    until = EpochMillisField()

    objects = InvitationQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.recipient} until {self.until}"


def _public_text(key: EllipticCurvePrivateKey) -> str:
    """Return the public key as browsers take it: `applicationServerKey`."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return _text(key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))


def _text(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).decode().rstrip("=")
