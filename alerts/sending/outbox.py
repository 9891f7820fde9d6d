"""Sends what is due. That a message leaves is written down just before: a power cut repeats it, and only once.

What is cut off earlier, while a program starts or a mail server is asked, has not left, and counts as no try.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from functools import partial

from django.conf import settings
from django.db import transaction
from django.db.models import Case, When
from django.urls import reverse

from alerts.models import Delivery, Letter, Notice, Told, Watch
from alerts.models.notice import LAST_WAIT, LINK
from alerts.models.recipient import MOST_OF_A_TROUBLE
from alerts.sending import channels
from alerts.sending.mail import message_id_of
from alerts.sending.message import Message, Outcome, Rich

MOST_S = 30.0  # of sending in one round: what happens meanwhile is to be noticed, too
MOST_OF_LETTERS_S = 5.0  # They are in no hurry, and what is found in the next round may be.
AT_A_TIME = 20
MOST_UNKNOWN = 2  # tries: a message may come twice, and no more often
NOBODY_KNOWS = "The server stopped while it was sent, twice: it may have come."


class NotKeptError(Exception):
    """Another process keeps the watch by now: what has not left is its own to send."""


def send_due(holder: str, now: Callable[[], datetime]) -> None:
    """Send what is due as long as this process keeps the watch."""
    began = time.monotonic()
    while (spent_s := time.monotonic() - began) < MOST_S:
        delivery = _begin(holder, now(), letters_too=spent_s < MOST_OF_LETTERS_S)
        if delivery is None:
            return
        try:
            outcome = channels.send(delivery.channel, message_of(delivery), partial(_leaves, delivery, holder, now))
        except NotKeptError:
            return
        _end(delivery, outcome, now())


def message_of(delivery: Delivery) -> Message:
    """Return what is sent, with the address at which its recipient answers."""
    notice = delivery.notice
    answered_at = f"{settings.SERVER_ORIGIN}{notice.path()}"
    return Message(
        subject=notice.subject,
        body=notice.body.replace(LINK, answered_at),
        link=answered_at if LINK in notice.body else f"{settings.SERVER_ORIGIN}{reverse('home')}",
        message_id=message_id_of(delivery.pk),
        language=notice.recipient.language,
        topic=notice.topic(),
        is_urgent=notice.kind in (Told.BEGAN, Told.REMINDER),
        rich=_rich(notice, answered_at) if notice.kind == Told.LETTER else None,
    )


def _rich(notice: Notice, ends_at: str) -> Rich:
    letter = Letter.objects.get(notice=notice)
    pictures = [(each.name, bytes(each.png)) for each in letter.pictures.all()]
    return Rich(letter.html.replace(LINK, ends_at), pictures, ends_at)


def _begin(holder: str, at: datetime, *, letters_too: bool) -> Delivery | None:
    """Take the next delivery that is due into this process's hands, or None if there is none."""
    if not Delivery.objects.due(at).exists():
        return None  # Most rounds end here, and take no lock.
    with transaction.atomic():
        if not Watch.is_kept_by(holder):
            return None
        letters_last = Case(When(notice__kind=Told.LETTER, then=1), default=0)
        due = Delivery.objects.due(at).order_by(letters_last, "due_at", "pk")
        for delivery in (due if letters_too else due.exclude(notice__kind=Told.LETTER))[:AT_A_TIME]:
            if delivery.begun_at is not None:
                delivery.unknown, delivery.begun_at = delivery.unknown + 1, None
            if delivery.unknown == MOST_UNKNOWN:
                delivery.given_up_at, delivery.trouble = at, NOBODY_KNOWS
                delivery.save()
                continue
            delivery.tries += 1
            delivery.save()
            return delivery
    return None


def _leaves(delivery: Delivery, holder: str, now: Callable[[], datetime]) -> None:
    """Write down that a message leaves. Raises NotKeptError."""
    with transaction.atomic():
        if not Watch.is_kept_by(holder):
            raise NotKeptError
        delivery.begun_at = now()
        delivery.save(update_fields=["begun_at"])


def _end(delivery: Delivery, outcome: Outcome, at: datetime) -> None:
    channel = delivery.channel
    delivery.begun_at, delivery.trouble = None, outcome.trouble[:MOST_OF_A_TROUBLE]
    if not outcome.trouble:
        delivery.sent_at = channel.sent_at = at
    elif outcome.is_gone:
        delivery.given_up_at = at
        channel.end()
    elif (next_try := delivery.next_try(at)) is not None:
        delivery.due_at = max(next_try, at + min(outcome.retry_after, LAST_WAIT))
    else:
        delivery.given_up_at = at
    channel.trouble = delivery.trouble
    with transaction.atomic():
        delivery.save()
        channel.save(update_fields=["active", "encrypted_address", "sent_at", "trouble"])
