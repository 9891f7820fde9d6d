"""Permissions of the group “Station keepers”, for the apps that build on the registry."""

from collections.abc import Collection
from typing import Any

from django.apps import AppConfig
from django.apps import apps as installed_apps
from django.apps.registry import Apps

from audit.actor import by_the_program

KEEPERS = "Station keepers"


def let_keepers(
    app_config: AppConfig, using: str, permissions: Collection[str], apps: Apps = installed_apps, **kwargs: Any
) -> None:
    """Give the group an app's new permissions. A permission that an administrator takes away stays away.

    This is a receiver of post_migrate, except for `permissions`: their codenames.
    """
    from django.contrib.auth.management import create_permissions

    try:
        Group, Permission = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")  # noqa: N806
    except LookupError:
        return  # This app is migrated alone. The migration that makes groups calls this again.
    own = Permission.objects.using(using).filter(content_type__app_label=app_config.label, codename__in=permissions)
    new = {*permissions} - {*own.values_list("codename", flat=True)}
    if not new:
        return
    create_permissions(app_config, using=using, verbosity=0)
    with by_the_program():
        for group in Group.objects.using(using).filter(name=KEEPERS):
            group.permissions.add(*own.filter(codename__in=new))
