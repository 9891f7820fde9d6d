"""Groups of stations, such as those of a school, and the people with a role in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils import timezone

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
