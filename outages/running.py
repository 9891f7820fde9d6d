"""The server notes once a minute that it is up."""

from __future__ import annotations

import time

from django.utils import timezone

from freetemp.background import in_background, try_to
from freetemp.clock import clock
from freetemp.fields import to_millis
from outages.models.server_run import EVERY, ServerRun


def note_running_in_background() -> None:
    """Let a process of the server note every minute that it is up."""
    in_background("running", _note_for_ever)


def _note_for_ever() -> None:
    while True:
        try_to(note_running, "It could not be noted that the server is up")
        time.sleep(EVERY.total_seconds())


def note_running() -> None:
    """Note that the server is up, unless its clock is known to be wrong."""
    at = timezone.now()
    if not clock.is_behind(to_millis(at)):
        ServerRun.objects.note(at)
