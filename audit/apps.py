from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AuditConfig(AppConfig):
    name = "audit"
    verbose_name = "Audit"

    def ready(self) -> None:
        from audit import people
        from audit.deeds import record_if_possible
        from audit.triggers import make_triggers
        from freetemp.deeds import done

        people.connect()
        done.connect(record_if_possible)
        post_migrate.connect(make_triggers, sender=self)
