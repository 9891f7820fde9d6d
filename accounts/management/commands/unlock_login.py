"""Let an account or an address log in again at once, after many wrong passwords or codes (docs/accounts.md)."""

from __future__ import annotations

import ipaddress
from argparse import ArgumentParser
from typing import Any

from django.db import transaction

from accounts.management.lookup import person
from audit.deeds import record
from freetemp.command import BaseCommand
from freetemp.logins.wrong_passwords import forget_account, forget_network


class Command(BaseCommand):
    help = "Forget the wrong passwords and codes of an account, or from an address, which made logins wait."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", metavar="NAME|ADDRESS", help="a user name, or an address such as 192.168.1.20")

    def handle(self, *args: Any, **options: Any) -> None:
        what = options["what"]
        if _is_address(what):
            was_there = forget_network(what)
        else:
            found = person(what)
            was_there = forget_account(found.get_username(), found.pk)
        if not was_there:
            self.stdout.write(f"Nothing was held against {what}: there were no wrong logins within an hour.")
            return
        with transaction.atomic():
            record("login unlocked", what=what)
        self.stdout.write(f"{what} can log in at once.")


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return True
