"""Do everything between installing freetemp and serving with it. Repeating it is harmless."""

import hashlib
import json
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import CommandError, CommandParser
from django.db import DatabaseError, connection

from freetemp import bundles, damage, staticfiles
from freetemp.backups.errors import BackupError
from freetemp.backups.progress import Progress
from freetemp.backups.snapshot import take_snapshot
from freetemp.command import BaseCommand
from freetemp.command_line import quoted
from freetemp.conf import owner_only
from freetemp.conf.database_url import earlier_place
from freetemp.migration_state import pending_migrations
from freetemp.prepare_lock import alone_in, alone_on_database
from freetemp.read_only import takes_files


class Command(BaseCommand):
    help = (
        "Prepare this server for its start: database, static files, and an administrator where there is none. "
        "An SQLite database of an earlier freetemp is copied first."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--no-snapshot", action="store_false", dest="snapshot", help="Upgrade the database without a copy of it."
        )

    def handle(self, *, snapshot: bool, **options: Any) -> None:
        if connection.vendor == "sqlite" and settings.VAR_DIR.exists() and not takes_files(settings.VAR_DIR):
            self.go_on_reading()
            return
        try:
            settings.VAR_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
            with alone_in(settings.VAR_DIR, self.stdout.write):
                self.look_for_an_earlier_database()
                with alone_on_database(self.stdout.write):
                    self.prepare_database(snapshot=snapshot)
                self.collect_static_files()
                damage.forget()
                self.close_to_others()
        except DatabaseError as error:
            raise CommandError(f"The database cannot be prepared: {error}") from error
        except OSError as error:
            raise CommandError(f"{error}. Once that is mended, run this again.") from error

    def prepare_database(self, *, snapshot: bool) -> None:
        """Do what is done once for all nodes. Those that waited find nothing left to do."""
        if snapshot:
            self.take_snapshot()
        self.stdout.write("Preparing the database ...")
        call_command("migrate", verbosity=0, interactive=False)
        call_command("follow_zone_rules", stdout=self.stdout)
        call_command("follow_quantities", stdout=self.stdout)
        call_command("make_push_key", stdout=self.stdout)
        self.make_first_administrator()

    def go_on_reading(self) -> None:
        """Let a server start on a read-only disk if all is ready: readings can be seen until the disk is replaced."""
        if pending_migrations() or not _is_whole(settings.STATIC_ROOT / "staticfiles.json"):
            raise CommandError(f"{settings.VAR_DIR} is read-only, and not prepared: mend that, then run this again.")
        self.stdout.write(f"{settings.VAR_DIR} is read-only: pages show what is there, and nothing is stored.")

    def look_for_an_earlier_database(self) -> None:
        """Stop before an empty database is made, if an earlier freetemp has kept this folder's readings elsewhere."""
        path = Path(settings.DATABASES["default"]["NAME"])
        is_usual = connection.vendor == "sqlite" and path == settings.VAR_DIR / "freetemp.sqlite3"
        if is_usual and not path.exists() and (earlier := earlier_place(path)):
            raise CommandError(
                f"There is no database at {path}. An earlier freetemp misread this path and kept its database in "
                f"{earlier}. Stop what still serves it, then copy it: python manage.py restore {quoted(earlier)}\n"
                "To begin without it: python manage.py migrate"
            )

    def take_snapshot(self) -> None:
        try:
            path = take_snapshot(Progress(self.stdout.write))
        except BackupError as error:
            raise CommandError(
                f"{error} Nothing was changed. To upgrade without a way back: python manage.py prepare --no-snapshot"
            ) from error
        if path:
            self.stdout.write(
                f"The database as it was is {path} now. To go back: stop the server, run "
                f"`python manage.py restore {quoted(path)}`, and check the earlier version out (docs/upgrade.md)."
            )

    def collect_static_files(self) -> None:
        """Collect the files of pages, unless nothing changed: compressing takes seconds, on a Raspberry Pi a minute."""
        stamp, manifest = settings.VAR_DIR / "static.stamp", settings.STATIC_ROOT / "staticfiles.json"
        digest, collected = _digest_of_sources(), stamp.read_text() if stamp.exists() else ""
        if not _is_whole(manifest):
            collected = ""
        if collected == digest:
            return
        self.stdout.write("Collecting static files ...")
        stamp.unlink(missing_ok=True)
        if not collected:  # After a power cut, some may be empty: collectstatic would believe their times.
            manifest.unlink(missing_ok=True)
        call_command("collectstatic", verbosity=0, interactive=False, clear=not collected)
        if hasattr(os, "sync"):  # Not on Windows.
            os.sync()
        stamp.write_text(digest)  # It says that all of them are on the disk.

    def close_to_others(self) -> None:
        """Take what an earlier freetemp wrote away from the other users of this computer."""
        files = owner_only.database_files(settings.DATABASES["default"])
        if left := [*owner_only.close_folder(settings.VAR_DIR), *owner_only.close(files)]:
            self.stdout.write(
                f"Other users of this computer may read {left[0]}, because it is not yours: give it to the user who "
                f"runs this{f', and {len(left) - 1} more' if len(left) > 1 else ''}."
            )

    def make_first_administrator(self) -> None:
        users = get_user_model().objects
        if users.filter(is_superuser=True).exists():
            return
        if users.filter(username="admin").exists():
            raise CommandError("No user is an administrator: make one with `python manage.py createsuperuser`.")
        password = secrets.token_urlsafe(16)
        users.create_superuser("admin", password=password)
        self.stdout.write(
            f"Administrator: admin, password: {password}  (shown once; change it at "
            f"{settings.SERVER_URL}/account/password/)"
        )


def _is_whole(manifest: Path) -> bool:
    """Tell whether the list of collected files can be read. Without it each page is an error, and collecting too."""
    try:
        return bool(json.loads(manifest.read_text()))
    except (OSError, ValueError):
        return False


def _digest_of_sources() -> str:
    """Return a digest of collectstatic's inputs and of its storage: the path, size and time of every file."""
    stats = [(str(path), path.stat()) for path in sorted(_sources())]
    return hashlib.sha256(repr([(path, stat.st_size, stat.st_mtime_ns) for path, stat in stats]).encode()).hexdigest()


def _sources() -> Iterator[Path]:
    yield from (Path(staticfiles.__file__), Path(bundles.__file__))  # The storage itself is a source as well.
    for finder in get_finders():
        for path, storage in finder.list(None):
            yield Path(storage.path(path))
