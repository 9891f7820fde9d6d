"""Django's check, which also tells the rules of time zones in use."""

from typing import Any

from django.core.management.commands.check import Command as DjangoCheck

from freetemp.zone_rules import in_use


class Command(DjangoCheck):
    def handle(self, *app_labels: Any, **options: Any) -> None:
        super().handle(*app_labels, **options)
        if not options["list_tags"]:
            self.stdout.write(f"Time zones: {in_use()}.")
