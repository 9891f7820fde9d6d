"""The permissions of the group “Station keepers” for boards come with the database. Administrators may change them."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command

pytestmark = pytest.mark.django_db


def permissions():
    own = Group.objects.get(name="Station keepers").permissions.filter(content_type__app_label="firmware")
    return set(own.values_list("codename", flat=True))


def test_keepers_choose_networks_and_sensors_and_make_tokens_and_only_see_images():
    assert permissions() == {
        *("add_wifinetwork", "change_wifinetwork", "delete_wifinetwork", "view_wifinetwork"),
        *("add_stationnetwork", "change_stationnetwork", "delete_stationnetwork", "view_stationnetwork"),
        *("add_equipment", "change_equipment", "view_equipment"),
        *("add_flashtoken", "change_flashtoken", "view_flashtoken", "view_flashuse"),
        "view_micropythonimage",
    }


def test_what_an_administrator_takes_from_the_group_stays_taken_and_what_is_added_stays():
    group = Group.objects.get(name="Station keepers")
    group.permissions.set(Permission.objects.filter(codename__in=["view_wifinetwork", "add_micropythonimage"]))
    call_command("migrate", verbosity=0)
    assert permissions() == {"view_wifinetwork", "add_micropythonimage"}


def test_a_server_from_before_there_were_boards_gets_them_with_its_next_migration():
    Permission.objects.filter(content_type__app_label="firmware").delete()
    call_command("migrate", verbosity=0)
    assert "add_wifinetwork" in permissions()


def test_a_group_that_was_removed_is_not_missed():
    Group.objects.all().delete()
    Permission.objects.filter(content_type__app_label="firmware").delete()
    call_command("migrate", verbosity=0)
    assert Permission.objects.filter(codename="add_wifinetwork").exists()
