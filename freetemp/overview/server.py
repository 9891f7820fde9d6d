"""The condition of the server itself: its disk, its database and backups, and faults in its settings."""

from __future__ import annotations

import platform
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from freetemp import damage, zone_rules
from freetemp.backups import folder
from freetemp.checks import plain_http_is_for_home
from freetemp.clock import clock
from freetemp.disk_reserve import database_folder, disk_reserve
from freetemp.fields import to_millis
from freetemp.migration_state import pending_migrations
from freetemp.overview.concerns import Concern, Survey, Urgency
from freetemp.read_only import is_read_only
from freetemp.versions import database

FULL_BYTES = 200_000_000  # SQLite's -wal file alone may take a tenth of it.
NEARLY_FULL = 0.05  # of the disk
OLD_BACKUP = timedelta(days=2)  # Backups are made daily: a failed one shows before the next one fails.
BYTES_A_READING = {"sqlite": 28, "postgresql": 88}  # with rollups, docs/storage.md


@dataclass(frozen=True)
class Condition:
    """The observed state of the server. Sizes are in bytes; unknown ones are None."""

    free: int | None
    disk: int
    database: int
    backup_at: datetime | None
    pending_migrations: list[str]

    @property
    def has_backups_here(self) -> bool:
        """Tell whether `manage.py backup` is for this database, so that its folder has the last backup's time."""
        return connection.vendor == "sqlite"

    @property
    def versions(self) -> list[tuple[str, str]]:
        """Return the programs that freetemp runs on, with their versions."""
        return [("Python", platform.python_version()), database(), ("time zones", zone_rules.in_use())]

    def growth(self, readings_a_day: float) -> int:
        """Return the number of bytes by which the database grows a day."""
        return round(readings_a_day * BYTES_A_READING.get(connection.vendor, 0))


def look() -> Condition:
    """Look at the server. This queries the database's size and its migrations."""
    try:
        disk, _, free = shutil.disk_usage(settings.VAR_DIR)
    except OSError:
        disk, free = 0, None
    return Condition(free, disk, _database_bytes(), folder.newest_at(), pending_migrations())


def server_concerns(survey: Survey) -> Iterator[Concern | None]:
    """Yield the faults of the server itself."""
    yield _clock(survey.at)
    yield _migrations(survey.server)
    yield _reserve() or _disk(survey.server)
    yield _backup(survey.server, survey.at)
    yield from _settings()


def _database_bytes() -> int:
    statement = {
        "sqlite": "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
        "postgresql": "SELECT pg_database_size(current_database())",
    }[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return int(cursor.fetchone()[0])


def damaged() -> Concern | None:
    """Return the concern about a damaged database. Ask last: other concerns may meet the damage."""
    if (found := damage.noted()) is None:
        return None
    if connection.vendor == "sqlite":
        what_to_do = _(
            "Stop the server, and put the newest backup in the place of the database: python manage.py restore FILE "
            "keeps what is there beside it (docs/deploy.md)."
        )
    else:
        what_to_do = _(
            "Restore a dump (docs/deploy.md), then run python manage.py prepare, which takes this note away."
        )
    rest = _("Look at the disk too: a worn SD card does this. The database said: %(words)s") % {"words": found.words}
    return Concern(
        "damage",
        Urgency.NOW,
        _("The database is damaged"),
        f"{what_to_do} {rest}",
    )


def _clock(at: datetime) -> Concern | None:
    if not clock.is_behind(to_millis(at)):
        return None
    return Concern(
        "clock",
        Urgency.NOW,
        f"This server's clock is in the past: it says {at:%Y-%m-%d %H:%M} UTC",
        "Set it, or see why NTP does not. Until it is right, nothing is stored: boards keep their readings meanwhile.",
    )


def _migrations(found: Condition) -> Concern | None:
    if not found.pending_migrations:
        return None
    return Concern(
        "migrations",
        Urgency.NOW,
        _("The database is older than the program"),
        _("Run python manage.py prepare and restart the server. Not applied yet: %(names)s.")
        % {"names": ", ".join(found.pending_migrations)},
    )


def _reserve() -> Concern | None:
    if not disk_reserve.is_reached(database_folder()):
        return None
    return Concern(
        "disk",
        Urgency.NOW,
        _("The database's disk has only its reserve left"),
        _(
            "Make room: old backups and logs go first. Until then reports of many readings, uploads and imports wait. "
            "Boards of freetemp keep what they measure, and single values of other boards are still taken "
            "(DISK_RESERVE_MB, docs/storage.md)."
        ),
    )


def _folders() -> set[Path]:
    """Return the folders that have to take files: VAR_DIR, and that of an SQLite database elsewhere."""
    return {settings.VAR_DIR, database_folder() or settings.VAR_DIR}


def _disk(found: Condition) -> Concern | None:
    if found.free is None:
        advice = _("See whether its disk is there and mounted.")
        return Concern("disk", Urgency.NOW, _("VAR_DIR cannot be read"), advice)
    if any(map(is_read_only, _folders())):
        return Concern(
            "disk",
            Urgency.NOW,
            _("The disk is read-only"),
            _(
                "Nothing is stored: boards get 503, and keep their readings. Linux does this to a disk after an error: "
                "see dmesg, copy VAR_DIR elsewhere, then check the disk or replace it. A worn SD card does not recover."
            ),
        )
    left = {"size": filesizeformat(found.free)}
    advice = _("Make room: old backups and logs go first. Full, it stores nothing.")
    if not found.has_backups_here:
        advice = _("Make room: old logs go first. If PostgreSQL is on another machine, look at its disk, too.")
    if found.free < FULL_BYTES:
        return Concern("disk", Urgency.NOW, _("The disk is full but for %(size)s") % left, advice)
    if found.free < found.disk * NEARLY_FULL:
        return Concern("disk", Urgency.SOON, _("The disk is nearly full: %(size)s are left") % left, advice)
    if found.has_backups_here and found.free < found.database:
        return Concern("disk", Urgency.SOON, _("The disk has no room for a backup: %(size)s are left") % left, advice)
    return None


def _backup(found: Condition, at: datetime) -> Concern | None:
    if not found.has_backups_here:
        return None
    if found.backup_at is None:
        return Concern(
            "backup",
            Urgency.NOTE,
            "There is no backup",
            "Run python manage.py backup each day, as deploy/freetemp-backup.timer does (docs/deploy.md).",
        )
    if at - found.backup_at > OLD_BACKUP:
        return Concern(
            "backup",
            Urgency.SOON,
            _("The last backup is %(days)d days old") % {"days": (at - found.backup_at).days},
            _("See why the next one failed: journalctl -u freetemp-backup, or run python manage.py backup yourself."),
        )
    return None


def _settings() -> Iterator[Concern]:
    for warning in plain_http_is_for_home(None):
        yield Concern("http", Urgency.SOON, str(warning.msg), str(warning.hint))
    if settings.DEBUG:
        advice = "Whoever meets an error sees the program's insides: take DEBUG=on out of .env, unless this is a test."
        yield Concern("debug", Urgency.SOON, "DEBUG is on", advice)
