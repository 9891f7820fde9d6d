"""Print the versions of freetemp and of the parts that it runs on."""

from typing import Any

from freetemp.command import BaseCommand
from freetemp.versions import versions


class Command(BaseCommand):
    help = "Tell the version of freetemp, and those of the parts that it runs on: a report of a fault should have them."
    requires_system_checks = []

    def handle(self, **options: Any) -> None:
        for name, version in versions():
            self.stdout.write(f"{name} {version}")
