"""The server notes once a minute that it is up, and if the code on disk is another one than it runs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from freetemp.background import in_background, try_to
from freetemp.clock import clock
from freetemp.fields import to_millis
from freetemp.overview.concerns import Concern, Survey, Urgency
from freetemp.running_code import running_code
from outages.models.server_run import EVERY, ServerRun

LATELY = timedelta(minutes=5)


def note_running_in_background() -> None:
    """Let a process of the server note every minute that it is up."""
    in_background("running", _note_for_ever)


def _note_for_ever() -> None:
    running_code.remember()
    while True:
        try_to(note_running, "It could not be noted that the server is up")
        time.sleep(EVERY.total_seconds())


def note_running() -> None:
    """Note that the server is up, unless its clock is known to be wrong."""
    at = timezone.now()
    if not clock.is_behind(to_millis(at)):
        ServerRun.objects.note(at)
        if running_code.is_changed():
            ServerRun.objects.note_outdated(at)


def running_concerns(survey: Survey) -> Iterator[Concern | None]:
    """Yield that a process of the server, or this one, runs other code than there is on its disk."""
    is_outdated = running_code.is_changed() or ServerRun.objects.filter(outdated_at__gt=survey.at - LATELY).exists()
    if is_outdated:
        advice = _(
            "An update waits for a restart: run python manage.py prepare, then restart the server and freetemp-watch. "
            "Until then pages may be made of both."
        )
        yield Concern("restart", Urgency.SOON, _("The program on disk is not the one that runs"), advice)
