"""What the overview says of a PostgreSQL that several nodes share."""

from unittest import mock

import pytest
from django.db import connection
from django.utils import timezone

from freetemp.clock import database_clock
from freetemp.overview import postgresql
from freetemp.overview.concerns import Survey
from freetemp.overview.postgresql import postgresql_concerns
from freetemp.overview.server import Condition

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite is for one machine"),
]


def titles(answer=None):
    survey = Survey(timezone.now(), [], Condition(1, 1, 1, None, []))
    if answer is None:
        return [each.title for each in postgresql_concerns(survey) if each]
    with mock.patch.object(postgresql, "execute", return_value=mock.Mock(returned=[answer])):
        return [each.title for each in postgresql_concerns(survey) if each]


def test_a_postgresql_that_is_well_says_nothing():
    assert titles() == []


@pytest.mark.parametrize(("ahead_ms", "said"), [(7_900, "7 s behind"), (-301_000, "301 s ahead of"), (4_999, None)])
def test_a_node_whose_clock_is_another_one_is_named(monkeypatch, ahead_ms, said):
    monkeypatch.setattr(database_clock, "ahead_ms", ahead_ms)
    assert titles() == ([f"This node's clock is {said} PostgreSQL's"] if said else [])


def test_a_missing_standby_and_an_archive_that_fails_are_named(monkeypatch):
    assert titles((True, False)) == ["PostgreSQL waits for a standby"]
    assert titles((False, True)) == ["PostgreSQL's archive has failed"]
    assert titles((False, None)) == []
    monkeypatch.setattr(postgresql.hung, "count", lambda: 1)
    assert titles((False, False)) == ["PostgreSQL waits for a standby"]
