"""Concerns of the watch for an operator: nobody keeps it, nobody is told, or messages do not arrive."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Q
from django.urls import reverse

from alerts.models import Channel, Recipient, Watch
from freetemp.ages import length
from freetemp.overview.concerns import Concern, Item, Survey, Urgency, about

OVERDUE = timedelta(minutes=5)


def alert_concerns(survey: Survey) -> Iterator[Concern | None]:
    """Yield channels whose last message was not taken, a watch that nobody keeps, and that nobody is to be told."""
    yield _troubled()
    if Recipient.objects.reachable().exists():
        yield _unwatched(survey)
    elif survey.stations:
        yield Concern(
            "nobody-told",
            Urgency.NOTE,
            "Nobody is told when a station falls silent",
            "Add a recipient with a mail address, or with an address of ntfy, Telegram, Matrix or another service "
            "(docs/alerts.md).",
            url=reverse("admin:alerts_recipient_changelist"),
        )


def _troubled() -> Concern | None:
    meant = Q(active=True) | Q(encrypted_address="")  # The latter has ended: nobody switched it off.
    channels = Channel.objects.filter(meant, recipient__active=True).exclude(trouble="")
    return about(
        list(channels.select_related("recipient")),
        lambda channel: Item(
            f"{channel.recipient}: {channel}",
            channel.trouble,
            reverse("admin:alerts_recipient_change", args=[channel.recipient_id]),
        ),
        "channels",
        Urgency.SOON,
        "People whom messages do not reach",
        "Mend the address, then have a test message sent from the recipient's page.",
    )


def _unwatched(survey: Survey) -> Concern | None:
    watch = Watch.objects.first()
    if watch is not None and survey.at - watch.looked_at < OVERDUE:
        return None
    seen = f"It was last seen {length(survey.at - watch.looked_at)} ago." if watch else ""
    return Concern(
        "unwatched",
        Urgency.SOON,
        "Nobody keeps the watch",
        f"No message is sent meanwhile. {seen} python3 bootstrap.py serve starts it; elsewhere it is the service "
        "freetemp-watch (docs/deploy.md), or python manage.py watch.",
    )
