"""Sends what is due. Each try is written down before it begins: a power cut repeats a message, and only once."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from alerts.models import Delivery, Notice, Watch
from alerts.models.notice import LINK
from alerts.models.recipient import MOST_OF_A_TROUBLE
from alerts.sending import channels
from alerts.sending.mail import message_id_of

MOST_S = 30.0  # of sending in one round: what happens meanwhile is to be noticed, too
MOST_UNKNOWN = 2  # tries: a message may come twice, and no more often
NOBODY_KNOWS = "The server stopped while it was sent, twice: it may have come."


def send_due(holder: str, now: Callable[[], datetime]) -> None:
    """Send what is due as long as this process keeps the watch."""
    began = time.monotonic()
    while time.monotonic() - began < MOST_S and (delivery := _begin(holder, now())):
        trouble = channels.send(
            delivery.channel,
            delivery.notice.subject,
            body_of(delivery.notice),
            f"{settings.SERVER_ORIGIN}{reverse('home')}",
            message_id_of(delivery.pk),
        )
        _end(delivery, trouble, now())


def body_of(notice: Notice) -> str:
    """Return the text as it is sent, with the address at which its recipient answers."""
    return notice.body.replace(LINK, f"{settings.SERVER_ORIGIN}{notice.path()}")


def _begin(holder: str, at: datetime) -> Delivery | None:
    """Take the next delivery that is due into this process's hands, or None if there is none."""
    with transaction.atomic():
        if not Watch.is_kept_by(holder):
            return None
        for delivery in Delivery.objects.due(at).order_by("due_at", "pk"):
            if delivery.begun_at is not None:
                delivery.unknown += 1
            if delivery.unknown == MOST_UNKNOWN:
                delivery.begun_at, delivery.given_up_at, delivery.trouble = None, at, NOBODY_KNOWS
                delivery.save()
                continue
            delivery.begun_at, delivery.tries = at, delivery.tries + 1
            delivery.save()
            return delivery
    return None


def _end(delivery: Delivery, trouble: str, at: datetime) -> None:
    delivery.begun_at, delivery.trouble = None, trouble[:MOST_OF_A_TROUBLE]
    if not trouble:
        delivery.sent_at = at
        delivery.channel.sent_at = at
    elif (next_try := delivery.next_try(at)) is not None:
        delivery.due_at = next_try
    else:
        delivery.given_up_at = at
    delivery.channel.trouble = delivery.trouble
    with transaction.atomic():
        delivery.save()
        delivery.channel.save(update_fields=["sent_at", "trouble"])
