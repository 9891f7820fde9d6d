"""Accounts that are connected with the single sign-on's provider, and what its groups give to people here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone

from freetemp.fields import EpochMillisField
from stations.access import Role
from stations.models import StationGroup

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

LONGEST_SUBJECT = 255  # By OpenID Connect Core, 2.
LONGEST_GROUP = 200


class SignOn(models.Model):
    """A person's account at the provider. Its subject is the only thing by which a person is known again."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    issuer = models.CharField(max_length=255)
    subject = models.CharField(max_length=LONGEST_SUBJECT)
    # An account that was made here for it: without the provider it is nobody's.
    made_account = models.BooleanField(default=False)
    connected_at = EpochMillisField("connected", default=timezone.now, editable=False)
    seen_at = EpochMillisField("last login by it", default=timezone.now, editable=False)

    if TYPE_CHECKING:
        grants: RelatedManager[SignOnGrant]

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["issuer", "subject"], name="sign_on_once"),
            models.UniqueConstraint(fields=["user", "issuer"], name="sign_on_of_user_once"),
        ]

    def __str__(self) -> str:
        return str(self.user)


class SignOnRule(models.Model):
    """What the members of one of the provider's groups have here. All rules for somebody's groups count together."""

    provider_group = models.CharField(
        "group at the provider",
        max_length=LONGEST_GROUP,
        help_text="As the provider sends it: a name like “teachers”, a path like “/teachers”, or a number.",
    )
    station_group = models.ForeignKey(
        StationGroup, models.CASCADE, null=True, blank=True, related_name="+", verbose_name="group of stations"
    )
    role = models.CharField(max_length=20, choices=Role.choices, blank=True, help_text="In the group of stations.")
    group = models.ForeignKey(
        Group,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="group of this server",
        help_text="Its permissions are for people with access to the admin, and for all stations.",
    )
    is_staff = models.BooleanField("access to the admin, and all stations", default=False)

    class Meta:
        default_permissions = ()  # It gives rights: only superusers have it.
        verbose_name = "rule of the single sign-on"
        verbose_name_plural = "rules of the single sign-on"
        ordering = ["provider_group", "pk"]
        constraints = [
            models.CheckConstraint(
                name="sign_on_rule_role_known",
                condition=Q(station_group=None, role="") | Q(station_group__isnull=False, role__in=Role.values),
            )
        ]

    def __str__(self) -> str:
        return f"{self.provider_group}: {self.gives}"

    @property
    def gives(self) -> str:
        """Return what it gives, in words."""
        given = [f"{self.role} of {self.station_group}"] if self.station_group else []
        given += [f"the group {self.group}"] if self.group else []
        given += ["access to the admin, and all stations"] if self.is_staff else []
        return ", ".join(given) or "an account"

    def clean(self) -> None:
        self.provider_group = self.provider_group.strip()
        if self.station_group and not self.role:
            raise ValidationError({"role": "Choose the role in this group of stations."})
        if self.role and not self.station_group:
            raise ValidationError({"station_group": "Choose the group of stations for this role."})


class SignOnGrantManager(models.Manager["SignOnGrant"]):
    def keep(self, user: User, station_group: int, role: Role) -> None:
        """Have somebody keep a role that was just given by hand, and that a rule gives now, after the rule, too."""
        grant = self.filter(sign_on__user=user, station_group=station_group).first()
        if grant is None:
            return
        if role.rank >= Role(grant.role).rank:
            grant.delete()
        elif not grant.role_before or Role(grant.role_before).rank < role.rank:
            grant.role_before = role
            grant.save(update_fields=["role_before"])


class SignOnGrant(models.Model):
    """Something that rules gave to a person. Only this is taken away again: what people gave by hand stays."""

    sign_on = models.ForeignKey(SignOn, models.CASCADE, related_name="grants")
    station_group = models.ForeignKey(StationGroup, models.CASCADE, null=True, related_name="+")
    role = models.CharField(max_length=20, blank=True)
    role_before = models.CharField(max_length=20, blank=True, help_text="The smaller role that somebody gave by hand.")
    group = models.ForeignKey(Group, models.CASCADE, null=True, related_name="+")
    is_staff = models.BooleanField(default=False)

    objects = SignOnGrantManager()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.sign_on}: {self.role or self.group or 'staff'}"
