"""The one rule of who may see and do what to which stations.

Everybody sees public stations. Staff see all of them, and Django's permissions say what they may do to all. Other
people have roles in groups of stations, which reach the stations of the group and nothing else; staff need none. A
request may carry a viewer of another kind: an object like a user, with `linked_stations` or `only_stations`.

    Station.objects.visible_to(viewer)              the stations that a viewer may see
    Station.objects.kept_by(viewer, permission)     those to which a viewer may do something
    viewer.has_perm(permission, station)            whether this is one of them; also for its fields, keys, marks
    viewer.has_perm(permission)                     whether there may be one: no answer for a certain station
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cached_property
from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Q
from django.http import HttpRequest

Viewer = AbstractBaseUser | AnonymousUser

GIVE_ROLES = "stations.change_membership"
_KEPT = "_station_access"


class Role(models.TextChoices):
    """What a person is to a group of stations, the least first. Each may do all that the one before may."""

    VIEWER = "viewer", "Viewer"  # sees its private stations and exact coordinates
    KEEPER = "keeper", "Keeper"  # edits its stations, issues keys, flashes boards, sets readings aside
    ADMINISTRATOR = "administrator", "Administrator"  # adds stations, members and invitations

    @property
    def rank(self) -> int:
        return list(Role).index(self)


_allowed: dict[Role, set[str]] = {role: set() for role in Role}


def allow(role: Role, permissions: Iterable[str]) -> None:
    """Let a role, and those above it, have permissions like `stations.change_station` for the stations of its groups.

    Apps call it in ready(). Code that checks such a permission must ask for the row, or narrow rows by kept_by().
    """
    for each in Role:
        if each.rank >= role.rank:
            _allowed[each].update(permissions)


def roles_with(permission: str) -> list[Role]:
    return [role for role in Role if permission in _allowed[role]]


def permissions_of(role: Role) -> list[str]:
    return sorted(_allowed[role])


class Access:
    """What one viewer may see and do. The roles are one query, when they are first needed."""

    def __init__(self, viewer: Viewer) -> None:
        self.viewer = viewer
        self.is_staff = bool(getattr(viewer, "is_staff", False))
        is_person = viewer.is_authenticated and viewer.is_active and viewer.pk is not None
        self.is_member = is_person and not self.is_staff
        self.linked: frozenset[int] = frozenset(getattr(viewer, "linked_stations", None) or ())
        only: Collection[int] | None = getattr(viewer, "only_stations", None)
        self.only = None if only is None else frozenset(only)

    @property
    def is_public(self) -> bool:
        """Tell whether a viewer sees only what everybody sees, so that an answer may be shared with others."""
        return not (self.is_staff or self.is_member or self.linked)

    @cached_property
    def _rows(self) -> list[tuple[int, Role, int | None]]:
        """Return the groups with the role in them, once for each of their stations, or once without any."""
        if not self.is_member:
            return []
        found = self._memberships().values_list("group_id", "role", "group__stations").order_by()
        return [(group, Role(role), station) for group, role, station in found]

    def _memberships(self) -> models.QuerySet[Any]:
        found: models.QuerySet[Any] = self.viewer.station_memberships.all()  # type: ignore[union-attr]  # a related_name
        return found

    @cached_property
    def groups(self) -> dict[int, Role]:
        """Return the viewer's role in each group, by the group's number."""
        return {group: role for group, role, _ in self._rows}

    @cached_property
    def stations(self) -> dict[int, Role]:
        """Return the viewer's highest role for each station that a group brings, by the station's number."""
        found: dict[int, Role] = {}
        for _, role, station in self._rows:
            if station is not None and self._is_meant(station):
                found[station] = max(role, found.get(station, role), key=lambda each: each.rank)
        return found

    def _is_meant(self, station: int) -> bool:
        return self.only is None or station in self.only

    def sees(self, pk: int, *, public: bool) -> bool:
        """Tell whether a station may be seen."""
        return public or pk in self.linked or self.knows(pk)

    def knows(self, pk: int) -> bool:
        """Tell whether everything of a station may be seen, its exact coordinates too. A link does not tell these."""
        return self._is_meant(pk) if self.is_staff else pk in self.stations

    def visible(self) -> Q | None:
        """Return the condition of the stations that may be seen, or None if all may."""
        if self.is_staff and self.only is None:
            return None
        seen = Q(public=True)
        if self.linked:
            seen |= Q(pk__in=self.linked)
        if self.is_staff:
            return seen | Q(pk__in=self.only or ())
        return seen | self._of_roles(list(Role)) if self.is_member else seen

    def kept(self, permission: str) -> Q | None:
        """Return the condition of the stations for which there is a permission, or None if that is all of them."""
        if self.may_everywhere(permission):
            return None if self.only is None else Q(pk__in=self.only)
        roles = roles_with(permission)
        return self._of_roles(roles) if roles and self.is_member else Q(pk__in=())

    def _of_roles(self, roles: Iterable[Role]) -> Q:
        of_groups = self._memberships().filter(role__in=roles, group__stations__isnull=False).order_by()
        found = Q(pk__in=of_groups.values("group__stations"))
        return found if self.only is None else found & Q(pk__in=self.only)

    def may_everywhere(self, permission: str) -> bool:
        """Tell whether staff may do something to all stations, by Django's permissions."""
        if not (self.is_staff and self.viewer.is_active):
            return False
        return getattr(self.viewer, "is_superuser", False) or ModelBackend().has_perm(self.viewer, permission)  # type: ignore[arg-type]

    def may(self, permission: str, row: Any = None) -> bool:
        """Tell whether there is a permission for a row: a station, what belongs to one, or a group of stations.

        Without a row: whether there is one that it could be for.
        """
        station = _station_of(row)
        if station is not None and not self._is_meant(station):
            return False
        if self.is_staff:
            return self.may_everywhere(permission)
        roles = roles_with(permission)
        if not roles:
            return False
        if row is None:
            return any(role in roles for role in self.groups.values())
        held = self.stations.get(station) if station is not None else self.groups.get(_group_of(row) or 0)
        return held in roles

    @property
    def enters_admin(self) -> bool:
        """Tell whether the admin is open: to staff, and to those with a role that works in it."""
        if self.is_staff:
            return bool(self.viewer.is_active)
        return any(role is not Role.VIEWER for role in self.groups.values())

    def groups_for(self, permission: str) -> list[int]:
        """Return the groups in which a role has a permission, by their numbers."""
        roles = roles_with(permission)
        return [group for group, role in self.groups.items() if role in roles]

    def may_of_app(self, app_label: str) -> bool:
        """Tell whether a role permits something in an app."""
        held = (name for role in {*self.groups.values()} for name in _allowed[role])
        return any(name.startswith(f"{app_label}.") for name in held)

    def roles_to_give(self, group: int) -> list[Role]:
        """Return the roles that the viewer may give, change and take in a group: none that permits more."""
        if self.may_everywhere(GIVE_ROLES):
            return [role for role in Role if all(map(self.may_everywhere, _allowed[role]))]
        own = self.groups.get(group)
        return [role for role in Role if own in roles_with(GIVE_ROLES) and own and role.rank <= own.rank]


