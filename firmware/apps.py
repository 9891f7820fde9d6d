from typing import Any

from django.apps import AppConfig
from django.apps import apps as installed_apps
from django.apps.registry import Apps
from django.db.models.signals import post_migrate

# What a keeper of stations (stations/apps.py) does with boards: everything but MicroPython images, of which each runs
# on every board that is flashed after it.
KEEPER_PERMISSIONS = [
    *("add_wifinetwork", "change_wifinetwork", "delete_wifinetwork", "view_wifinetwork"),
    *("add_stationnetwork", "change_stationnetwork", "delete_stationnetwork", "view_stationnetwork"),
    *("add_equipment", "change_equipment", "view_equipment"),
    *("add_flashtoken", "change_flashtoken", "view_flashtoken", "view_flashuse"),
    "view_micropythonimage",
]


class FirmwareConfig(AppConfig):
    name = "firmware"
    verbose_name = "Boards"

    def ready(self) -> None:
        post_migrate.connect(let_keepers_flash, sender=self)


def let_keepers_flash(app_config: AppConfig, using: str, apps: Apps = installed_apps, **kwargs: Any) -> None:
    """Give the group “Station keepers” its permissions when they are new; what an administrator takes away stays so."""
    from django.contrib.auth.management import create_permissions

    try:
        Group, Permission = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")  # noqa: N806
    except LookupError:
        return  # `migrate firmware` alone: the migration that makes groups asks again.
    own = Permission.objects.using(using).filter(
        content_type__app_label=app_config.label, codename__in=KEEPER_PERMISSIONS
    )
    if own.exists():
        return
    create_permissions(app_config, using=using, verbosity=0)
    for group in Group.objects.using(using).filter(name="Station keepers"):
        group.permissions.add(*own)
