"""Troubles of the server itself and of boards: the concerns of the overview that last."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q

from alerts.models.incident import REMEMBERED
from alerts.models.recipient import Recipient
from freetemp.fields import EpochMillisField

# The concerns that are about an update, and of these the one that is too little for whoever is told of the server.
UPDATES = frozenset({"restart", "migrations", "firmware"})
OF_UPDATES_ONLY = frozenset({"firmware"})
MOST_OF_A_TEXT = 1000  # characters: telephones cut long messages


class ServerTroubleQuerySet(models.QuerySet["ServerTrouble"]):
    def lately(self, at: datetime) -> ServerTroubleQuerySet:
        """Return those of which something may have to be told: open ones, and those that ended lately."""
        return self.filter(Q(ended_at=None) | Q(ended_at__gte=at - REMEMBERED)).order_by("began_at", "pk")


class ServerTrouble(models.Model):
    """A concern of the overview, from the look that first found it to the one that did not find it any more."""

    kind = models.CharField(max_length=60, help_text="That of the concern.")
    title = models.CharField(max_length=200)
    text = models.TextField(help_text="What it is about, and what to do.")
    translations = models.JSONField(
        default=dict, help_text="Its title and its text in other languages than the admin's."
    )
    began_at = EpochMillisField("began", db_index=True)
    ended_at = EpochMillisField("ended", null=True, db_index=True)

    objects = ServerTroubleQuerySet.as_manager()

    class Meta:
        ordering = ["-began_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["kind"], name="server_trouble_open_once", condition=Q(ended_at=None))
        ]

    def __str__(self) -> str:
        return self.title

    def is_for(self, recipient: Recipient) -> bool:
        """Tell whether a recipient wants to hear of it."""
        if recipient.told_of_updates and self.kind in UPDATES:
            return True
        return recipient.told_of_server and self.kind not in OF_UPDATES_ONLY

    def words(self, language: str) -> tuple[str, str]:
        """Return its title and its text in a language, as they were when it began."""
        title, text = self.translations.get(language, (self.title, self.text))
        return title, text
