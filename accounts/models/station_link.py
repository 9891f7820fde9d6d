"""Links that show a private station to whoever has them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from accounts import secret_text
from accounts.models.last_use import LastUseQuerySet
from accounts.secret_text import HINT_LENGTH, KEPT
from audit.deeds import record, record_rows
from freetemp.fields import EpochMillisField
from stations.models import Station

if TYPE_CHECKING:
    from django.contrib.auth.models import User


class StationLinkQuerySet(LastUseQuerySet["StationLink"]):
    def usable(self, at: datetime | None = None) -> StationLinkQuerySet:
        return self.filter(ended_at=None, expires_at__gt=at or timezone.now())

    @sensitive_variables()
    def of(self, texts: Collection[str], at: datetime | None = None) -> list[StationLink]:
        """Return the links with these secret parts that show something, each with its station."""
        digests = {secret_text.digest(text) for text in texts}
        found = self.usable(at).filter(digest__in=digests) if digests else self.none()
        return [link for link in found.with_makers() if link.may_show]

    def with_makers(self) -> list[StationLink]:
        """Return the links with their stations and makers. Links of one maker share that person, who is asked once."""
        links = list(self.select_related("station", "made_by"))
        makers = {link.made_by_id: link.made_by for link in links}
        for link in links:
            link.made_by = makers[link.made_by_id]
        return links

    @sensitive_variables()
    def make(self, station: Station, name: str, expires_at: datetime, user: User) -> tuple[StationLink, str]:
        """Make a link to a station, and forget old ones. Return it with its secret part, to be shown once."""
        text, now = secret_text.make(), timezone.now()
        with transaction.atomic():
            link = self.create(
                station=station,
                name=name,
                hint=secret_text.hint(text),
                digest=secret_text.digest(text),
                made_by=user,
                made_at=now,
                expires_at=expires_at,
            )
            self.filter(station=station, expires_at__lt=now - KEPT).delete()
            record("link made", station=station, of=link, details={"until": expires_at})
        return link, text

    def end(self, at: datetime | None = None) -> int:
        """End these links, on every worker and from the next request on. Return how many were usable."""
        at = at or timezone.now()
        with transaction.atomic():
            ending = list(self.usable(at).select_related("station").select_for_update(of=("self",)))
            record_rows("link ended", [(link, link.station) for link in ending])
            return self.filter(pk__in=[link.pk for link in ending]).update(ended_at=at)


class StationLink(models.Model):
    """A link that shows one station, read-only, until a day or until it is ended, and while its maker could make it."""

    station = models.ForeignKey(Station, models.CASCADE, related_name="+")
    name = models.CharField("for", max_length=80, help_text="Whom it is for, like “Parents of class 7b”.")
    hint = models.CharField(max_length=HINT_LENGTH, editable=False, help_text="Its first digits, to tell it by.")
    digest = models.CharField(max_length=64, unique=True, editable=False, help_text="SHA-256 of its secret part.")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+")
    made_at = EpochMillisField("made", default=timezone.now, editable=False)
    expires_at = EpochMillisField("ends")
    last_used_at = EpochMillisField("last used", null=True, editable=False)
    ended_at = EpochMillisField("ended", null=True, editable=False)

    objects = StationLinkQuerySet.as_manager()

    class Meta:
        verbose_name = "link to a station"
        verbose_name_plural = "links to stations"
        ordering = ["-made_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.name} ({self.hint}…)"

    @property
    def may_show(self) -> bool:
        """Tell whether its maker could still make it: rights that are taken away take links along."""
        maker = self.made_by
        return maker is not None and maker.is_active and maker.has_perm("accounts.add_stationlink", self.station)

    @property
    def state(self) -> str:
        """Return `usable`, `resting` if its maker could not make it any more, `expired` or `ended`."""
        if self.ended_at is not None:
            return "ended"
        if self.expires_at <= timezone.now():
            return "expired"
        return "usable" if self.may_show else "resting"
