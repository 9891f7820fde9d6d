"""The steps of a copy, in their order: a pass while the server runs, and the end while it does not."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection
from tqdm import tqdm

from freetemp.copying.errors import CopyError
from freetemp.copying.pieces import copy_rows
from freetemp.copying.problems import problems_in
from freetemp.copying.series import copy_series
from freetemp.copying.source import Source
from freetemp.copying.tables import Table, all_tables
from freetemp.copying.target import Target, connect
from freetemp.copying.verify import check_rows, check_series, count_secrets
from freetemp.migration_state import pending_migrations

MOST_TOLD = 20

Say = Callable[[str], object]


@contextmanager
def _told_as_sentences() -> Iterator[None]:
    """Raise CopyError for an error of either database."""
    try:
        yield
    except sqlite3.Error as error:
        raise CopyError(f"SQLite says: {error}. What is copied stays. Once that is mended, run this again.") from error
    except psycopg.Error as error:
        said = " ".join(str(error).split())
        raise CopyError(
            f"PostgreSQL says: {said}. What is copied stays. Once that is mended, run this again: it goes on."
        ) from error


class Copy:
    """The copy of the server's SQLite database to a PostgreSQL, of which `say` tells in sentences."""

    def __init__(self, url: str, config: dict[str, Any] | None, say: Say) -> None:
        """Give the target's address and settings, or none for a look at SQLite alone."""
        if connection.vendor != "sqlite":
            raise CopyError("This server's database is no SQLite: DATABASE_URL has to be the old one until the end.")
        if pending := pending_migrations():
            raise CopyError(f"SQLite's database lacks {pending[0]}: run `python manage.py prepare` first.")
        connection.close()
        self.url, self.config, self.say, self.tables = url, config, say, all_tables()
        self.source = Source(Path(connection.settings_dict["NAME"]))

    @contextmanager
    def _target(self) -> Iterator[Target]:
        with connect(self.config or {}) as connected:
            yield Target(connected)

    @_told_as_sentences()
    def look(self) -> None:
        """Raise CopyError if anything stands in the way. Nothing is changed."""
        if self.config is not None:
            with self._target() as target:
                has_begun = target.look(self.source.fingerprint(), self.tables)
            self.say("The target has an unfinished copy, which goes on." if has_begun else "The target can be used.")
        self._look_for_problems(with_series=True)
        self.say("SQLite's database holds nothing that PostgreSQL refuses.")

    @_told_as_sentences()
    def copy(self) -> None:
        """Copy everything as it is now. Boards may report meanwhile."""
        self._look_for_problems(with_series=True)
        with self._target() as target:
            self._open(target)
            self._pass(target)

    @_told_as_sentences()
    def finish(self) -> None:
        """Copy what has come since, check the copy, and give it away. Nobody else may have SQLite's database open."""
        self.source.be_alone()
        self._look_for_problems(with_series=False)
        with self._target() as target:
            self._open(target)
            self._pass(target)
            self._verify(target)
            self.say("Making foreign keys and counters ...")
            target.end(self.source.last_numbers(), self.tables)
            target.connection.execute("ANALYZE")

    def rollups_differ(self) -> bool:
        """Have the usual check compare rollups with readings in PostgreSQL. The server may run again meanwhile."""
        done = self._manage("rebuild_rollups", "--check")
        if done.returncode and "rollups differ" not in done.stdout:
            raise CopyError(
                f"Rollups could not be compared: {_end_of(done)} The copy is whole all the same: with the new "
                "DATABASE_URL, run `python manage.py rebuild_rollups --check`."
            )
        return done.returncode != 0

    def _look_for_problems(self, *, with_series: bool) -> None:
        self.say("Looking for what PostgreSQL would refuse ...")
        found = list(islice(problems_in(self.source, self.tables, with_series=with_series), MOST_TOLD + 1))
        for sentence in found[:MOST_TOLD]:
            self.say(sentence)
        if found:
            more = "And there are more. " if len(found) > MOST_TOLD else ""
            raise CopyError(f"{more}PostgreSQL refuses these rows. Mend them in SQLite, then run this again.")

    def _open(self, target: Target) -> None:
        fingerprint = self.source.fingerprint()
        if target.look(fingerprint, self.tables):
            self.say("Going on with the copy that has begun ...")
            return
        self.say("Making the tables in PostgreSQL ...")
        done = self._manage("migrate", "--verbosity=0", "--no-input")
        if done.returncode:
            raise CopyError(f"The tables cannot be made: {_end_of(done)}")
        target.begin(fingerprint)

    def _pass(self, target: Target) -> None:
        small = [each for each in self.tables if not each.is_series]
        with tqdm(small, desc="Small tables", unit=" tables", file=sys.stderr, disable=None) as bar:
            rows = sum(copy_rows(self.source, target, each) for each in bar)
        self.say(f"{rows:,} rows of {len(small)} tables are the same in PostgreSQL now.")
        for table in self._series():
            with tqdm(desc=table.name, unit=" rows", unit_scale=True, file=sys.stderr, disable=None) as bar:
                count = copy_series(self.source, target, table, bar.update)
            self.say(f"{table.name}: {count:,} rows were copied or compared.")

    def _verify(self, target: Target) -> None:
        self.say("Comparing the copy ...")
        for table in self.tables:
            if not table.is_series:
                check_rows(self.source, target, table)
        for table in self._series():
            count = check_series(self.source, target, table)
            self.say(f"{table.name}: {count:,} rows, with the same count and sums for each station and field.")

        count, unreadable = count_secrets(target, self.tables)
        self.say(f"Encrypted secrets in the copy: {count}. ENCRYPTION_KEYS reads {count - unreadable} of them.")

    def _series(self) -> list[Table]:
        return [each for each in self.tables if each.is_series]

    def _manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run manage.py on the target. Its address is in the environment, where other users cannot read it."""
        command = [sys.executable, str(settings.BASE_DIR / "manage.py"), *arguments]
        environment = os.environ | {"DATABASE_URL": self.url}
        return subprocess.run(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )


def _end_of(done: subprocess.CompletedProcess[str]) -> str:
    """Return the last line that a program said, or how it ended if it said nothing."""
    return (done.stdout.strip() or f"It ended with {done.returncode}.").splitlines()[-1]
