"""Make the key by which the push services of browsers know this server, unless there is one (docs/alerts.md)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils import timezone

from alerts.models import PushKey
from freetemp.command import BaseCommand


class Command(BaseCommand):
    help = "Make the key by which push services know this server, unless there is one. `prepare` does it too."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.ENCRYPTION_KEYS:
            self.stdout.write(
                "No key for messages to phones is made: ENCRYPTION_KEYS, which would keep it, is not set."
            )
        elif PushKey.objects.usable() is None:
            PushKey.objects.make(timezone.now())
