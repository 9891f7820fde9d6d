"""PostgreSQL's pipeline: statements that wait for each other are sent together, and mean what they mean alone."""

from contextlib import suppress
from math import inf, isnan, nan

import pytest
from django.db import DataError, IntegrityError, OperationalError, connection, transaction

from freetemp.sql import atomic, execute, execute_for_each, execute_values, few_waits, for_writing
from readings.ingest.group_commit import GroupCommit
from readings.ingest.reports import SingleValue
from readings.models import Reading
from stations.models import Claim, Station

pytestmark = pytest.mark.skipif(connection.vendor != "postgresql", reason="only PostgreSQL has a pipeline")

NAMES = ("integer", "double precision", "text")


def names():
    return list(Station.objects.order_by("pk").values_list("name", flat=True))


def rename(station, name):
    return execute("UPDATE stations_station SET name = %s WHERE id = %s", [name, station.pk])


@pytest.mark.django_db
@pytest.mark.parametrize("times", [1, 3], ids=["sent as it is", "prepared"])
def test_values_come_back_as_they_were(times):
    values = [1, -(2**63), 2.5, -0.0, inf, True, "ä'\\\n{}€", "", None]
    casts = ["bigint", "bigint", *["double precision"] * 3, "boolean", "text", "text", "text"]
    asked = ", ".join(f"%s::{each}" for each in casts)
    rows = [(1, 1.5, "a"), (2**31 - 1, -inf, '€ , " { NULL'), (-3, 2, ""), (0, None, None)]
    for _ in range(times):
        with few_waits():
            one = execute(f"SELECT {asked}, 7 %% 4", values)
            many = execute_values("WITH rows (i, f, t) AS (VALUES {places}) SELECT * FROM rows", rows, NAMES)
            short = [
                execute("SELECT count(*) FROM unnest(%s::text[])", [each]) for each in ([], [None], ["x"], ["x", None])
            ]
            (number,) = execute("SELECT %s::float8", [nan]).returned[0]
        assert one.returned == [(*values, 3)]
        assert many.returned == rows
        assert [each.returned for each in short] == [[(0,)], [(1,)], [(1,)], [(2,)]]
        assert isnan(number)


@pytest.mark.django_db
@pytest.mark.parametrize("value", [2**63, [2**63], "a\0b", ["a\0b"]])
def test_a_value_that_no_column_takes_is_an_error_and_not_another_value(value):
    kind = "text" if "b" in str(value) else "bigint"
    with pytest.raises(DataError), transaction.atomic(), few_waits():
        execute(f"SELECT %s::{kind}{'[]' if isinstance(value, list) else ''}", [value])


@pytest.mark.django_db
def test_more_than_a_socket_takes_is_sent_while_as_much_comes_back():
    values = [*map(float, range(1_000_000))]
    with few_waits():
        both = [execute("SELECT count(*), array_agg(each)::text FROM unnest(%s) each", [values]) for _ in range(2)]
    assert [each.returned[0][0] for each in both] == [len(values)] * 2


@pytest.mark.django_db
def test_a_statement_may_be_worth_preparing_just_when_its_transaction_goes_back_to_a_savepoint():
    sums = []
    with few_waits(), atomic():
        for _ in range(3):
            execute("SAVEPOINT here", [])
            with suppress(DataError):
                execute("SELECT 7 / %s", [0]).wait()
            execute("ROLLBACK TO SAVEPOINT here", [])
            sums.append(execute("SELECT 7 + %s", [1]).returned)
    assert sums == [[(8,)]] * 3


@pytest.mark.django_db(transaction=True)
def test_statements_are_sent_in_their_order_when_a_result_is_asked_for(station):
    other = for_writing(connection)
    with few_waits(), atomic():
        rename(station, "Pond")
        execute_for_each("UPDATE stations_station SET name = name || %s WHERE id = %s", [("!", station.pk)] * 2)
        assert names() == ["Pond!!"], "also by a statement of Django's"
        last = rename(station, "Roof")
        with other.cursor() as cursor:
            cursor.execute("SELECT name FROM stations_station")
            assert cursor.fetchall() == [("Garden",)], "not committed"
    assert last.changed == 1
    with other.cursor() as cursor:
        cursor.execute("SELECT name FROM stations_station")
        assert cursor.fetchall() == [("Roof",)]
    other.close()


def fail_in_python(station):
    rename(station, "Pond")
    assert rename(station, "Roof").changed == 1, "it is sent"
    rename(station, "Shed")
    raise ZeroDivisionError


def fail_in_the_middle(station):
    rename(station, "Pond")
    execute("SELECT 1 / %s", [0])
    rename(station, "Roof")


def fail_inside(station):
    rename(station, "Pond")
    with atomic():
        fail_in_the_middle(station)


def fail_and_go_on(station):
    rename(station, "Pond")
    with suppress(DataError):
        execute("SELECT 1 / %s", [0]).returned  # noqa: B018 - it is sent


def fail_in_the_commit(station):
    """A reading's station is looked for by the commit."""
    rename(station, "Pond")
    execute("INSERT INTO readings_reading VALUES (%s, %s, %s, %s)", [station.pk + 1, 1, 1, 1.0])


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("fail", "error"),
    [
        (fail_in_python, ZeroDivisionError),
        (fail_in_the_middle, DataError),
        (fail_inside, DataError),
        (fail_and_go_on, OperationalError),
        (fail_in_the_commit, IntegrityError),
    ],
)
def test_a_transaction_that_fails_leaves_nothing_and_the_next_is_stored(station, fail, error):
    with few_waits():
        with pytest.raises(error), atomic():
            fail(station)
        assert names() == ["Garden"]
        with atomic():
            rename(station, "Roof")
    assert names() == ["Roof"]
    assert not Reading.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_statements_are_not_prepared_if_the_address_of_the_database_says_so(station):
    for threshold, expected in ((5, 1), (None, 0)):
        writer = for_writing(connection)
        writer.settings_dict["OPTIONS"]["prepare_threshold"] = threshold
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("freetemp.sql.connections", {"default": writer})
            for _ in range(3):
                with few_waits():
                    execute("SELECT name FROM stations_station", [])
        with writer.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_prepared_statements")
            assert cursor.fetchone() == (expected,)
        writer.close()


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_was_cut_fails_one_group_and_the_next_is_stored(station, key):
    commit, value = GroupCommit(), SingleValue(Claim.of(station.mac, key), 1, 1.0)
    commit.submit(value)
    pid = commit._writer.connection.info.backend_pid
    execute("SELECT pg_terminate_backend(%s, 60000)", [pid])
    with pytest.raises(OperationalError):
        commit.submit(value)
    commit.submit(value)
    assert Reading.objects.count() == 2
    commit._writer.close()


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_was_cut_while_nobody_reported_is_noticed_before_a_group(station, key, monkeypatch):
    monkeypatch.setattr("readings.ingest.group_commit.TRUSTED_S", -1)
    commit, value = GroupCommit(), SingleValue(Claim.of(station.mac, key), 1, 1.0)
    commit.submit(value)
    execute("SELECT pg_terminate_backend(%s, 60000)", [commit._writer.connection.info.backend_pid])
    commit.submit(value)
    assert Reading.objects.count() == 2
    commit._writer.close()
