"""Make days anew where a time zone has newer rules than those by which they were divided."""

from typing import Any

from freetemp.command import BaseCommand
from freetemp.zone_rules import in_use
from readings.rollups.new_rules import follow_rules


class Command(BaseCommand):
    help = (
        "Make the days of stations anew where their time zones have newer rules than before. "
        "prepare does it, and so does a server when it starts. Boards may report meanwhile."
    )

    def handle(self, **options: Any) -> None:
        found = 0
        for found, sentence in enumerate(follow_rules(), start=1):
            if found == 1:
                self.stdout.write(f"Time zones: {in_use()}.")
            self.stdout.write(sentence)
        if options["verbosity"] > 1 and not found:
            self.stdout.write(f"Time zones: {in_use()}. All days are divided by their rules.")
