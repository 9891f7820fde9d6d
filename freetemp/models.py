"""Wrong logins, as staff see them."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models, transaction
from django.db.models import F

from freetemp.fields import EpochMillisField

KEPT = timedelta(days=1)
MOST_ROWS = 1_000


class WrongLoginsQuerySet(models.QuerySet["WrongLogins"]):
    def note(self, network: str, at: datetime) -> None:
        """Count a wrong login, and forget those of networks that were not seen for a day."""
        with transaction.atomic():
            self.filter(last_at__lt=at - KEPT).delete()
            if self.count() >= MOST_ROWS:  # The ones that were longest unseen make room.
                self.filter(
                    pk__in=list(self.order_by("last_at").values_list("pk", flat=True)[: MOST_ROWS // 10])
                ).delete()
            self.update_or_create(
                network=network,
                defaults={"count": F("count") + 1, "last_at": at},
                create_defaults={"count": 1, "first_at": at, "last_at": at},
            )

    def of_the_last_day(self, at: datetime) -> WrongLoginsQuerySet:
        return self.filter(last_at__gte=at - KEPT).order_by("-count", "-last_at")


class WrongLogins(models.Model):
    """Wrong logins from one network, and their number. Nothing that was typed is kept: it may be half a password."""

    network = models.CharField(max_length=43, unique=True)
    count = models.PositiveBigIntegerField()
    first_at = EpochMillisField()
    last_at = EpochMillisField()

    objects = WrongLoginsQuerySet.as_manager()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.count} from {self.network}"


class SharedCount(models.Model):
    """A count that all nodes share: freetemp.counter_table reads and writes it. Without PostgreSQL there is none."""

    digest = models.CharField(max_length=32, primary_key=True)
    value = models.TextField()
    ends_at = models.DateTimeField(db_index=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.digest}: {self.value}"
