"""Group commit by itself: each report has its own outcome."""

import threading
import time
from unittest import mock

import pytest
from django.db import OperationalError, connection, transaction

from freetemp.sql.waits import InDoubtError, UnansweredError
from readings import ingest
from readings.ingest.group_commit import GroupCommit
from readings.ingest.reports import NO_SEQ, Batch, ClockBehindError, Sample, SingleValue, UnknownFieldError
from readings.ingest.store_group import store_together
from readings.models import Reading
from stations.authentication import WrongKeyError
from stations.models import Claim, Key, Station

pytestmark = pytest.mark.sqlite_only


def report(field):
    return SingleValue(Claim("6c:ef:7f:3b:9d:e8", "digest"), field, 1.0)


def submit_together(store_group, fields):
    """Return each report's outcome by its field. All except the first wait for it, and are stored as one group."""
    commit, outcomes, may_end = GroupCommit(), {}, threading.Event()

    def store(reports):
        if reports[0].field == 0:
            may_end.wait(60)
            return [0]
        return store_group([each.field for each in reports])

    def submit(field):
        try:
            outcomes[field] = commit.submit(report(field))
        except Exception as error:  # noqa: BLE001 - it is the outcome
            outcomes[field] = error

    with mock.patch("readings.ingest.group_commit.store_together", store):
        threads = [threading.Thread(target=submit, args=[field]) for field in (0, *fields)]
        for number, thread in enumerate(threads):
            thread.start()
            while commit._is_storing is False or len(commit._waiting) < number:
                time.sleep(0.001)
        may_end.set()
        for thread in threads:
            thread.join(60)
    assert outcomes.pop(0) == 0
    return outcomes


def test_reports_that_wait_are_stored_as_one_group_each_with_its_own_outcome():
    groups = []

    def store_group(fields):
        groups.append(fields)
        return [UnknownFieldError(field) if field == 2 else field * 10 for field in fields]

    outcomes = submit_together(store_group, [1, 2, 3])
    assert groups == [[1, 2, 3]]
    assert (outcomes[1], outcomes[3]) == (10, 30)
    assert isinstance(outcomes[2], UnknownFieldError)


def test_a_report_that_fails_its_group_fails_alone():
    def store_group(fields):
        if 2 in fields:
            raise ValueError("a poisoned report")
        return [field * 10 for field in fields]

    outcomes = submit_together(store_group, [1, 2, 3])
    assert (outcomes[1], outcomes[3]) == (10, 30)
    assert isinstance(outcomes[2], ValueError)


def test_what_was_stored_is_not_said_to_be_refused_where_the_database_fails_after_it():
    def store_group(fields):
        if len(fields) > 1:
            raise ValueError("a poisoned report")
        if fields == [2]:
            raise OperationalError("disk I/O error")
        return [fields[0] * 10]

    outcomes = submit_together(store_group, [1, 2, 3])
    assert (outcomes[1], outcomes[3]) == (10, 30)
    assert isinstance(outcomes[2], OperationalError)


def test_where_the_database_is_unable_all_who_wait_are_told():
    def store_group(fields):
        raise OperationalError("database is locked")

    outcomes = submit_together(store_group, [1, 2, 3])
    assert all(isinstance(each, OperationalError) for each in outcomes.values())


def test_a_group_that_fails_fails_those_who_came_meanwhile_too():
    """Each would wait as long for the same answer; the next report is stored again."""
    commit, outcomes, groups = GroupCommit(), {}, []

    def store(reports):
        groups.append([each.field for each in reports])
        if reports[0].field == 1:
            while len(commit._waiting) < 2:
                time.sleep(0.001)
            raise OperationalError("database is locked")
        return [each.field for each in reports]

    def submit(field):
        with pytest.raises(OperationalError):
            commit.submit(report(field))
        outcomes[field] = "told"

    with mock.patch("readings.ingest.group_commit.store_together", store):
        threads = [threading.Thread(target=submit, args=[field]) for field in (1, 2, 3)]
        threads[0].start()
        while not groups:
            time.sleep(0.001)
        for thread in threads[1:]:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert commit.submit(report(4)) == 4
    assert groups == [[1], [4]]
    assert outcomes == dict.fromkeys((1, 2, 3), "told")


