"""One run of an import of the admin, in a process of its own.

It writes down how far it is. When it is killed, the readings that it has stored stay, and the next run goes on.
"""

from __future__ import annotations

import contextlib
import logging
import os
import time

from django.db import Error as DatabaseError
from django.db import transaction
from django.utils import timezone

from audit.actor import acting
from audit.deeds import record
from freetemp.disk_reserve import database_folder, disk_reserve
from readings import ingest
from readings.exports.lines import ExportFile
from readings.files.csv_header import UnreadableFileError
from readings.files.import_tally import OTHER_VALUES_NAMED, ImportTally
from readings.imports.choices import Choices
from readings.imports.importing import import_file
from readings.imports.jobs import FULL, path_of, remove_file
from readings.imports.plan import plan_file
from readings.imports.words import on_page
from readings.ingest.rows import Rows
from readings.ingest.store import Stored
from readings.models import HistoryImport
from readings.models.history_import import SIGN_OF_LIFE, State
from stations.models import Station

NICENESS = 15  # as the processes that answer people: boards come first
MOST_LINES_KEPT = 5_000
PAUSE_S = 0.02  # SQLite has one writer: without a pause, boards that wait for it would look again in vain.

logger = logging.getLogger(__name__)


class GivenUpError(Exception):
    """Somebody has stopped the import, or it is another process's by now."""


class FullError(Exception):
    """Only the reserve of the disk is left."""


class Work:
    """One run of an import: the witness of import_file(), which writes down in the row what it is told."""

    def __init__(self, job: HistoryImport, name: str) -> None:
        self.job, self.name = job, name
        self._sentences: list[str] = []
        self._refused: list[str] = []
        self._size, self._next_s, self._took_s = 0, 0.0, 0.0

    def run(self) -> None:
        """Import the file. Whatever goes wrong is a sentence in the row."""
        try:
            self._import()
        except GivenUpError:
            return
        except (UnreadableFileError, FullError) as error:
            self._fail(on_page(str(error)))
        except OSError as error:
            self._fail(f"The file cannot be read: {error.strerror}.")
        except DatabaseError as error:
            logger.warning("The import of %s has failed: %s", self.job, error)
            self._fail(f"The database cannot take more: {error}.")
        except Exception:
            logger.exception("The import of %s has failed.", self.job)
            self._fail("freetemp has a fault here: its log has the details.")

    def _import(self) -> None:
        station, choices = self.job.station, Choices.kept(self.job.choices)
        with ExportFile(path_of(self.job), choices.encoding) as file:
            self._size = file.size
            tally = import_file(
                file, station, lambda head: plan_file(head, station, choices, is_dry=False).layout, self._take, self
            )
        self._sentences += [*tally.sentences(), tally.last_line(is_dry=False), *tally.problems()]
        summary = "\n".join(map(on_page, self._sentences))
        with transaction.atomic(), acting(person=self.job.made_by, by="import"):
            counts = {"stored": tally.new, "refused": tally.refused}
            record("import ended", station=station, of=self.job, what=self.job.name, details=counts)
            self._end(State.DONE, **counts, summary=summary, share=1.0)
        remove_file(self.job.pk)

    def _take(self, station: Station, readings: Rows) -> Stored:
        if disk_reserve.is_reached(database_folder()):
            raise FullError(FULL)
        time.sleep(PAUSE_S)
        return ingest.store_and_compare(station, readings)

    def warn(self, sentence: str) -> None:
        self._sentences.append(sentence)

    def refuse(self, sentence: str, number: int) -> None:
        if number <= MOST_LINES_KEPT:
            self._refused.append(on_page(sentence))
        elif number == MOST_LINES_KEPT + 1:
            self._refused.append("... and more: the rest is counted only.")

    def contradict(self, sentence: str, number: int) -> None:
        if number <= OTHER_VALUES_NAMED:
            self._sentences.append(sentence)

    def go_on(self, tally: ImportTally, bytes_read: int) -> None:
        if time.monotonic() >= self._next_s:
            self._next_s = time.monotonic() + SIGN_OF_LIFE.total_seconds()
            share = min(bytes_read / self._size, 1.0) if bytes_read and self._size else None
            self._update(stored=tally.new, refused=tally.refused, share=share)

    def _end(self, state: State, **words: object) -> None:
        self._update(state=state, refused_lines="\n".join(self._refused), **words)

    def _fail(self, problem: str) -> None:
        try:
            self._end(State.FAILED, problem=problem)
        except (DatabaseError, GivenUpError) as error:
            logger.warning("The end of the import of %s was not written down: %s", self.job, error)

    def _update(self, **words: object) -> None:
        row = HistoryImport.objects.filter(pk=self.job.pk, process=self.name, state=State.RUNNING)
        if not row.update(alive_at=timezone.now(), **words):
            raise GivenUpError


def import_in_this_process(number: int, name: str) -> None:
    """Run an import, if it is still this process's."""
    with contextlib.suppress(OSError, AttributeError):  # A sandbox may forbid it, and Windows has none.
        os.nice(NICENESS)
    job = HistoryImport.objects.select_related("station").filter(pk=number, process=name).first()
    if job:
        Work(job, name).run()
