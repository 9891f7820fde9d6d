"""What the run on PostgreSQL leaves out, and what it does not."""

import pytest

from tests.other_database import uses_a_database

pytestmark = pytest.mark.sqlite_only


def test_a_test_without_a_database_is_left_out(request):
    assert not uses_a_database(request.node)


def test_a_fixture_s_own_fixture_counts(request, key):
    assert uses_a_database(request.node)


@pytest.mark.django_db
def test_a_mark_counts(request):
    assert uses_a_database(request.node)


@pytest.mark.every_database
def test_the_mark_of_programs_that_use_one_counts(request):
    assert uses_a_database(request.node)


def test_a_live_server_counts(request, live_server):
    assert uses_a_database(request.node)
