"""The rule for staff who look after people: nobody gives what they do not hold, and nobody takes over more than that.

A password that is given to somebody gives all that they may do. So staff change a person, reset a second factor, or
change a group only if its permissions, and those of its roles in groups of stations, are all their own, too.
Superusers may do everything.
"""

from __future__ import annotations

from typing import cast

from django.contrib.auth.models import AnonymousUser, Group, Permission, User
from django.db.models import Q, QuerySet

from stations.access import Role, permissions_of


def held_by(actor: User | AnonymousUser) -> QuerySet[Permission]:
    """Return the permissions that somebody has and may give."""
    return Permission.objects.all() if actor.is_superuser else _of(cast("User", actor))


def groups_given_by(actor: User | AnonymousUser) -> QuerySet[Group]:
    """Return the groups that somebody may put people into: those without a permission that they lack."""
    return Group.objects.all() if actor.is_superuser else Group.objects.exclude(permissions__in=_lacked_by(actor))


def may_change(actor: User | AnonymousUser, person: User) -> bool:
    """Tell whether a person may do nothing that somebody who would change them may not do."""
    if actor.is_superuser or person.pk == actor.pk:
        return True
    if person.is_superuser or _of(person).filter(pk__in=_lacked_by(actor)).exists():
        return False
    roles = person.station_memberships.values_list("role", flat=True).order_by()
    return all(actor.has_perms(permissions_of(Role(role))) for role in roles.distinct())


def may_change_group(actor: User | AnonymousUser, group: Group) -> bool:
    return actor.is_superuser or not group.permissions.filter(pk__in=_lacked_by(actor)).exists()


def _of(person: User) -> QuerySet[Permission]:
    """Return a person's permissions, which a click on “Active” or “Staff status” wakes if they sleep."""
    own, of_groups = Q(pk__in=person.user_permissions.all()), Q(group__in=person.groups.all())
    return Permission.objects.filter(own | of_groups).distinct()


def _lacked_by(actor: User | AnonymousUser) -> QuerySet[Permission]:
    return Permission.objects.exclude(pk__in=held_by(actor).values("pk"))
