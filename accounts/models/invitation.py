"""Links by which somebody gets a role in a group of stations, once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from accounts import secret_text
from accounts.secret_text import HINT_LENGTH, KEPT
from audit.deeds import record, record_rows
from freetemp.fields import EpochMillisField
from stations.access import Role, access_of
from stations.models import StationGroup

if TYPE_CHECKING:
    from django.contrib.auth.models import User

DAY = timedelta(days=1)
MOST_MAILS = 20  # of one person within a day


class TooManyMailsError(Exception):
    """Somebody has had so many invitations sent by mail that no more are within a day."""


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def usable(self, at: datetime | None = None) -> InvitationQuerySet:
        return self.filter(ended_at=None, used_at=None, expires_at__gt=at or timezone.now())

    @sensitive_variables()
    def of(self, text: str, at: datetime | None = None) -> Invitation | None:
        """Return the usable invitation with this secret part, or None, whatever is wrong with it."""
        found = self.usable(at).select_related("group", "made_by").filter(digest=secret_text.digest(text)).first()
        return found if found is not None and found.may_be_given else None

    @sensitive_variables()
    def make(
        self, group: StationGroup, role: str, lasts: timedelta, user: User, email: str = "", *, by_mail: bool = False
    ) -> tuple[Invitation, str]:
        """Make an invitation, and forget old ones. Return it with its secret part, to be shown once.

        One that goes by mail counts for whoever makes it. Raises TooManyMailsError, and makes none then.
        """
        text, now = secret_text.make(), timezone.now()
        with transaction.atomic():
            if by_mail:
                self._count_mails(user, now)
            invitation = self.create(
                group=group,
                role=role,
                email=email,
                hint=secret_text.hint(text),
                digest=secret_text.digest(text),
                made_by=user,
                made_at=now,
                expires_at=now + lasts,
                mailed_at=now if by_mail else None,
            )
            self.forget_addresses(now)
            self.filter(group=group, expires_at__lt=now - KEPT).delete()
            details = {"until": invitation.expires_at, "by mail": by_mail}
            record("invitation made", of=invitation, details=details)
        return invitation, text

    def _count_mails(self, user: User, now: datetime) -> None:
        """Refuse one more mail than a person may have sent. Two clicks at once count one after the other."""
        get_user_model().objects.select_for_update().get(pk=user.pk)
        if self.filter(made_by=user, mailed_at__range=(now - DAY, now + DAY)).count() >= MOST_MAILS:
            raise TooManyMailsError

    def forget_addresses(self, at: datetime | None = None) -> int:
        """Forget the addresses of those whose time is over. Return how many there were."""
        return self.filter(expires_at__lte=at or timezone.now()).exclude(email="").update(email="")

    def end(self, at: datetime | None = None) -> int:
        """End these invitations. Return how many were usable."""
        at = at or timezone.now()
        with transaction.atomic():
            ending = list(self.usable(at).select_related("group").select_for_update(of=("self",)))
            record_rows("invitation ended", [(each, None) for each in ending])
            return self.filter(pk__in=[each.pk for each in ending]).update(ended_at=at, email="")

    def take(self, invitation: Invitation, at: datetime) -> bool:
        """Use an invitation up, in the transaction that gives the role. Of two at once, one gets True."""
        return bool(self.usable(at).filter(pk=invitation.pk).update(used_at=at, email=""))


class Invitation(models.Model):
    """A link that gives one person a role. It is as good as the right of whoever made it, at the time of its use."""

    group = models.ForeignKey(StationGroup, models.CASCADE, related_name="+")
    role = models.CharField(max_length=20, choices=Role.choices)
    # Nobody needs it once the invitation is used, or over: it is emptied then.
    email = models.EmailField(blank=True, help_text="Where the link goes.")
    hint = models.CharField(max_length=HINT_LENGTH, editable=False, help_text="Its first digits, to tell it by.")
    digest = models.CharField(max_length=64, unique=True, editable=False, help_text="SHA-256 of its secret part.")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+")
    made_at = EpochMillisField("made", default=timezone.now, editable=False)
    expires_at = EpochMillisField("ends")
    mailed_at = EpochMillisField("mailed", null=True, editable=False)
    mail_taken = models.BooleanField(default=False, editable=False, help_text="Whether the mail server took the mail.")
    used_at = EpochMillisField("used", null=True, editable=False)
    used_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+")
    ended_at = EpochMillisField("ended", null=True, editable=False)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [models.CheckConstraint(name="invitation_role_known", condition=Q(role__in=Role.values))]

    def __str__(self) -> str:
        return f"{self.role} of {self.group} ({self.hint}…)"

    @property
    def may_be_given(self) -> bool:
        """Tell whether whoever made it could still give the role: rights that are taken away take invitations along."""
        inviter = self.made_by
        return (
            inviter is not None and inviter.is_active and self.role in access_of(inviter).roles_to_give(self.group_id)
        )
