"""Send uploads of stations to weather networks until it is stopped (docs/uploads.md)."""

from __future__ import annotations

import time
from typing import Any

from django.core.management import CommandParser

from freetemp.background import try_to
from freetemp.command import BaseCommand
from uploads.models import Upload
from uploads.sender import call_sender, dismiss_sender
from uploads.sending import send_due

PAUSE_S = 2.0


class Command(BaseCommand):
    help = "Send uploads of stations to weather networks until it is stopped."
    # They load every page: 20 MB that it never uses. `prepare` and the server run them.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="Send what is due now, and end.")
        parser.add_argument("--while-any", action="store_true", help="End as soon as no upload is active.")

    def handle(self, *args: Any, once: bool, while_any: bool, **options: Any) -> None:
        if once:
            send_due()
            return
        while not while_any or Upload.objects.wanted().exists():
            try_to(send_due, "Uploads could not be sent")
            time.sleep(PAUSE_S)
        dismiss_sender()
        if Upload.objects.wanted().exists():  # It was saved since the last look.
            call_sender()
