from functools import partial

from django.apps import AppConfig
from django.db.models.signals import post_migrate

from stations.keepers_group import let_keepers

# Whoever keeps a station decides who else sees it. Tokens are their own person's.
KEEPER_PERMISSIONS = ["add_stationlink", "change_stationlink", "view_stationlink"]


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Accounts"

    def ready(self) -> None:
        from accounts import checks  # noqa: F401 - registers them
        from accounts.concerns import mail_concerns
        from accounts.factors import secrets  # noqa: F401 - has rotate_encryption_key know them
        from accounts.login import receivers  # noqa: F401 - connects them
        from freetemp.overview.concerns import register
        from stations.access import Role, allow

        register(mail_concerns, "auth.view_user")
        allow(Role.KEEPER, [f"accounts.{name}" for name in KEEPER_PERMISSIONS])
        post_migrate.connect(partial(let_keepers, permissions=KEEPER_PERMISSIONS), sender=self, weak=False)
