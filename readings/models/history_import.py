"""A file with readings that somebody imports in the admin."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import models

from freetemp.fields import EpochMillisField
from stations.models import Station

SIGN_OF_LIFE = timedelta(seconds=2)
GONE_AFTER = timedelta(minutes=1)  # A busy database may keep a process waiting for half a minute.
KEPT = timedelta(days=30)
KEPT_UNFINISHED = timedelta(days=1)  # with its file
MOST_OF_A_NAME = 100


class State(models.TextChoices):
    RECEIVING = "receiving", "not sent to its end"
    READY = "ready", "not begun"
    RUNNING = "running", "running"
    STOPPED = "stopped", "stopped"
    FAILED = "failed", "failed"
    DONE = "done", "done"


class HistoryImportQuerySet(models.QuerySet["HistoryImport"]):
    def running(self, at: datetime) -> HistoryImportQuerySet:
        """Return the imports whose processes have lately said that they run."""
        return self.filter(state=State.RUNNING, alive_at__gt=at - GONE_AFTER)

    def old(self, at: datetime) -> HistoryImportQuerySet:
        """Return those that nobody will look at again."""
        done = models.Q(state=State.DONE, made_at__lt=at - KEPT)
        unfinished = ~models.Q(state=State.DONE) & models.Q(made_at__lt=at - KEPT_UNFINISHED)
        return self.filter(done | unfinished).exclude(pk__in=self.running(at))


class HistoryImport(models.Model):
    """A file for a station: what somebody has chosen for it, how far it is, and what became of it.

    The file itself is in VAR_DIR/imports until it is imported.
    """

    station = models.ForeignKey(Station, models.CASCADE, related_name="imports")
    name = models.CharField(max_length=MOST_OF_A_NAME, help_text="That of the file, where somebody had it.")
    size = models.PositiveBigIntegerField()  # bytes
    received = models.PositiveBigIntegerField(default=0)
    made_by = models.CharField(max_length=150)
    made_at = EpochMillisField()
    choices: models.JSONField[Any, Any] = models.JSONField(default=dict)  # readings.imports.choices
    state = models.CharField(max_length=10, choices=State.choices, default=State.RECEIVING)
    process = models.CharField(max_length=16, blank=True, default="")  # the one that imports it, by a random name
    alive_at = EpochMillisField(null=True)  # when that last said that it runs
    share = models.FloatField(null=True, help_text="The part of the file that was read, from 0 to 1, if it is known.")
    stored = models.PositiveIntegerField(default=0)
    summary = models.TextField(blank=True, default="")  # The sentences that the command prints, in lines.
    refused = models.PositiveIntegerField(default=0)
    refused_lines = models.TextField(blank=True, default="")  # as sentences
    problem = models.TextField(blank=True, default="")

    objects = HistoryImportQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.name} for {self.station}"

    def state_at(self, at: datetime) -> State:
        """Return its state. One whose process is gone, as after a restart of the server, has stopped."""
        if self.state == State.RUNNING and (self.alive_at is None or at - self.alive_at >= GONE_AFTER):
            return State.STOPPED
        return State(self.state)
