"""Writes what recipients are told now, with a delivery for each of their channels."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext

from alerts.models import Channel, Incident, Notice, Recipient, ServerTrouble, Told
from alerts.news import Incidents
from alerts.words.teller import Teller
from freetemp.translations import in_language
from outages.explanation import explain

LASTS = timedelta(minutes=10)  # A disk that is full for a moment, while a file is written, is no news.


def are_due(at: datetime) -> bool:
    """Tell whether there is anything to write at a moment."""
    return any(True for _ in _news(Incidents(at), at)) or any(True for _ in _server_news(at))


def write_notices(at: datetime) -> None:
    """Write the notices of a moment, with a delivery for each channel, in the caller's transaction."""
    incidents = Incidents(at)
    for recipient, kind, found in list(_news(incidents, at)):
        _write(recipient, kind, found, incidents, at)


def _news(incidents: Incidents, at: datetime) -> Iterator[tuple[Recipient, Told, list[Incident]]]:
    if incidents.are_none:
        return
    for recipient in _awake(Recipient.objects.reachable().prefetch_related("stations", "mutes"), at):
        for kind, found in incidents.news(recipient).items():
            yield recipient, kind, found


def _write(recipient: Recipient, kind: Told, found: list[Incident], incidents: Incidents, at: datetime) -> None:
    ended = [(each, each.ended_at) for each in found if each.is_silence and each.ended_at]
    outages = {each.pk: explain(each.station, each.began_at, ended_at, at) for each, ended_at in ended}
    times = {each.pk: incidents.times_in_a_day(each) for each in found}
    subject, body = Teller(recipient, at).tell(kind, found, outages, times)
    Notice.objects.put(recipient, kind, subject, body, at).incidents.set(found)


def write_server_notices(at: datetime) -> None:
    """Write the notices of the server's troubles that have lasted for a while, and of those that are over as long."""
    for recipient, kind, found in list(_server_news(at)):
        subject, body = Teller(recipient, at).tell_of_server(kind, found)
        Notice.objects.put(recipient, kind, subject, body, at).server_troubles.set(found)


def _server_news(at: datetime) -> Iterator[tuple[Recipient, Told, list[ServerTrouble]]]:
    troubles = list(ServerTrouble.objects.lately(at))
    if not troubles:
        return
    notices = Notice.objects.filter(server_troubles__in=troubles).order_by()
    told = set(notices.values_list("recipient", "server_troubles", "kind"))
    for recipient in _awake(Recipient.objects.told_of_any_server_trouble(), at):
        for kind in (Told.BEGAN, Told.ENDED):
            own = [each for each in troubles if each.is_for(recipient)]
            found = [each for each in own if _is_news(each, kind, recipient, told, at)]
            if found:
                yield recipient, kind, found


def _is_news(
    trouble: ServerTrouble, kind: Told, recipient: Recipient, told: Collection[tuple[int, int, str]], at: datetime
) -> bool:
    if (recipient.pk, trouble.pk, kind) in told:
        return False
    if kind == Told.BEGAN:
        return trouble.ended_at is None and at - trouble.began_at >= LASTS
    is_known = (recipient.pk, trouble.pk, Told.BEGAN) in told
    return is_known and trouble.ended_at is not None and at - trouble.ended_at >= LASTS


def write_test(recipient: Recipient, at: datetime, channels: Iterable[Channel] | None = None) -> None:
    """Write a test message for some channels of a recipient, or for each active one, whatever the hour."""
    with in_language(recipient.language), transaction.atomic():
        subject = gettext("A test message of freetemp")
        body = gettext("It has arrived. You are told here when a station is in trouble.")
        Notice.objects.put(recipient, Told.TEST, subject, body, at, channels)


def _awake(recipients: QuerySet[Recipient], at: datetime) -> Iterator[Recipient]:
    """Yield those of some recipients who can be told now, with their channels."""
    for recipient in recipients.prefetch_related("channels"):
        if not recipient.is_quiet(at):
            yield recipient
