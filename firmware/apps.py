from functools import partial
from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate

from stations.keepers_group import let_keepers

# A keeper of stations (stations/apps.py) may do everything with boards except change MicroPython images, since a new
# image runs on every board that is flashed after it.
KEEPER_PERMISSIONS = [
    "add_wifinetwork",
    "change_wifinetwork",
    "delete_wifinetwork",
    "view_wifinetwork",
    "add_stationnetwork",
    "change_stationnetwork",
    "delete_stationnetwork",
    "view_stationnetwork",
    "add_equipment",
    "change_equipment",
    "view_equipment",
    "add_flashtoken",
    "change_flashtoken",
    "view_flashtoken",
    "view_flashuse",
    "view_micropythonimage",
]

# Of the stations of a group, and of its networks.
KEEPER_OF_GROUP = [f"firmware.{name}" for name in KEEPER_PERMISSIONS if name != "view_micropythonimage"]


class FirmwareConfig(AppConfig):
    name = "firmware"
    verbose_name = "Boards"

    def ready(self) -> None:
        from firmware.concerns import board_concerns
        from freetemp.overview.concerns import register
        from stations.access import Role, allow

        allow(Role.KEEPER, KEEPER_OF_GROUP)
        register(board_concerns, of_stations=True)
        post_migrate.connect(partial(let_keepers, permissions=KEEPER_PERMISSIONS), sender=self, weak=False)
        post_migrate.connect(take_in_images, sender=self)


def take_in_images(apps: Any, **kwargs: Any) -> None:
    """Keep the images in the database that an earlier freetemp has left in this machine's folder."""
    from firmware.models import MicroPythonImage

    if "imagefile" in apps.all_models["firmware"]:  # Not if somebody went back to an earlier migration.
        MicroPythonImage.objects.take_in_files()
