"""Tokens by which programs come in as a person, with that person's rights or fewer."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import pgettext_lazy
from django.views.decorators.debug import sensitive_variables

from accounts import secret_text
from accounts.models.last_use import LastUseQuerySet
from accounts.secret_text import HINT_LENGTH, KEPT
from audit.deeds import record, record_rows
from freetemp.fields import EpochMillisField
from stations.models import Station, StationGroup

if TYPE_CHECKING:
    from django.contrib.auth.models import User

BEGINNING = "freetemp_"  # By it programs that look for secrets in public places know one.


class Scope(models.TextChoices):
    """What a token permits, of what its person may do."""

    READ = "read", pgettext_lazy("scope of a token", "read")
    WRITE = "write", pgettext_lazy("scope of a token", "read and write")


class ApiTokenQuerySet(LastUseQuerySet["ApiToken"]):
    def usable(self, at: datetime | None = None) -> ApiTokenQuerySet:
        in_time = Q(expires_at=None) | Q(expires_at__gt=at or timezone.now())
        return self.filter(in_time, ended_at=None, user__is_active=True)

    @sensitive_variables()
    def of(self, text: str, at: datetime | None = None) -> ApiToken | None:
        """Return the usable token with this text, and its person, or None, whatever is wrong with it."""
        return self.usable(at).select_related("user").filter(digest=secret_text.digest(text)).first()

    @sensitive_variables()
    def make(
        self,
        user: User,
        name: str,
        scope: str = Scope.READ,
        *,
        lasts: timedelta | None = None,
        stations: Collection[Station] = (),
        groups: Collection[StationGroup] = (),
    ) -> tuple[ApiToken, str]:
        """Make a token of a person, for some stations or for all. Return it with its text, to be shown once.

        Those that ended long ago are forgotten.
        """
        secret, now = secret_text.make(), timezone.now()
        text = f"{BEGINNING}{secret}"
        with transaction.atomic():
            token = self.create(
                user=user,
                name=name,
                scope=scope,
                hint=secret_text.hint(secret),
                digest=secret_text.digest(text),
                is_limited=bool(stations or groups),
                made_at=now,
                expires_at=now + lasts if lasts else None,
            )
            self.filter(Q(expires_at__lt=now - KEPT) | Q(ended_at__lt=now - KEPT), user=user).delete()
            token.stations.set(stations)
            token.groups.set(groups)
            reach = ", ".join(map(str, (*groups, *stations))) or "all stations"
            record("token made", of=token, details={"permits": token.scope, "for": reach, "until": token.expires_at})
        return token, text

    def end(self, at: datetime | None = None) -> int:
        """End these tokens, on every worker and from the next request on. Return how many had not ended."""
        with transaction.atomic():
            ending = list(self.filter(ended_at=None).select_for_update())
            record_rows("token ended", [(token, None) for token in ending])
            return self.filter(pk__in=[token.pk for token in ending]).update(ended_at=at or timezone.now())


class ApiToken(models.Model):
    """A token of a program. It permits what its person may do, as far as its scope and its stations go."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=80)
    hint = models.CharField(max_length=HINT_LENGTH, editable=False, help_text="Its first digits, to tell it by.")
    digest = models.CharField(max_length=64, unique=True, editable=False, help_text="SHA-256 of the token, in hex.")
    scope = models.CharField("permits", max_length=5, choices=Scope.choices, default=Scope.READ)
    # Its own column: a token for one station must not become one for all of them when that one is deleted.
    is_limited = models.BooleanField(default=False, editable=False)
    stations = models.ManyToManyField(Station, blank=True, related_name="+")
    groups = models.ManyToManyField(StationGroup, blank=True, related_name="+")
    made_at = EpochMillisField("made", default=timezone.now, editable=False)
    expires_at = EpochMillisField("expires", null=True, editable=False)
    last_used_at = EpochMillisField("last used", null=True, editable=False)
    ended_at = EpochMillisField("ended", null=True, editable=False)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        verbose_name = "token"
        ordering = ["-made_at", "-pk"]
        constraints = [models.CheckConstraint(name="api_token_scope_known", condition=Q(scope__in=Scope.values))]

    def __str__(self) -> str:
        return f"{self.name} ({self.beginning}…)"

    @property
    def beginning(self) -> str:
        return f"{BEGINNING}{self.hint}"

    @property
    def state(self) -> str:
        """Return `usable`, `expired` or `ended`."""
        if self.ended_at is not None:
            return "ended"
        return "expired" if self.expires_at is not None and self.expires_at <= timezone.now() else "usable"

    def only_stations(self) -> frozenset[int] | None:
        """Return the numbers of the stations that it is for, or None if it is for all."""
        if not self.is_limited:
            return None
        of_groups = StationGroup.stations.through.objects.filter(stationgroup__in=self.groups.order_by().values("pk"))
        own = self.stations.order_by().values_list("pk")
        return frozenset(pk for (pk,) in own.union(of_groups.order_by().values_list("station_id"), all=True))
