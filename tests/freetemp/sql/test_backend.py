"""PostgreSQL through poolers, and when it only reads for now."""

import pytest
from django.db import InternalError, connection, transaction

from freetemp.sql import atomic, execute, few_waits, for_writing
from readings.ingest.group_commit import UNABLE
from readings.ingest.refusals import refusals
from readings.models.refused_report import Reason, Refusal, Tally
from stations.models import Station

pytestmark = pytest.mark.skipif(connection.vendor != "postgresql", reason="about PostgreSQL")


def shown(db, name):
    with db.cursor() as cursor:
        cursor.execute(f"SHOW {name}")
        return cursor.fetchone()[0]


@pytest.fixture
def another():
    made = []

    def another(db=connection, **options):
        other = db.copy()
        other.settings_dict["OPTIONS"] |= options
        other.seeks_by_keys = getattr(db, "seeks_by_keys", False)
        made.append(other)
        return other

    yield another
    for each in made:
        each.close()


@pytest.mark.django_db
def test_nothing_is_asked_for_in_the_start_up_packet_which_poolers_refuse(another):
    assert "options" not in another().get_connection_params()
    assert shown(another(), "lock_timeout") == "4s"
    assert shown(another(), "enable_seqscan") == "on"
    assert shown(another(for_writing(connection)), "enable_seqscan") == "off"


@pytest.mark.django_db
def test_who_names_another_limit_in_the_address_has_it(another):
    assert shown(another(options="-c lock_timeout=9s"), "lock_timeout") == "9s"


@pytest.mark.django_db(transaction=True)
def test_in_a_pooler_s_session_nothing_is_set_but_for_a_transaction(another, monkeypatch):
    pooled = another(for_writing(connection), prepare_threshold=None)
    assert [shown(pooled, name) for name in ("lock_timeout", "enable_seqscan")] == ["0", "on"]
    monkeypatch.setattr("freetemp.sql.connections", {"default": pooled})
    monkeypatch.setattr("django.db.transaction.get_connection", lambda using=None: pooled)
    with few_waits(), atomic():
        assert execute("SHOW lock_timeout", []).returned == [("4s",)]
    assert shown(pooled, "lock_timeout") == "0"


@pytest.mark.django_db(transaction=True)
def test_counts_of_refusals_wait_for_no_disk_and_let_all_others_wait():
    refusals._add(Refusal(Reason.METHOD, "", "192.0.2.1", ""), Tally(1, 1, 1, "use GET", "", "", ""))
    with transaction.atomic():
        assert refusals.flush()
        assert shown(connection, "synchronous_commit") == "off"
    with connection.cursor() as cursor:
        cursor.execute("SELECT reset_val FROM pg_settings WHERE name = 'synchronous_commit'")
        assert cursor.fetchone() == (shown(connection, "synchronous_commit"),)


def change_directly():
    Station.objects.update(name="x")


def change_in_a_pipeline():
    with few_waits():
        execute("UPDATE stations_station SET name = 'x'", []).wait()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("change", [change_directly, change_in_a_pipeline])
def test_a_database_that_only_reads_is_unable_and_its_connection_ends(station, change):
    with transaction.atomic():
        execute("SET TRANSACTION READ ONLY", [])
        with pytest.raises(UNABLE, match="read-only") as told:
            change()
        transaction.set_rollback(True)
    assert not isinstance(told.value, InternalError)
    connection.close_if_unusable_or_obsolete()
    assert connection.connection is None
