"""Put a backup in the place of the SQLite database."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from freetemp import deeds
from freetemp.backups.errors import BackupError
from freetemp.backups.progress import Progress
from freetemp.backups.restore import is_of_an_earlier_freetemp, replace_database
from freetemp.backups.sqlite_file import sqlite_path
from freetemp.command import BaseCommand


class Command(BaseCommand):
    help = "Replace the SQLite database by a backup, and keep what was there beside it. Stop the server first."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="A file that `python manage.py backup` has made.")
        parser.add_argument("--yes", action="store_true", help="Do not ask.")

    def handle(self, *args: Any, file: Path, yes: bool, **options: Any) -> None:
        try:
            path = sqlite_path()
            self.stdout.write("Checking the backup ...")
            is_earlier = is_of_an_earlier_freetemp(file, path)
            if path.exists() and not yes and not self.is_sure(path, file):
                raise CommandError("Nothing was changed.")
            replace_database(path, file, Progress(self.stdout.write))
        except BackupError as error:
            raise CommandError(str(error)) from error
        if not is_earlier:  # An earlier one has no place for it.
            deeds.done.send(sender=None, deed="database restored", details={"from": file.name})
        self.stdout.write(f"{path} is now what {file} holds.")
        if is_earlier:
            self.stdout.write(
                "It is of an earlier freetemp: start that one, or run `python manage.py prepare` before this one."
            )

    def is_sure(self, path: Path, file: Path) -> bool:
        self.stdout.write(f"This replaces {path} by {file}, and keeps what is there beside it.")
        try:
            return input("Go on? [y/N]: ").strip().lower() in ("y", "yes")
        except EOFError:
            return False
