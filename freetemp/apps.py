from django.apps import AppConfig, apps


class FreetempConfig(AppConfig):
    name = "freetemp"

    def ready(self) -> None:
        from freetemp import checks as deployment_checks  # noqa: F401 - registers them
        from freetemp.overview.concerns import register
        from freetemp.overview.server import server_concerns
        from freetemp.overview.wrong_logins import wrong_login_concerns

        register(server_concerns)
        register(wrong_login_concerns, "auth.view_user")

        apps.get_app_config("auth").verbose_name = "People"  # The admin's name for users and groups.
