"""Troubles of the server and of boards: what the overview names as urgent, if it lasts."""

from __future__ import annotations

from datetime import datetime, timedelta

from alerts.models import Recipient
from alerts.models.server_trouble import MOST_OF_A_TEXT, ServerTrouble
from freetemp.overview.concerns import Concern
from freetemp.overview.report import Overview

EVERY = timedelta(minutes=5)
# Stations have rules of their own, and a new station's first steps are no trouble.
NOT_TOLD = {"silent", "late", "never", "no-key", "pending", "channels", "unwatched", "http", "debug"}
MOST_NAMED = 5


class _Everything:
    """A user who may see every concern."""

    def has_perm(self, permission: str) -> bool:
        return True


def look(at: datetime) -> None:
    """Note the concerns that are there, and end those that are not there any more, if anybody is to be told."""
    if not Recipient.objects.reachable().filter(told_of_server=True).exists():
        ServerTrouble.objects.filter(ended_at=None).delete()
        return
    urgent = {each.kind: each for each in Overview.of(_Everything()).pressing if each.kind not in NOT_TOLD}
    known = {each.kind: each for each in ServerTrouble.objects.filter(ended_at=None)}
    for kind, trouble in known.items():
        if kind not in urgent:
            trouble.ended_at = at
            trouble.save(update_fields=["ended_at"])
    ServerTrouble.objects.bulk_create(
        ServerTrouble(kind=kind, title=concern.title[:200], text=_text(concern), began_at=at)
        for kind, concern in urgent.items()
        if kind not in known
    )


def _text(concern: Concern) -> str:
    named = [f"{item.what}: {item.detail}" if item.detail else item.what for item in concern.items[:MOST_NAMED]]
    more = concern.total - len(named)
    lines = [concern.title + ".", *named, *([f"and {more} more"] if more > 0 else []), "", concern.advice]
    return "\n".join(lines)[:MOST_OF_A_TEXT]
