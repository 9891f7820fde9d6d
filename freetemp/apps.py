from django.apps import AppConfig, apps
from django.contrib.auth.signals import user_logged_in

from freetemp.lean_imports import load_rest_framework

load_rest_framework()  # Before any other module imports it.


class FreetempConfig(AppConfig):
    name = "freetemp"

    def ready(self) -> None:
        from freetemp import checks as deployment_checks  # noqa: F401 - registers them
        from freetemp.logins.concerns import wrong_login_concerns
        from freetemp.logins.sessions import note_login, update_last_login_if_possible
        from freetemp.overview.concerns import register
        from freetemp.overview.postgresql import postgresql_concerns
        from freetemp.overview.server import server_concerns

        # The app `auth` is ready later, and does not connect its own function under the same name then.
        user_logged_in.connect(update_last_login_if_possible, dispatch_uid="update_last_login")
        user_logged_in.connect(note_login)
        register(server_concerns)
        register(postgresql_concerns)
        register(wrong_login_concerns, "auth.view_user")

        apps.get_app_config("auth").verbose_name = "People"  # The admin's name for users and groups.
