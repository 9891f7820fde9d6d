"""What people are told, and its way to them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.crypto import constant_time_compare

from alerts.models.incident import Incident
from alerts.models.recipient import MOST_OF_A_TROUBLE, Channel, Recipient, token_of
from alerts.models.server_trouble import ServerTrouble
from freetemp.fields import EpochMillisField

LINK = "{link}"  # In a body: the address is made when it is sent, so that no table holds one that works.
# Between two tries. They go on for three days: a mail server may be mended on Monday.
WAITS = [timedelta(minutes=minutes) for minutes in (1, 5, 30, 120)]
LAST_WAIT, TRIED_FOR = timedelta(hours=6), timedelta(days=3)
UNKNOWN_AFTER = timedelta(minutes=3)  # A try that began so long ago has no process any more that knows its result.


class Told(models.TextChoices):
    BEGAN = "began", "began"
    REMINDER = "reminder", "reminder"
    ENDED = "ended", "ended"
    PASSED = "passed", "began and ended"
    TEST = "test", "a test"
    LETTER = "letter", "a letter"


class NoticeQuerySet(models.QuerySet["Notice"]):
    def put(
        self,
        recipient: Recipient,
        kind: Told,
        subject: str,
        body: str,
        at: datetime,
        channels: Iterable[Channel] | None = None,
    ) -> Notice:
        """Write a notice, with a delivery for each active channel of some or all, in the caller's transaction."""
        notice = self.create(recipient=recipient, kind=kind, created_at=at, subject=subject[:200], body=body)
        chosen = recipient.channels.all() if channels is None else channels
        Delivery.objects.bulk_create(
            Delivery(notice=notice, channel=channel, due_at=at) for channel in chosen if channel.active
        )
        return notice


class Notice(models.Model):
    """A text for one recipient about incidents, written in the transaction that says that they are told of them."""

    recipient = models.ForeignKey(Recipient, models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=10, choices=Told.choices)
    incidents = models.ManyToManyField(Incident, related_name="notices")
    server_troubles = models.ManyToManyField(ServerTrouble, related_name="notices")
    created_at = EpochMillisField("written", db_index=True)
    subject = models.CharField(max_length=200)
    body = models.TextField()
    used_at = EpochMillisField("link used", null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.subject

    @property
    def token(self) -> str:
        """Return the secret part of its address."""
        return token_of("alerts.notice", self.pk)

    def is_token(self, text: str) -> bool:
        return constant_time_compare(text, self.token)

    def topic(self) -> str:
        """Return what tells messages apart, in 32 digits. Messages about the very same troubles have one in common."""
        troubles = [sorted(each.values_list("pk", flat=True)) for each in (self.incidents, self.server_troubles)]
        subject = troubles if any(troubles) else self.pk
        return token_of("alerts.topic", subject)

    def path(self) -> str:
        """Return the path at which its recipient says to look after it, or to hear nothing for a while.

        That of a letter ends all letters.
        """
        if self.kind == Told.LETTER:
            return self.recipient.path()
        return reverse("notice", args=[self.pk, self.token])


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def waiting(self) -> DeliveryQuerySet:
        return self.filter(sent_at=None, given_up_at=None)

    def due(self, at: datetime) -> DeliveryQuerySet:
        """Return what is to be tried now: due, and in no process's hands."""
        free = Q(begun_at=None) | Q(begun_at__lt=at - UNKNOWN_AFTER)
        return self.waiting().filter(free, due_at__lte=at).select_related("notice__recipient", "channel")


class Delivery(models.Model):
    """A notice on its way through one channel. `begun_at` is set when it leaves, and cleared by what came of it."""

    notice = models.ForeignKey(Notice, models.CASCADE, related_name="deliveries")
    channel = models.ForeignKey(Channel, models.CASCADE, related_name="deliveries")
    due_at = EpochMillisField("next try")
    begun_at = EpochMillisField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    unknown = models.PositiveSmallIntegerField(default=0, help_text="Tries whose result nobody knows.")
    sent_at = EpochMillisField("delivered", null=True)
    given_up_at = EpochMillisField("given up", null=True)
    trouble = models.CharField(max_length=MOST_OF_A_TROUBLE, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "deliveries"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.notice} by {self.channel}"

    def next_try(self, at: datetime) -> datetime | None:
        """Return the moment of the next try after one that failed, or None if three days have not been enough."""
        if at - self.notice.created_at >= TRIED_FOR:
            return None
        return at + (WAITS[self.tries - 1] if self.tries <= len(WAITS) else LAST_WAIT)
