from functools import partial

from django.apps import AppConfig
from django.db.models.signals import post_migrate

from stations.keepers_group import let_keepers

# What staff who look after stations (stations/apps.py) may do: view and forget refused reports, and correct.
KEEPER_PERMISSIONS = [
    *("view_refusedreport", "delete_refusedreport"),
    *("view_setaside", "add_setaside", "change_setaside"),
    *("view_sensor", "add_sensor", "change_sensor"),
    *("view_mqttdevice", "delete_mqttdevice"),
]
# Of the stations of a group.
KEEPER_OF_GROUP = [f"readings.{name}" for name in KEEPER_PERMISSIONS if name.endswith(("_setaside", "_sensor"))]


class ReadingsConfig(AppConfig):
    name = "readings"

    def ready(self) -> None:
        from freetemp.overview.concerns import register
        from readings.admin.board_health import board_concerns
        from readings.admin.concerns import ahead_concerns, gap_concerns, refusal_concerns
        from readings.admin.mqtt import mqtt_concerns
        from readings.admin.proposals import proposal_concerns
        from readings.admin.unheard import unheard_concerns
        from readings.imports import admin as of_imports  # noqa: F401 - adds them to the pages of stations
        from readings.imports.concerns import import_concerns
        from readings.rollups import signals  # noqa: F401 - connects them
        from readings.treatment import signals as of_treatment  # noqa: F401
        from stations.access import Role, allow

        allow(Role.KEEPER, KEEPER_OF_GROUP)
        register(mqtt_concerns)
        register(unheard_concerns, of_stations=True)
        register(ahead_concerns, of_stations=True)
        register(gap_concerns, of_stations=True)
        register(import_concerns, permission="stations.change_station", of_stations=True)
        register(board_concerns, of_stations=True)
        register(proposal_concerns, permission="readings.view_setaside", of_stations=True)
        register(refusal_concerns, permission="readings.view_refusedreport")
        post_migrate.connect(partial(let_keepers, permissions=KEEPER_PERMISSIONS), sender=self, weak=False)
