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
        from stations.access import Role, allow

        allow(Role.KEEPER, ["alerts.view_incident"])
        register(alert_concerns, permission="alerts.view_recipient")
        post_migrate.connect(make_rules, sender=self)
        post_migrate.connect(partial(let_keepers, permissions=KEEPER_PERMISSIONS), sender=self, weak=False)


def make_rules(app_config: AppConfig, using: str, apps: Apps = installed_apps, **kwargs: Any) -> None:
    """Make the rules for every station that need no thought, unless they are there. They can be switched off."""
    from alerts.models.kinds import FROM_THE_START

    try:
        rule = apps.get_model("alerts", "Rule")
    except LookupError:
        return  # This app is not migrated so far.
    if not any(field.name == "hours" for field in rule._meta.fields):
        return  # Migrations stop before it has these kinds.
    for kind in FROM_THE_START:
        rule.objects.using(using).get_or_create(kind=kind.value, station=None)
