from functools import partial

from django.apps import AppConfig
from django.db.models.signals import post_migrate

from stations.keepers_group import let_keepers

KEEPER_PERMISSIONS = ["view_outage", "view_serverrun"]


class OutagesConfig(AppConfig):
    name = "outages"
    verbose_name = "Outages"

    def ready(self) -> None:
        from freetemp.overview.concerns import register
        from outages.concerns import outage_concerns
        from outages.running import running_concerns
        from outages.strip import strip
        from readings.pages import further
        from stations.access import Role, allow

        further.register(strip)
        register(running_concerns)
        allow(Role.KEEPER, ["outages.view_outage"])
        register(outage_concerns, permission="outages.view_outage", of_stations=True)
        post_migrate.connect(partial(let_keepers, permissions=KEEPER_PERMISSIONS), sender=self, weak=False)
