from functools import partial

from django.apps import AppConfig
from django.db.models.signals import post_migrate

from stations.keepers_group import let_keepers

KEEPER_PERMISSIONS = ["add_upload", "change_upload", "delete_upload", "view_upload"]


class UploadsConfig(AppConfig):
    name = "uploads"
    verbose_name = "Uploads"

    def ready(self) -> None:
        from freetemp.overview.concerns import register
        from stations.access import Role, allow
        from uploads.concerns import upload_concerns
        from uploads.sender import call_if_active

        allow(Role.KEEPER, [f"uploads.{name}" for name in KEEPER_PERMISSIONS])
        register(upload_concerns, permission="uploads.view_upload", of_stations=True)
        post_migrate.connect(call_if_active, sender=self)
        post_migrate.connect(partial(let_keepers, permissions=KEEPER_PERMISSIONS), sender=self, weak=False)
