"""Waits for PostgreSQL that have an end: what is given up is left alone, and told as what it is."""

from contextlib import suppress

import pytest
from django.db import connection, transaction

from freetemp.sql import atomic, execute, few_waits
from freetemp.sql.waits import (
    MOST_HUNG,
    Hung,
    InDoubtError,
    UnansweredError,
    at_most,
    hung,
    left_s,
    of_thread,
)
from readings.ingest.group_commit import UNABLE
from stations.models import Station
from tests.programs import comes_true

pytestmark = pytest.mark.skipif(connection.vendor != "postgresql", reason="only PostgreSQL has such waits")

SLOWLY = "SELECT pg_sleep(1.5)"  # Longer than the tests wait, and no longer than they last.


@pytest.fixture(autouse=True)
def _nothing_hangs(transactional_db, monkeypatch):
    monkeypatch.setattr("freetemp.postgresql.base.LONGEST_S", 0.3)
    monkeypatch.setattr(of_thread, "answers", True)
    yield
    assert comes_true(lambda: hung.count() == 0), "PostgreSQL ends what nobody waits for"


def slow_commit():
    """Let the next commit that changes stations take long, as one that waits for a standby."""
    execute(
        "CREATE FUNCTION pg_temp.slowly() RETURNS trigger LANGUAGE plpgsql"
        " AS 'BEGIN PERFORM pg_sleep(1.5); RETURN NULL; END'",
        [],
    )
    execute(
        "CREATE CONSTRAINT TRIGGER slowly AFTER UPDATE ON stations_station DEFERRABLE INITIALLY DEFERRED"
        " FOR EACH ROW EXECUTE FUNCTION pg_temp.slowly()",
        [],
    )


def by_django():
    with transaction.atomic():
        Station.objects.update(name="Pond")


def by_itself():
    Station.objects.update(name="Pond")


def in_a_pipeline():
    with at_most(0.3), few_waits(), atomic():
        execute("UPDATE stations_station SET name = 'Pond'", [])


@pytest.mark.parametrize("change", [by_django, by_itself, in_a_pipeline])
def test_a_commit_that_is_not_answered_is_in_doubt_and_is_not_cancelled(station, change):
    slow_commit()
    with pytest.raises(InDoubtError) as told:
        change()
    assert isinstance(told.value, UNABLE)
    assert hung.count() == 1
    connection.close()
    assert comes_true(lambda: Station.objects.filter(name="Pond").exists()), "it was stored after all"


def test_another_statement_that_is_not_answered_has_stored_nothing():
    with pytest.raises(UnansweredError) as told, transaction.atomic(), at_most(0.3):
        execute(SLOWLY, [])
    assert not isinstance(told.value, InDoubtError)
    connection.close()


def test_when_too_many_hang_nothing_more_is_tried(station):
    for _ in range(MOST_HUNG):
        with suppress(UnansweredError), at_most(0.1):
            execute(SLOWLY, [])
        connection.close()
    with pytest.raises(UnansweredError, match="a standby for which it waits may hang"), transaction.atomic():
        Station.objects.update(name="Pond")
    connection.close()
    assert station.name == Station.objects.get().name
    assert comes_true(lambda: hung.count() == 0)
    Station.objects.update(name="Pond")


def test_threads_that_answer_nobody_wait_as_long_as_it_takes(station, monkeypatch):
    monkeypatch.setattr(of_thread, "answers", False)
    slow_commit()
    by_django()
    assert Station.objects.get().name == "Pond"
    connection.close()


def test_an_inner_limit_ends_with_its_block():
    assert left_s() is None
    with at_most(60):
        with at_most(0):
            assert left_s() == 0
        assert left_s() > 1
    assert left_s() is None


def test_a_connection_that_ends_counts_no_more():
    own = Hung()
    execute("SELECT 1", [])
    own.keep(connection.connection.pgconn.socket)
    assert own.count() == 1
    connection.close()
    assert comes_true(lambda: own.count() == 0)
