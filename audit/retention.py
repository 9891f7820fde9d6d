"""How long events are kept: AUDIT_DAYS. Removing older ones is an event itself."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Min

from audit.deeds import record
from audit.models import Event, Pruning
from freetemp.fields import from_millis, to_millis

# Run each day, it removes the events of a day. A clock that is years ahead for once takes no more than this many.
LEAP = timedelta(days=40)
THE_ONE = 1


def prune(now: datetime) -> int:
    """Remove the events that are older than AUDIT_DAYS, and return how many."""
    if settings.AUDIT_DAYS is None:
        return 0
    wanted = now - timedelta(days=settings.AUDIT_DAYS)
    oldest = Event.objects.aggregate(oldest=Min("at"))["oldest"]
    if oldest is None or oldest >= wanted:
        return 0
    with transaction.atomic():
        limit = Pruning.objects.select_for_update().get_or_create(pk=THE_ONE)[0]
        until = from_millis(to_millis(min(wanted, max(oldest, limit.until) + LEAP)))
        limit.until = max(until, limit.until)
        limit.save()
        gone = Event._base_manager.filter(at__lt=until)
        count = gone._raw_delete(gone.db)
        if count:
            record("old deeds removed", details={"before": until, "deeds": count})
    return count
