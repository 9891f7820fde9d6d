"""A file comes in pieces; its import is stopped, fails, or loses its process; and what is left of it."""

import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from freetemp.disk_reserve import disk_reserve
from readings import ingest
from readings.imports import jobs
from readings.imports.jobs import MOST_BYTES, ImportJobError, begin, path_of, start, stop, take
from readings.models import HistoryImport, Reading
from readings.models.history_import import GONE_AFTER, State
from tests.server import database_url

FILE = b"measured_at,temperature\n2025-06-01T14:00Z,20\n2025-06-01T14:05Z,21\n"


def sent(station, content=FILE, name="history.csv"):
    job = begin(station, "keeper", name, len(content))
    take(job, 0, content)
    return job


def renewed(job):
    return HistoryImport.objects.get(pk=job.pk)


def test_pieces_make_a_file_that_only_its_owner_may_read(station, folder):
    job = begin(station, "keeper", r"C:\Users\me\his" + "\ntory.csv", 10)
    assert job.name == "his tory.csv"
    for at, piece in ((0, b"abcd"), (0, b"abcd"), (4, b"efgh"), (8, b"ij")):
        take(renewed(job), at, piece)
    assert path_of(job).read_bytes() == b"abcdefghij"
    assert stat.S_IMODE(path_of(job).stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert renewed(job).state == State.READY


def test_a_piece_that_is_written_late_once_more_cuts_nothing_off(station):
    job = begin(station, "keeper", "x", 10)
    late = renewed(job)
    take(job, 0, b"abcd")
    take(job, 4, b"efgh")
    take(late, 0, b"abcd")
    take(renewed(job), 8, b"ij")
    assert path_of(job).read_bytes() == b"abcdefghij"


def test_a_piece_that_does_not_follow_is_refused(station):
    job = begin(station, "keeper", "x", 10)
    for at, piece in ((1, b"a"), (0, b"a" * 11)):
        with pytest.raises(ImportJobError, match="begin again with the file"):
            take(job, at, piece)


@pytest.mark.parametrize(("size", "sentence"), [(0, "nothing in it"), (MOST_BYTES + 1, "at most 500 MB can be sent")])
def test_a_file_of_a_wrong_size_is_refused_before_it_is_sent(station, size, sentence):
    with pytest.raises(ImportJobError, match=sentence):
        begin(station, "keeper", "x", size)


def test_nothing_is_taken_when_the_disk_is_nearly_full(station, monkeypatch):
    job = sent(station)
    monkeypatch.setattr(disk_reserve, "is_reached", lambda folder: True)
    for refused in (lambda: begin(station, "keeper", "x", 1), lambda: start(job)):
        with pytest.raises(ImportJobError, match="nearly full"):
            refused()


def test_an_import_that_fails_on_the_way_says_so_and_goes_on_when_it_is_begun_again(
    station, keeping, here, monkeypatch
):
    job = sent(station)

    def fail(*args):
        raise OperationalError("database or disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(ingest, "store_and_compare", fail)
        start(job)
    assert (renewed(job).state, renewed(job).problem) == (
        State.FAILED,
        "The database cannot take more: database or disk is full.",
    )
    assert path_of(job).exists()
    overview = "Imports of history that came to no end"
    page = keeping.get("/admin/overview/").content.decode()
    assert overview in page
    assert "history.csv: The database cannot take more: database or disk is full." in page
    start(job)
    assert renewed(job).state == State.DONE
    assert overview not in keeping.get("/admin/overview/").content.decode()
    assert Reading.objects.count() == 2


def test_a_process_that_is_gone_has_stopped_and_another_takes_over(station, here, monkeypatch):
    job, names = sent(station), []
    with monkeypatch.context() as dead:
        dead.setattr(jobs, "run_process", lambda number, name: names.append(name))
        start(job)
        assert renewed(job).state_at(timezone.now()) is State.RUNNING
        start(job)
        assert len(names) == 1, "it runs"
        with pytest.raises(ImportJobError, match=r"Another import is running, history\.csv for Garden"):
            start(sent(station))
    later = timezone.now() + GONE_AFTER
    assert renewed(job).state_at(later) is State.STOPPED
    HistoryImport.objects.filter(pk=job.pk).update(alive_at=timezone.now() - GONE_AFTER)
    start(job)
    assert renewed(job).state == State.DONE
    jobs.run_process(job.pk, names[0])
    assert renewed(job).process != names[0]


@pytest.mark.django_db(transaction=True)
def test_of_two_imports_that_are_begun_at_once_one_is_refused(station, monkeypatch):
    files, together = [sent(station), sent(station)], threading.Barrier(2, timeout=60)
    monkeypatch.setattr(jobs, "check_disk", together.wait)
    monkeypatch.setattr(jobs, "run_process", lambda number, name: None)

    def begun(job):
        try:
            start(job)
        except ImportJobError as error:
            return str(error)
        finally:
            connection.close()
        return ""

    with ThreadPoolExecutor(2) as pool:
        nothing, refusal = sorted(pool.map(begun, files))
    assert (nothing, "Another import is running" in refusal) == ("", True)
    assert HistoryImport.objects.running(timezone.now()).count() == 1


def test_stopping_ends_it_after_the_part_that_is_being_stored(station, here, monkeypatch):
    job, store = sent(station), ingest.store_and_compare

    def store_and_stop(*args):
        stop(job)
        return store(*args)

    monkeypatch.setattr(ingest, "store_and_compare", store_and_stop)
    start(job)
    assert renewed(job).state == State.STOPPED
    assert Reading.objects.count() == 2


def test_what_another_tab_chooses_meanwhile_is_not_imported(station, here):
    job, zone = sent(station, FILE.replace(b"Z", b"")), {"zone": "UTC"}
    job.choices = zone
    HistoryImport.objects.filter(pk=job.pk).update(choices={"zone": "Asia/Tokyo"})
    start(job)
    assert renewed(job).choices == zone


def test_a_server_that_can_start_no_process_says_so(station, monkeypatch):
    job = sent(station)

    def fail(number, name):
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(jobs, "run_process", fail)
    with pytest.raises(ImportJobError, match="cannot start a process now: Resource temporarily unavailable"):
        start(job)
    assert renewed(job).state == State.READY


def test_old_files_are_forgotten_with_the_next_one(station, here, folder):
    old, done, new = sent(station), sent(station), sent(station)
    start(done)
    HistoryImport.objects.exclude(pk=new.pk).update(made_at=timezone.now() - timedelta(days=2))
    (folder / "999").touch()
    begin(station, "keeper", "x", 1)
    assert [path.name for path in folder.iterdir()] == [str(new.pk)]
    assert not HistoryImport.objects.filter(pk=old.pk).exists()
    assert HistoryImport.objects.filter(pk=done.pk).exists()


def test_a_station_is_deleted_with_its_imports(station, here):
    start(sent(station))
    assert sum(ingest.delete_station(station)) == 2
    assert not HistoryImport.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_process_of_its_own_imports_the_file(station, settings, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", database_url())
    monkeypatch.setenv("VAR_DIR", str(settings.VAR_DIR))
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "freetemp.settings")
    job = sent(station)
    start(job)
    assert jobs._processes[-1].wait(timeout=60) == 0
    assert renewed(job).state == State.DONE
    assert Reading.objects.count() == 2
