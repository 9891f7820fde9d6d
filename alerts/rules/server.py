"""Troubles of the server and of boards: what the overview names as urgent, if it lasts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext as _

from alerts.models import Kind, Recipient, Rule
from alerts.models.server_trouble import MOST_OF_A_TEXT, UPDATES, ServerTrouble
from freetemp.overview.concerns import Concern
from freetemp.overview.report import Overview
from freetemp.translations import in_language

EVERY = timedelta(minutes=5)
# Stations have rules of their own, and a new station's first steps are no trouble.
NOT_TOLD = {"silent", "late", "never", "no-key", "pending", "channels", "unwatched", "http", "debug"}
MOST_NAMED = 5
# What a rule for every station tells.
OF_RULES = {
    Kind.SENSOR.value: "trouble-",
    Kind.REFUSED.value: "refused-",
    Kind.RESTARTS.value: "boards-start-often",
}


class _Everything:
    """A user who may see every concern."""

    def has_perm(self, permission: str) -> bool:
        return True


def look(at: datetime) -> None:
    """Note the concerns that are there, and end those that are not there any more, if anybody is to be told."""
    audience = Recipient.objects.told_of_any_server_trouble()
    if not audience.exists():
        ServerTrouble.objects.filter(ended_at=None).delete()
        return
    with_updates = audience.filter(told_of_updates=True).exists()
    urgent = _urgent(with_updates)
    known = {each.kind: each for each in ServerTrouble.objects.filter(ended_at=None)}
    for kind, trouble in known.items():
        if kind not in urgent:
            trouble.ended_at = at
            trouble.save(update_fields=["ended_at"])
    if begun := urgent.keys() - known:
        words = {language: _words(language, with_updates) for language, _name in settings.LANGUAGES}
        own = words.pop(settings.LANGUAGE_CODE)
        ServerTrouble.objects.bulk_create(
            ServerTrouble(
                kind=kind,
                title=own[kind][0],
                text=own[kind][1],
                translations={language: of[kind] for language, of in words.items() if kind in of},
                began_at=at,
            )
            for kind in begun & own.keys()
        )


def _urgent(with_updates: bool) -> dict[str, Concern]:
    """Return what the overview names as urgent, and what it notes of updates, in the active language, by its kind."""
    overview = Overview.of(_Everything())
    updates = [each for each in overview.notes if each.kind in UPDATES] if with_updates else []
    told = [each for each in [*overview.pressing, *updates] if each.kind not in NOT_TOLD]
    by_rules = tuple(OF_RULES[kind] for kind in _rules_for_all())
    return {each.kind: each for each in told if not (by_rules and each.kind.startswith(by_rules))}


def _rules_for_all() -> Iterable[str]:
    rules = Rule.objects.filter(kind__in=OF_RULES, station=None, active=True)
    return rules.order_by().values_list("kind", flat=True)


def _words(language: str, with_updates: bool) -> dict[str, tuple[str, str]]:
    """Return the title and the text of each in a language. The overview is asked once more: a trouble is rare."""
    with in_language(language):
        return {kind: (concern.title[:200], _text(concern)) for kind, concern in _urgent(with_updates).items()}


def _text(concern: Concern) -> str:
    named = [f"{item.what}: {item.detail}" if item.detail else item.what for item in concern.items[:MOST_NAMED]]
    more = concern.total - len(named)
    rest = [_("and %(count)d more") % {"count": more}] if more > 0 else []
    lines = [concern.title + ".", *named, *rest, "", concern.advice]
    return "\n".join(lines)[:MOST_OF_A_TEXT]