def test_those_of_a_commit_without_an_answer_are_in_doubt_and_those_who_came_meanwhile_are_not():
    """The next groups are smaller, until one is answered in time: a database that is only slow gets on."""
    commit, outcomes, groups, may_fail = GroupCommit(), {}, [], threading.Event()

    def store(reports):
        groups.append([each.field for each in reports])
        if len(groups) == 1:
            may_fail.wait(60)
            raise InDoubtError("PostgreSQL has not answered in time")
        return [each.field for each in reports]

    def submit(field):
        with pytest.raises(UnansweredError) as told:
            commit.submit(report(field))
        outcomes[field] = type(told.value)

    with mock.patch("readings.ingest.group_commit.store_together", store):
        threads = [threading.Thread(target=submit, args=[field]) for field in (1, 2)]
        for number, thread in enumerate(threads):
            thread.start()
            while not groups or len(commit._waiting) < number:
                time.sleep(0.001)
        may_fail.set()
        for thread in threads:
            thread.join(60)
        sizes = []
        for field in range(3, 11):
            sizes.append(commit._most)
            assert commit.submit(report(field)) == field
    assert outcomes == {1: InDoubtError, 2: UnansweredError}
    assert sizes == [1, 2, 4, 8, 16, 32, 64, 100]


def test_a_group_takes_no_more_than_it_may_and_the_first_who_waits_stores_the_next(monkeypatch):
    monkeypatch.setattr("readings.ingest.group_commit.REPORTS_A_GROUP", 2)
    groups = []

    def store_group(fields):
        groups.append(fields)
        return [field * 10 for field in fields]

    assert submit_together(store_group, [1, 2, 3, 4, 5]) == {n: n * 10 for n in range(1, 6)}
    assert groups == [[1, 2], [3, 4], [5]]


@pytest.mark.parametrize("error", [OperationalError("locked"), ClockBehindError(), ValueError("a poisoned report")])
def test_a_report_alone_is_tried_once_and_the_next_is_stored_by_its_own_thread(error):
    commit, asked = GroupCommit(), []

    def store(reports):
        asked.append(reports[0].field)
        if reports[0].field == 1:
            raise error
        return [7]

    with mock.patch("readings.ingest.group_commit.store_together", store):
        with pytest.raises(type(error)):
            commit.submit(report(1))
        assert commit.submit(report(2)) == 7
    assert asked == [1, 2]


@pytest.mark.django_db
def test_what_is_recorded_in_a_transaction_goes_with_it(station, key):
    with transaction.atomic():
        ingest.record(Claim.of(station.mac, key), 1, 21.4)
        assert Reading.objects.count() == 1
        transaction.set_rollback(True)
    assert not Reading.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_threads_that_take_turns_store_on_one_connection(station, key):
    opened = []

    def record():
        ingest.record(Claim.of(station.mac, key), 1, 21.4)
        opened.append(connection.connection is not None)

    threads = [threading.Thread(target=record) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert opened == [False] * 8
    assert Reading.objects.count() == 8


@pytest.mark.django_db(transaction=True)
def test_the_connection_is_opened_anew_after_the_database_was_unable(station, key):
    commit = GroupCommit()
    value = SingleValue(Claim.of(station.mac, key), 1, 1.0)
    commit.submit(value)
    first = commit._writer
    commit.submit(value)
    assert commit._writer is first, "one for all groups"
    with (
        mock.patch("readings.ingest.group_commit.store_together", side_effect=OperationalError),
        pytest.raises(OperationalError),
    ):
        commit.submit(value)
    assert commit._writer.connection is None
    commit.submit(value)
    assert Reading.objects.count() == 3
    commit._writer.close()


@pytest.mark.django_db
def test_another_stations_key_stores_nothing_for_this_mac_also_in_a_group_with_both_owners(station, key):
    other = Station.objects.create(name="Roof", mac="02:00:00:00:00:02")
    others_key = Key.objects.issue(other)
    reports = [
        SingleValue(Claim.of(station.mac, key), 1, 1.0),
        SingleValue(Claim.of(other.mac, others_key), 1, 2.0),
        SingleValue(Claim.of(station.mac, others_key), 1, 666.0),
        Batch(Claim.of(other.mac, key), None, [Sample(NO_SEQ, 1, 666.0, 1_700_000_000_000, is_age=False)]),
    ]
    stored = store_together(reports)
    assert [isinstance(outcome, WrongKeyError) for outcome in stored] == [False, False, True, True]
    assert set(Reading.objects.values_list("station", "value")) == {(station.pk, 1.0), (other.pk, 2.0)}
