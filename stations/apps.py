from typing import Any

from django.apps import AppConfig
from django.apps import apps as installed_apps
from django.apps.registry import Apps
from django.db.models.signals import post_migrate

from stations.keepers_group import KEEPERS

# The daily work of a station keeper. Nobody deletes a station by a click (manage.py delete_station).
KEEPER_PERMISSIONS = [
    "add_station",
    "change_station",
    "view_station",
    "add_field",
    "change_field",
    "delete_field",
    "view_field",
    "add_key",
    "change_key",
    "view_key",
]
# Of the stations of a group. Only an administrator of the whole server puts stations into a group.
KEEPER_OF_GROUP = ["change_station", "view_station", "add_field", "change_field", "delete_field", "view_field"]
KEEPER_OF_GROUP += ["add_key", "change_key", "view_key", "view_stationgroup"]
ADMINISTRATOR_OF_GROUP = ["add_station", "change_stationgroup"]
ADMINISTRATOR_OF_GROUP += ["add_membership", "change_membership", "delete_membership", "view_membership"]


class StationsConfig(AppConfig):
    name = "stations"
    verbose_name = "Stations"

    def ready(self) -> None:
        from freetemp.overview.concerns import register
        from stations.access import Role, allow
        from stations.concerns import key_concerns, station_concerns

        allow(Role.KEEPER, [f"stations.{name}" for name in KEEPER_OF_GROUP])
        allow(Role.ADMINISTRATOR, [f"stations.{name}" for name in ADMINISTRATOR_OF_GROUP])
        register(station_concerns, of_stations=True)
        register(key_concerns, permission="stations.view_key", of_stations=True)
        post_migrate.connect(make_keepers_group, sender=self)


def make_keepers_group(app_config: AppConfig, using: str, apps: Apps = installed_apps, **kwargs: Any) -> None:
    """Make the group “Station keepers” once. An administrator's later changes to it stay."""
    from django.contrib.auth.management import create_permissions

    from audit.actor import by_the_program

    try:
        Group, Permission = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")  # noqa: N806
    except LookupError:
        return  # `migrate stations` alone: there are no groups yet. The migration that makes them calls this again.
    with by_the_program():
        group, is_new = Group.objects.using(using).get_or_create(name=KEEPERS)
        if is_new:
            create_permissions(app_config, using=using, verbosity=0)
            permissions = Permission.objects.using(using).filter(content_type__app_label="stations")
            group.permissions.set(permissions.filter(codename__in=KEEPER_PERMISSIONS))
