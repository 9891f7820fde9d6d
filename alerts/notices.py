"""Writes what recipients are told now, with a delivery for each of their channels."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext

from alerts.models import Delivery, Incident, Notice, Recipient, Told
from alerts.news import Incidents
from alerts.returns import after
from alerts.words import Teller


def write_notices(at: datetime) -> None:
    """Write the notices of a moment, with a delivery for each channel, in the caller's transaction."""
    if not Incident.objects.lately(at).exists():
        return
    incidents = Incidents(at)
    for recipient in Recipient.objects.reachable().prefetch_related("stations", "mutes", "channels"):
        if recipient.quiet_until_at(at) is None:
            for kind, found in incidents.news(recipient).of.items():
                _write(recipient, kind, found, incidents, at)


def _write(recipient: Recipient, kind: Told, found: list[Incident], incidents: Incidents, at: datetime) -> None:
    returns = {each.pk: after(each, at) for each in found if each.is_silence and each.ended_at}
    times = {each.pk: incidents.times_in_a_day(each) for each in found}
    subject, body = Teller(recipient, at).tell(kind, found, returns, times)
    _put(recipient, kind, subject, body, at).incidents.set(found)


def write_test(recipient: Recipient, at: datetime) -> None:
    """Write a test message for each active channel of a recipient, whatever the hour."""
    with translation.override(recipient.language), transaction.atomic():
        subject = gettext("A test message of freetemp")
        body = gettext("It has arrived. You are told here when a station is in trouble.")
        _put(recipient, Told.TEST, subject, body, at)


def _put(recipient: Recipient, kind: Told, subject: str, body: str, at: datetime) -> Notice:
    notice = Notice.objects.create(recipient=recipient, kind=kind, created_at=at, subject=subject[:200], body=body)
    Delivery.objects.bulk_create(
        Delivery(notice=notice, channel=channel, due_at=at) for channel in recipient.channels.all() if channel.active
    )
    return notice
