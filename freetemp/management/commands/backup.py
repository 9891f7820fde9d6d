"""Copy the SQLite database into a file of its own."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from freetemp.backups.copy import back_up
from freetemp.backups.errors import BackupError
from freetemp.backups.folder import delete_all_but, usual_folder
from freetemp.backups.progress import Progress
from freetemp.command import BaseCommand


class Command(BaseCommand):
    help = (
        "Copy the SQLite database into a file of its own, while the server runs. docs/deploy.md has PostgreSQL's way."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--to", type=Path, help="The folder for it (VAR_DIR/backups).")
        parser.add_argument("--keep", type=int, metavar="N", help="Delete all but the newest N in that folder.")

    def handle(self, *args: Any, to: Path | None, keep: int | None, **options: Any) -> None:
        if keep is not None and keep < 1:
            raise CommandError("--keep takes a number from 1 on.")
        try:
            path = back_up(to or usual_folder(), Progress(self.stdout.write))
            if keep is not None:
                delete_all_but(path.parent, keep)
        except BackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{path}: {path.stat().st_size / 1e6:.1f} MB, checked.")
