"""What a test that commits leaves to the next one: the rows of the migrations, with their numbers, and no others."""

import pytest
from django.contrib.auth.models import Group, Permission

from audit.models import Event
from stations.models import Field, Station
from tests import emptying


def made():
    rows = [Group.objects.values_list("pk", "name"), Group.permissions.through.objects.values_list()]
    return [sorted(each) for each in [*rows, Permission.objects.values_list()]]


@pytest.mark.django_db
def test_rows_that_came_or_changed_or_went_are_as_they_were(station):
    before = made()
    Permission.objects.filter(codename="add_station").update(name="May add")
    Group.objects.all().delete()
    Group.objects.create(name="Strangers")
    emptying.empty()
    assert made() == before
    assert not Station.objects.exists()
    assert not Field.objects.exists()


@pytest.mark.parametrize("run", ["first", "second"])
@pytest.mark.django_db(transaction=True)
def test_a_committed_row_is_gone_in_the_next_test(run):
    assert not any(model.objects.exists() for model in (Station, Event))
    Event.objects.create(deed="Station added")
    Station.objects.create(name="Garden", mac="6c:ef:7f:3b:9d:e8")
