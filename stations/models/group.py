"""Groups of stations, such as those of a school, and the people with a role in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models, transaction
from django.db.models.signals import m2m_changed
from django.dispatch import receiver
from django.utils import timezone

from audit.deeds import record, record_each, record_rows
from audit.wording import Change
from freetemp.fields import EpochMillisField
from stations.access import Role
from stations.models.station import Station

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager


class StationGroup(models.Model):
    """Stations that the same people look after: a school, a garden. A station may be in several groups."""

    name = models.CharField(max_length=80, unique=True, help_text="Like “School on the hill”.")
    stations = models.ManyToManyField(Station, related_name="groups", blank=True)

    if TYPE_CHECKING:
        memberships: RelatedManager[Membership]

    class Meta:
        ordering = ["name"]
        verbose_name = "group of stations"
        verbose_name_plural = "groups of stations"

    def __str__(self) -> str:
        return self.name

    @transaction.atomic
    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write a new name down: it tells people which group their role is in."""
        before = None if self._state.adding else StationGroup.objects.filter(pk=self.pk).first()
        super().save(*args, **kwargs)
        if before is None:
            record("group of stations made", of=self)
        elif before.name != self.name:
            record("group of stations renamed", of=self, details={"name": Change(before.name, self.name)})

    @transaction.atomic
    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Write down the roles that end with it too. Nobody joins it meanwhile."""
        StationGroup.objects.select_for_update().filter(pk=self.pk).first()
        record("group of stations deleted", of=self, details={"stations": [str(each) for each in self.stations.all()]})
        record_rows("role taken", [(each, None) for each in self.memberships.select_related("user", "group")])
        return super().delete(*args, **kwargs)


class MembershipQuerySet(models.QuerySet["Membership"]):
    def administrators(self) -> MembershipQuerySet:
        return self.filter(role=Role.ADMINISTRATOR)


class Membership(models.Model):
    """A person's role in a group of stations. stations.access says what it permits."""

    group = models.ForeignKey(StationGroup, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="station_memberships")
    role = models.CharField(max_length=20, choices=Role.choices, default=Role.VIEWER)
    given_at = EpochMillisField("given", default=timezone.now, editable=False)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        ordering = ["group", "user"]
        verbose_name = "member"
        constraints = [
            models.UniqueConstraint(
                fields=["group", "user"],
                name="membership_once",
                violation_error_message="This person is a member of the group already.",
            ),
            models.CheckConstraint(name="membership_role_known", condition=models.Q(role__in=Role.values)),
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.role} of {self.group}"

    @transaction.atomic
    def save(self, *args: Any, **kwargs: Any) -> None:
        before = None if self._state.adding else Membership.objects.filter(pk=self.pk).first()
        super().save(*args, **kwargs)
        if before is None:
            record("role given", of=self)
        elif before.role != self.role:
            record("role changed", of=self, details={"role": Change(before.role, self.role)})

    @transaction.atomic
    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        record("role taken", of=self)
        return super().delete(*args, **kwargs)


@receiver(m2m_changed, sender=StationGroup.stations.through)
def _write_down(action: str, instance: Any, pk_set: set[int] | None, reverse: bool, **_: Any) -> None:
    """Write down which stations have come into a group, or have left it, on both sides and by whatever way."""
    deed = {"post_add": "put into a group", "post_remove": "taken out of a group", "pre_clear": "taken out of a group"}
    if action not in deed:
        return
    if reverse:  # A station's groups were changed.
        groups = StationGroup.objects.filter(pk__in=pk_set) if pk_set is not None else instance.groups.all()
        found = [(group, [instance]) for group in groups]
    else:
        stations = Station.objects.filter(pk__in=pk_set) if pk_set is not None else instance.stations.all()
        found = [(instance, list(stations))]
    for group, stations in found:
        record_each(deed[action], stations, what=str(group))
