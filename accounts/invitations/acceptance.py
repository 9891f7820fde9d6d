"""An invitation is accepted: its role is given, once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Invitation, SignOnGrant
from audit.deeds import record
from stations.access import Role
from stations.models import Membership, StationGroup


class OverError(Exception):
    """The invitation cannot be used any more. The message is a sentence in the page's language."""


def accept(invitation: Invitation, person_of: Callable[[], User], at: datetime) -> User:
    """Give the role to a person, who may be made by it, in the transaction that uses the invitation up.

    Raises OverError if it was used, was ended, or cannot be given any more, in the meantime. Nothing has happened then.
    """
    with transaction.atomic():
        # A group that is being deleted is waited for, or waits: it would leave out the member who comes now.
        StationGroup.objects.select_for_update().filter(pk=invitation.group_id).first()
        # The update decides among those that come at once. What it is read again for may have changed before.
        is_first = Invitation.objects.take(invitation, at)
        present = Invitation.objects.select_related("group", "made_by").filter(pk=invitation.pk).first()
        if not is_first or present is None or not present.may_be_given:
            raise OverError(_("This invitation was used just now, or has ended."))
        person = person_of()
        _give(present, person)
        Invitation.objects.filter(pk=present.pk).update(used_by=person)
        record("invitation accepted", of=present, details={"by": person.get_username(), "from": present.made_by})
    return person


def _give(invitation: Invitation, person: User) -> None:
    """Make somebody a member, or raise the role. Nobody gets a smaller one by an invitation."""
    member, is_new = Membership.objects.select_for_update().get_or_create(
        group=invitation.group, user=person, defaults={"role": invitation.role}
    )
    if not is_new and Role(member.role).rank < Role(invitation.role).rank:
        member.role = invitation.role
        member.save(update_fields=["role"])
    elif not is_new:
        SignOnGrant.objects.keep(person, invitation.group_id, Role(invitation.role))
