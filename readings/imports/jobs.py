"""Imports of the admin: a file comes in pieces, waits for what somebody chooses, and is imported by a process."""

from __future__ import annotations

import contextlib
import os
import secrets
import subprocess
import sys
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from audit.deeds import record
from freetemp.conf.owner_only import BESIDE_A_DATABASE
from freetemp.disk_reserve import database_folder, disk_reserve
from readings.models import HistoryImport
from readings.models.history_import import MOST_OF_A_NAME, State
from stations.models import Station

MOST_BYTES = 500_000_000
FULL = "The disk of this server is nearly full: imports wait until there is room."
FOLDER = "imports"


class ImportJobError(Exception):
    """Something that cannot be done with an import now. The message is a sentence for the page."""


def begin(station: Station, user: str, name: str, size: int) -> HistoryImport:
    """Make an import for a file of so many bytes, which comes by take(). Forgets what is old."""
    if size <= 0:
        raise ImportJobError("This file has nothing in it.")
    if size > MOST_BYTES:
        most = MOST_BYTES // 1_000_000
        raise ImportJobError(f"A file of at most {most} MB can be sent: pack it by gzip, or use import_readings.")
    check_disk()
    _forget_old()
    shown = "".join(each if each.isprintable() else " " for each in name.replace("\\", "/").rpartition("/")[2])
    made = {"name": shown.strip()[:MOST_OF_A_NAME] or "a file", "made_by": user[:150], "made_at": timezone.now()}
    return HistoryImport.objects.create(station=station, size=size, **made)


def take(job: HistoryImport, at: int, piece: bytes) -> None:
    """Add a piece of the file that begins at byte `at`. One that is there already is left as it is."""
    if job.state != State.RECEIVING or at > job.received or at + len(piece) > job.size:
        raise ImportJobError("This piece does not belong here: begin again with the file.")
    check_disk()
    if at < job.received:
        return
    try:
        path_of(job).parent.mkdir(mode=0o700, exist_ok=True)
        with os.fdopen(os.open(path_of(job), os.O_WRONLY | os.O_CREAT, 0o600), "r+b") as file:
            file.seek(at)
            file.write(piece)  # Nothing is cut off: the same piece may come twice at once, and late.
            file.flush()
            os.fsync(file.fileno())  # The row that counts it survives a power cut.
    except OSError as error:
        raise ImportJobError(f"The file cannot be kept on this server: {error.strerror}.") from error
    received = at + len(piece)
    state = State.READY if received == job.size else State.RECEIVING
    if HistoryImport.objects.filter(pk=job.pk, received=at).update(received=received, state=state):
        job.received, job.state = received, state


def start(job: HistoryImport) -> None:
    """Have a process import the file, or what is left of it, as this job's choices say. Raises ImportJobError."""
    now, name = timezone.now(), secrets.token_hex(8)
    check_disk()
    with transaction.atomic():
        list(HistoryImport.objects.order_by("pk").select_for_update().values_list("pk"))  # Two would both begin.
        running = HistoryImport.objects.running(now).select_related("station").first()
        if running and running != job:
            raise ImportJobError(f"Another import is running, {running}. Begin this one when that is done.")
        free = HistoryImport.objects.filter(pk=job.pk).exclude(state__in=[State.RECEIVING, State.DONE])
        if running or not free.update(
            choices=job.choices,
            state=State.RUNNING,
            process=name,
            alive_at=now,
            share=None,
            stored=0,
            refused=0,
            problem="",
        ):
            return  # Somebody else was faster.
        record("import begun", station=job.station, of=job, what=job.name)
    try:
        run_process(job.pk, name)
    except OSError as error:
        HistoryImport.objects.filter(pk=job.pk, process=name).update(state=State.READY)
        raise ImportJobError(f"This server cannot start a process now: {error.strerror}.") from error


def run_process(number: int, name: str) -> None:
    """Start the process. It has a session of its own: it goes on when the one that asked for it ends."""
    command = [sys.executable, "-m", "readings.imports", str(number), name]
    _processes[:] = [each for each in _processes if each.poll() is None]
    _processes.append(
        subprocess.Popen(command, cwd=settings.BASE_DIR, stdin=subprocess.DEVNULL, start_new_session=True)
    )


_processes: list[subprocess.Popen[bytes]] = []  # Those that have ended are waited for by the next one.


def stop(job: HistoryImport) -> None:
    """Have the process end after the part that it stores now. What is stored stays."""
    with transaction.atomic():
        if HistoryImport.objects.filter(pk=job.pk, state=State.RUNNING).update(state=State.STOPPED, process=""):
            record("import stopped", station=job.station, of=job, what=job.name)


def forget(job: HistoryImport) -> None:
    """Remove an import and its file. Readings stay."""
    with transaction.atomic():
        record("import forgotten", station=job.station, of=job, what=job.name)
        number = job.pk
        job.delete()
    remove_file(number)


def check_disk() -> None:
    """Raise ImportJobError if only the reserve of a disk is left."""
    if any(map(disk_reserve.is_reached, [database_folder(), settings.VAR_DIR])):
        raise ImportJobError(FULL)


def path_of(job: HistoryImport) -> Path:
    return Path(settings.VAR_DIR, FOLDER, str(job.pk))


def remove_file(number: int) -> None:
    """Remove a file, and what SQLite may have put beside it."""
    for end in BESIDE_A_DATABASE:
        Path(settings.VAR_DIR, FOLDER, f"{number}{end}").unlink(missing_ok=True)


def _forget_old() -> None:
    HistoryImport.objects.old(timezone.now()).delete()
    with contextlib.suppress(OSError):
        files = list(Path(settings.VAR_DIR, FOLDER).iterdir())  # Before the rows: each file has a row first.
        kept = {str(number) for number in HistoryImport.objects.exclude(state=State.DONE).values_list("pk", flat=True)}
        for file in files:
            if file.name.partition("-")[0] not in kept:
                file.unlink(missing_ok=True)
