"""What the provider's groups give to a person here: given at each login, and taken away when a group has gone.

Only what a rule gave is taken away. What somebody gave by hand stays, and no rule makes it smaller.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from accounts.models import SignOn, SignOnGrant, SignOnRule
from audit.actor import acting
from stations.access import Role, forget
from stations.models import Membership

BY = "single sign-on"  # in the audit
KEPT = timedelta(days=30)  # after a person's last login by the provider: tokens and passwords would keep it for ever


@dataclass
class Wanted:
    """What all rules for somebody's groups give together."""

    is_member: bool = False  # A rule names one of the groups, even if it gives nothing but an account.
    is_staff: bool = False
    groups: set[int] = field(default_factory=set)
    roles: dict[int, Role] = field(default_factory=dict)

    @classmethod
    def of(cls, provider_groups: Iterable[str]) -> Wanted:
        found, names = cls(), frozenset(provider_groups)
        for rule in SignOnRule.objects.all():
            if rule.provider_group in names:
                found._add(rule)
        return found

    def _add(self, rule: SignOnRule) -> None:
        self.is_member = True
        self.is_staff |= rule.is_staff
        if rule.group_id is not None:
            self.groups.add(rule.group_id)
        if rule.station_group_id is not None:
            roles = [Role(rule.role), self.roles.get(rule.station_group_id, Role.VIEWER)]
            self.roles[rule.station_group_id] = max(roles, key=lambda role: role.rank)


@transaction.atomic
def follow(sign_on: SignOn, wanted: Wanted) -> None:
    """Give a person what rules give now, and take away what they gave before. Each change is a deed of its own."""
    grants = list(sign_on.grants.all())
    _follow_staff(sign_on, wanted.is_staff, [each for each in grants if each.is_staff])
    _follow_groups(sign_on, wanted.groups, [each for each in grants if each.group_id is not None])
    given = {each.station_group_id: each for each in grants if each.station_group_id is not None}
    for group in sorted({*given, *wanted.roles}):
        _follow_role(sign_on, group, wanted.roles.get(group), given.get(group))
    forget(sign_on.user)


def take_old(now: datetime) -> None:
    """Take away what rules gave to people who have not logged in by the provider for long."""
    has_some = Exists(SignOnGrant.objects.filter(sign_on=OuterRef("pk")))
    old = SignOn.objects.filter(has_some, seen_at__lt=now - KEPT).select_related("user")
    with acting(by=BY):
        # Whoever is locked logs in just now, or another login takes it away: two would wait for each other.
        for sign_on in old.select_for_update(
            of=("self",), skip_locked=connection.features.has_select_for_update_skip_locked
        ):
            follow(sign_on, Wanted())


def _follow_staff(sign_on: SignOn, is_wanted: bool, grants: list[SignOnGrant]) -> None:
    user = sign_on.user
    if is_wanted and not user.is_staff:
        _set_staff(user, True)
        if not grants:
            SignOnGrant.objects.create(sign_on=sign_on, is_staff=True)
    elif grants and not is_wanted:
        if user.is_staff:
            _set_staff(user, False)
        SignOnGrant.objects.filter(pk__in=[each.pk for each in grants]).delete()


def _set_staff(user: User, is_staff: bool) -> None:
    user.is_staff = is_staff
    user.save(update_fields=["is_staff"])


def _follow_groups(sign_on: SignOn, wanted: set[int], grants: list[SignOnGrant]) -> None:
    held = set(sign_on.user.groups.values_list("pk", flat=True))
    given = {each.group_id for each in grants if each.group_id is not None}
    sign_on.user.groups.add(*(wanted - held))
    sign_on.user.groups.remove(*((given - wanted) & held))
    SignOnGrant.objects.filter(pk__in=[each.pk for each in grants if each.group_id not in wanted]).delete()
    for group in wanted - held - given:
        SignOnGrant.objects.create(sign_on=sign_on, group_id=group)


def _follow_role(sign_on: SignOn, group: int, wanted: Role | None, grant: SignOnGrant | None) -> None:
    member = Membership.objects.select_for_update().filter(user=sign_on.user, group_id=group).first()
    is_own = grant is not None and member is not None and member.role == grant.role
    by_hand = (grant.role_before if grant and is_own else member.role) if member else ""
    if wanted is None or (by_hand and Role(by_hand).rank >= wanted.rank):
        if grant is not None:
            grant.delete()
        if is_own:
            _set_role(sign_on.user, group, member, by_hand)
        return
    _set_role(sign_on.user, group, member, wanted)
    SignOnGrant.objects.update_or_create(
        sign_on=sign_on, station_group_id=group, defaults={"role": wanted, "role_before": by_hand}
    )


def _set_role(user: User, group: int, member: Membership | None, role: str) -> None:
    """Make somebody a member with a role, or none without one."""
    if member is None:
        Membership.objects.create(user=user, group_id=group, role=role)
    elif not role:
        member.delete()
    elif member.role != role:
        member.role = role
        member.save(update_fields=["role"])
