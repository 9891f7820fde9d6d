"""A query that is compiled once returns what the same query of Django's returns."""

import pytest
from django.contrib.auth.models import AnonymousUser

from freetemp.fields import from_millis
from freetemp.prepared import Compiled, PreparedQuery
from stations.models import Field, Station


def visible(pk):
    return Station.objects.visible_to(AnonymousUser()).filter(pk=pk).only("timezone", "raw_since", "public")


@pytest.fixture
def query():
    return PreparedQuery(visible, 1)


def test_a_row_is_as_django_would_return_it_with_moments_and_truths(query, station, django_assert_num_queries):
    Station.objects.filter(pk=station.pk).update(raw_since=from_millis(1_234_567))
    query.first(station.pk)  # It is compiled.
    with django_assert_num_queries(1):
        found = query.first(station.pk)
        assert (found, found.timezone, found.public) == (station, station.timezone, True)
        assert found.raw_since == from_millis(1_234_567)
    assert found.get_deferred_fields() == visible(station.pk).get().get_deferred_fields()
    assert found.name == station.name, "a column that was left out is looked up"


def test_each_row_is_found_by_its_own_numbers_in_their_order(station):
    query = PreparedQuery(lambda of, number: Field.objects.filter(number=number, station=of), 2)
    station.fields.create(number=7, name="soil")
    assert [query.first(station.pk, number).number for number in (1, 7)] == [1, 7]
    assert query.first(7, station.pk) is None


def test_what_is_not_there_or_not_to_be_seen_is_not_found(query, station):
    assert query.first(station.pk).pk == station.pk
    Station.objects.filter(pk=station.pk).update(public=False)
    assert query.first(station.pk) is None
    assert [query.first(number) for number in (0, -1, 2**31, 2**64)] == [None] * 4


def test_an_object_of_a_row_that_has_changed_is_as_if_made_of_it(station):
    found = Compiled(Station.objects.defer("notes"))

    def row():
        return found.rows()[0]

    before = row()
    made = found.made(before)
    for values in ({"last_heard_at": 5}, {"last_heard_at": None, "public": False}, {"name": "Yard", "latitude": 1.5}):
        Station.objects.update(**values)
        renewed, anew = found.renewed(row(), before, made), found.made(row())
        assert {name: getattr(renewed, name) for name in found.names} == {
            name: getattr(anew, name) for name in found.names
        }
        assert renewed == made
        assert (renewed._state.adding, renewed._state.db) == (False, "default")
        assert renewed.get_deferred_fields() == {"notes"}
    assert made.name != "Yard"