def access_of(viewer: Viewer) -> Access:
    """Return what a viewer may see and do, as it was when it was first asked for in a request."""
    found = getattr(viewer, _KEPT, None)
    if not isinstance(found, Access):
        found = Access(viewer)
        setattr(viewer, _KEPT, found)  # A lazy user of a request passes it on to the user.
    return found


def forget(viewer: Viewer) -> None:
    """Have roles be asked for anew, after one has changed within a request."""
    setattr(viewer, _KEPT, None)


def _station_of(row: Any) -> int | None:
    """Return the number of the station that a row is, or belongs to, or None."""
    if row is None:
        return None
    own = row.pk if row._meta.label == "stations.Station" else getattr(row, "station_id", None)
    return own if isinstance(own, int) else None


def _group_of(row: Any) -> int | None:
    """Return the number of the group that a row is, or belongs to, or None."""
    own = row.pk if row._meta.label == "stations.StationGroup" else getattr(row, "group_id", None)
    return own if isinstance(own, int) else None


class RoleBackend:
    """Answers has_perm() with and without a row. It comes before Django's own backend, which knows no rows.

    Django's permissions are of no use without is_staff, as in the admin before there were roles: whoever keeps a group
    shall not get back what an administrator took with is_staff. Nobody logs in by it, so it has no get_user().
    """

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> None:
        return None

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        access = access_of(user_obj)
        if access.may(perm, obj):
            return True
        if access.is_member:
            raise PermissionDenied
        return False

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        access = access_of(user_obj)
        if not access.is_member:
            return False
        if access.may_of_app(app_label):
            return True
        raise PermissionDenied
