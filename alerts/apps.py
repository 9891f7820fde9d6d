from functools import partial
from typing import Any

from django.apps import AppConfig
from django.apps import apps as installed_apps
from django.apps.registry import Apps
from django.db.models.signals import post_migrate

from stations.keepers_group import let_keepers

# Staff who look after stations decide what is told, and see what was. Who is told is for administrators.
KEEPER_PERMISSIONS = [
    *("view_rule", "add_rule", "change_rule", "delete_rule"),
    *("view_incident", "view_notice"),
]


class AlertsConfig(AppConfig):
    name = "alerts"
    verbose_name = "Alerts"

    def ready(self) -> None:
        from alerts.concerns import alert_concerns
        from freetemp.overview.concerns import register

        register(alert_concerns, permission="alerts.view_recipient")
        post_migrate.connect(tell_of_silence, sender=self)
        post_migrate.connect(partial(let_keepers, permissions=KEEPER_PERMISSIONS), sender=self, weak=False)


def tell_of_silence(app_config: AppConfig, using: str, apps: Apps = installed_apps, **kwargs: Any) -> None:
    """Make the rule that needs no thought, unless it is there: every silent station is told. It can be switched off."""
    try:
        rules = apps.get_model("alerts", "Rule").objects.using(using)
    except LookupError:
        return  # This app is not migrated so far.
    rules.get_or_create(kind="silent", station=None)
