"""Copy the SQLite database to PostgreSQL, while the server runs, and finish when it is stopped."""

import os
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import CommandError, CommandParser

from freetemp.command import BaseCommand
from freetemp.conf import database_url

TARGET = "COPY_TO_URL"


class Command(BaseCommand):
    help = (
        "Copy the SQLite database to an empty PostgreSQL (docs/scale-out.md): while the server runs, as often as you "
        "like, and once with --finish when it is stopped. Killed, it goes on when it is started again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--to", metavar="URL", help=f"The PostgreSQL, like DATABASE_URL. With a password, use {TARGET} instead."
        )
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--check", action="store_true", help="Say what stands in the way, and copy nothing.")
        which.add_argument("--finish", action="store_true", help="Copy what has come since, and check the copy.")

    def handle(self, *args: Any, to: str | None, check: bool, finish: bool, **options: Any) -> None:
        try:
            from freetemp.copying.errors import CopyError
            from freetemp.copying.run import Copy
        except ImportError as error:
            raise CommandError(
                "PostgreSQL's driver is not installed: pip install --require-hashes -r requirements/postgresql.txt"
            ) from error
        url = to or os.environ.get(TARGET, "")
        try:
            copy = Copy(url, _settings_of(url, is_needed=not check), self.say)
            if check:
                copy.look()
            elif finish:
                self.finish(copy)
            else:
                copy.copy()
                self.stdout.write(
                    "All is copied as it was a moment ago. Now stop the server, and run this again with --finish."
                )
        except CopyError as error:
            raise CommandError(str(error)) from error

    def say(self, sentence: str) -> None:
        """Say it at once, also into a pipe: somebody waits for the sentence that the server can start."""
        self.stdout.write(sentence)
        self.stdout.flush()

    def finish(self, copy: Any) -> None:
        copy.finish()
        self.say(
            "The copy is whole, and the same as SQLite's database. Put its address into DATABASE_URL, and start the "
            "server. Keep SQLite's file until you are sure."
        )
        self.say("Comparing rollups with readings in PostgreSQL, which need not be waited for ...")
        if copy.rollups_differ():
            raise CommandError(
                "Rollups differ from their readings, as they did in SQLite: the copy is the same. With the new "
                "DATABASE_URL, `python manage.py rebuild_rollups` mends them."
            )
        self.stdout.write("All rollups are those of their readings.")


def _settings_of(url: str, *, is_needed: bool) -> dict[str, Any] | None:
    """Return the settings of the target's address. No message has a part of it."""
    if not url.strip():
        if is_needed:
            raise CommandError(f"Give the target like DATABASE_URL, in the environment as {TARGET}, or with --to.")
        return None
    try:
        config = database_url.database(url, settings.VAR_DIR, settings.BASE_DIR)
    except ImproperlyConfigured as error:
        raise CommandError(str(error).replace("DATABASE_URL", "The target's address")) from None
    if config["ENGINE"] != database_url.POSTGRESQL:
        raise CommandError("The target is no PostgreSQL: its address begins with postgresql://.")
    return config
