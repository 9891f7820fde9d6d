from typing import Any

from django.apps import AppConfig
from django.apps import apps as installed_apps
from django.apps.registry import Apps
from django.db.models.signals import post_migrate

# What a keeper of stations (stations/apps.py) does with refused reports: look at them, and forget them.
KEEPER_PERMISSIONS = ["view_refusedreport", "delete_refusedreport"]


class ReadingsConfig(AppConfig):
    name = "readings"

    def ready(self) -> None:
        from readings import signals as rollup_signals  # noqa: F401 - connects them

        post_migrate.connect(let_keepers_see_refused_reports, sender=self)


def let_keepers_see_refused_reports(
    app_config: AppConfig, using: str, apps: Apps = installed_apps, **kwargs: Any
) -> None:
    """Give the group “Station keepers” its permissions when they are new; what an administrator takes away stays so."""
    from django.contrib.auth.management import create_permissions

    try:
        Group, Permission = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")  # noqa: N806
    except LookupError:
        return  # `migrate readings` alone: the migration that makes groups asks again.
    own = Permission.objects.using(using).filter(
        content_type__app_label=app_config.label, codename__in=KEEPER_PERMISSIONS
    )
    if own.exists():
        return
    create_permissions(app_config, using=using, verbosity=0)
    for group in Group.objects.using(using).filter(name="Station keepers"):
        group.permissions.add(*own)
