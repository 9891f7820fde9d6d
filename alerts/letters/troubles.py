"""The troubles of a station in a letter's days: its outages with their causes, and what else was told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext as _

from alerts.models import Kind, Notice, Recipient, Told
from freetemp.formatting import dated
from outages.models import Outage
from outages.words import told
from readings.calendar.periods import Period
from readings.coverage_words import duration
from stations.models import Station

MOST = 8  # of each


def outages_of(station: Station, period: Period, moments: str) -> Iterator[str]:
    """Yield a sentence for each outage in a period. `moments` is the format of a moment in it."""
    for each in Outage.objects.filter(station=station).overlapping(period.start, period.end)[:MOST]:
        began = _moment(each.began_at, period, moments)
        if each.ended_at is None:
            yield _("Silent since %(start)s.") % {"start": began}
            continue
        ended, length = _moment(each.ended_at, period, moments), duration(each.ended_at - each.began_at)
        told_first = _("Silent from %(start)s to %(end)s, for %(length)s.")
        yield f"{told_first % {'start': began, 'end': ended, 'length': length}} {told(each)}"


def others_told(station: Station, period: Period, moments: str, recipient: Recipient) -> list[str]:
    """Return the subjects of messages to a recipient about other troubles of a station, with their moments."""
    notices = Notice.objects.filter(
        recipient=recipient, incidents__station=station, created_at__gte=period.start, created_at__lt=period.end
    )
    others = notices.exclude(incidents__rule__kind=Kind.SILENT).exclude(kind=Told.LETTER)
    rows = others.order_by("created_at", "pk").distinct().values_list("created_at", "subject")[:MOST]
    return [f"{_moment(at, period, moments)}  {subject}" for at, subject in rows]


def _moment(at: datetime, period: Period, moments: str) -> str:
    """Return a moment in a period, or one that is not in it with its day."""
    is_within = period.start <= at < period.end
    return dated(at.astimezone(period.zone), moments if is_within else "j M, H:i")
