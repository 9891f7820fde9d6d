"""Add the demo stations with a real year of history."""

from typing import Any

from django.utils import timezone

from freetemp.command import BaseCommand
from readings.demo import AIRPORTS, load


class Command(BaseCommand):
    help = "Add three stations with a real year of observations, or bring them up to now. Running it again is safe."

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        for airport in AIRPORTS:
            station, stored = load(airport, now)
            self.stdout.write(f"{station}: {stored} readings added")
