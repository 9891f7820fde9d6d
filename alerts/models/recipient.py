"""People who are told of troubles, and the ways to reach them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac
from django.views.decorators.debug import sensitive_variables

from freetemp import encryption
from freetemp.fields import EpochMillisField
from stations.models import Station
from stations.models.station import default_time_zone
from stations.units import METRIC, Units
from stations.validators import named_zone, validate_time_zone

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

MOST_OF_A_TROUBLE = 300  # characters
TOKEN_LENGTH = 32  # hexadecimal digits: 128 bits


def token_of(purpose: str, of: object) -> str:
    """Return what nobody guesses, such as the secret part of an address. SECRET_KEY decides on it."""
    return salted_hmac(purpose, repr(of), algorithm="sha256").hexdigest()[:TOKEN_LENGTH]


def languages() -> list[tuple[str, str]]:
    return list(settings.LANGUAGES)


def default_language() -> str:
    return settings.LANGUAGE_CODE


def default_units() -> str:
    return str(METRIC)


class LetterRhythm(models.TextChoices):
    """How often a recipient gets a letter."""

    NEVER = "", "never"
    DAY = "day", "every day"
    WEEK = "week", "every Monday"


class RecipientQuerySet(models.QuerySet["Recipient"]):
    def told_of_any_server_trouble(self) -> RecipientQuerySet:
        return self.reachable().filter(Q(told_of_server=True) | Q(told_of_updates=True))

    def reachable(self) -> RecipientQuerySet:
        """Return the active people who have a channel that works or may work."""
        return self.filter(active=True, channels__active=True).distinct()


class Recipient(models.Model):
    """A person who is told of troubles, in their language and by their clock."""

    name = models.CharField(max_length=80, unique=True)
    language = models.CharField(max_length=10, choices=languages, default=default_language)
    timezone = models.CharField(
        "time zone",
        max_length=64,
        default=default_time_zone,
        validators=[validate_time_zone],
        help_text="IANA name, like Europe/Berlin: the clock of messages and of quiet hours.",
    )
    units = models.CharField(
        max_length=40, default=default_units, help_text="Of messages and letters, as the pages have them."
    )
    every_station = models.BooleanField(
        "every station", default=True, help_text="On: told of every station, later ones too. Off: of those below."
    )
    stations = models.ManyToManyField(Station, blank=True, related_name="recipients")
    told_of_server = models.BooleanField(
        "told of the server",
        default=False,
        help_text="On: told of a full disk, an old backup, guessed passwords and refused reports too.",
    )
    told_of_updates = models.BooleanField(
        "told of updates",
        default=False,
        help_text="On: told when an update waits for a restart or for prepare, and when boards have an earlier "
        "firmware than this server would give them.",
    )
    quiet_from = models.TimeField(
        "quiet from", null=True, blank=True, help_text="Like 22:00. What happens then is told afterwards."
    )
    quiet_until = models.TimeField("quiet until", null=True, blank=True, help_text="Like 07:00.")
    letter = models.CharField(
        max_length=4,
        choices=LetterRhythm.choices,
        default=LetterRhythm.NEVER,
        blank=True,
        help_text="By mail: what the stations have measured on the day or in the week before.",
    )
    letter_hour = models.PositiveSmallIntegerField(
        "at",
        choices=[(hour, f"{hour:02}:00") for hour in range(24)],
        default=7,
        help_text="By the clock of the time zone above.",
    )
    letter_done = models.DateField(
        null=True, editable=False, help_text="The day of the last letter that was written, or was not to be written."
    )
    active = models.BooleanField(default=True, help_text="Off: this person is told nothing.")
    created_at = EpochMillisField(editable=False)

    objects = RecipientQuerySet.as_manager()

    if TYPE_CHECKING:
        channels: RelatedManager[Channel]
        mutes: RelatedManager[Mute]

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                name="recipient_quiet_hours_whole",
                condition=Q(quiet_from=None, quiet_until=None) | Q(quiet_from__isnull=False, quiet_until__isnull=False),
                violation_error_message="Quiet hours have a beginning and an end: give both, or neither.",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        self.timezone = named_zone(self.timezone)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def preferred(self) -> Units:
        """Return the units in which values are told."""
        return Units.parse(self.units) or METRIC

    @property
    def token(self) -> str:
        """Return the secret part of the address that ends this person's letters, in each of them the same."""
        return token_of("alerts.letters", self.pk)

    def is_token(self, text: str) -> bool:
        return constant_time_compare(text, self.token)

    def path(self) -> str:
        """Return the path at which letters end."""
        return reverse("letters", args=[self.pk, self.token])

    def told_stations(self) -> QuerySet[Station]:
        """Return the active stations of which this person is told, public or not, in the order of their names."""
        every = Station.objects.all() if self.every_station else self.stations.all()
        return every.filter(active=True).order_by("name", "pk")

    def is_quiet(self, at: datetime) -> bool:
        """Tell whether a moment is in the quiet hours, which may go over midnight."""
        begins, ends = self.quiet_from, self.quiet_until
        if begins is None or ends is None:
            return False
        now = at.astimezone(self.zone).time()
        return begins <= now < ends if begins <= ends else now >= begins or now < ends


class Channel(models.Model):
    """A way to reach a recipient: a mail address, or an address of Apprise. It is decrypted only to send."""

    recipient = models.ForeignKey(Recipient, models.CASCADE, related_name="channels")
    name = models.CharField(max_length=60, blank=True, help_text="Tells it from others, like “phone”.")
    service = models.CharField(max_length=40, editable=False)  # “mail”, “ntfy”: all that is ever shown of the address
    encrypted_address = encryption.EncryptedField(editable=False)
    active = models.BooleanField(default=True)
    sent_at = EpochMillisField("last delivered", null=True, editable=False)
    trouble = models.CharField(
        max_length=MOST_OF_A_TROUBLE, blank=True, editable=False, help_text="Why the last message could not be sent."
    )

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.name} ({self.service})" if self.name else self.service

    @sensitive_variables()
    def set_address(self, address: str, service: str) -> None:
        """Encrypt an address. Raises EncryptionError without a key."""
        self.encrypted_address, self.service = encryption.encrypt(address), service

    def address(self) -> str:
        """Return the address. Raises EncryptionError if its key is lost."""
        return encryption.decrypt(self.encrypted_address)

    def end(self) -> None:
        """Forget an address that takes nothing any more. Its row stays: it says why nobody is told by it."""
        self.active, self.encrypted_address = False, ""


class Mute(models.Model):
    """A station of which a recipient wants to hear nothing for a while."""

    recipient = models.ForeignKey(Recipient, models.CASCADE, related_name="mutes")
    station = models.ForeignKey(Station, models.CASCADE, related_name="mutes")
    until = EpochMillisField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["recipient", "station"], name="mute_once")]

    def __str__(self) -> str:
        return f"{self.recipient} hears nothing of {self.station} until {self.until}"
