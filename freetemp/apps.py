from django.apps import AppConfig


class FreetempConfig(AppConfig):
    name = "freetemp"

    def ready(self) -> None:
        from freetemp import checks as deployment_checks  # noqa: F401 - registers them
