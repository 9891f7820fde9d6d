"""Remove a lost second factor, so that its owner logs in with the password alone (docs/accounts.md)."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from accounts.factors.reset import reset_second_factor
from accounts.management.lookup import person
from freetemp.command import BaseCommand


class Command(BaseCommand):
    help = "Remove the second factors of an account and end its sessions: its owner lost the telephone or the key."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="the user name")

    def handle(self, *args: Any, **options: Any) -> None:
        found = person(options["name"])
        if not reset_second_factor(found):
            self.stdout.write(f"{found.get_username()} has no second factor. All sessions of the account are ended.")
            return
        self.stdout.write(
            f"{found.get_username()} logs in with the password alone until there is a second factor again, and all "
            "sessions of the account are ended. It is written down in the audit."
        )
