"""The group “Station keepers” comes with the database."""

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command

from tests.freetemp.conf.test_environment import STRONG, manage

pytestmark = pytest.mark.django_db


def permissions():
    return set(Group.objects.get(name="Station keepers").permissions.values_list("codename", flat=True))


def test_keepers_may_do_everything_with_stations_but_delete_them():
    assert permissions() == {
        *("add_station", "change_station", "view_station"),
        *("add_field", "change_field", "delete_field", "view_field"),
        *("add_key", "change_key", "view_key"),
        *("view_refusedreport", "delete_refusedreport"),
        *("view_setaside", "add_setaside", "change_setaside", "view_sensor", "add_sensor", "change_sensor"),
        *("view_mqttdevice", "delete_mqttdevice"),
        *("add_wifinetwork", "change_wifinetwork", "delete_wifinetwork", "view_wifinetwork"),
        *("add_stationnetwork", "change_stationnetwork", "delete_stationnetwork", "view_stationnetwork"),
        *("add_equipment", "change_equipment", "view_equipment"),
        *("add_flashtoken", "change_flashtoken", "view_flashtoken", "view_flashuse"),
        "view_micropythonimage",
        *("add_rule", "change_rule", "delete_rule", "view_rule", "view_incident", "view_notice"),
        *("add_upload", "change_upload", "delete_upload", "view_upload"),
        *("view_outage", "view_serverrun"),
        *("add_stationlink", "change_stationlink", "view_stationlink"),
    }


def test_what_an_administrator_takes_from_the_group_stays_taken():
    group = Group.objects.get()
    group.permissions.set(group.permissions.filter(codename="view_station"))
    call_command("migrate", verbosity=0)
    assert permissions() == {"view_station"}


@pytest.mark.sqlite_only
def test_the_registry_can_be_migrated_before_there_are_groups(tmp_path):
    settings = {"SECRET_KEY": STRONG, "DATABASE_URL": f"sqlite:///{tmp_path / 'fresh.sqlite3'}"}
    assert manage("migrate", "stations", **settings).returncode == 0
    assert manage("migrate", **settings).returncode == 0
    count = "from django.contrib.auth.models import Group; print(Group.objects.get().permissions.count())"
    assert manage("shell", "--verbosity=0", "--command", count, **settings).stdout.strip() == "51"
