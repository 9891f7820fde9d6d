"""The person whose token a request brings, with what the token permits of the person's rights."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from accounts.models import ApiToken, Scope

if TYPE_CHECKING:
    from django.contrib.auth.models import User

_LOOKS = "view_"  # Django's name for permissions to look begins so.


def bearer_of(token: ApiToken) -> User:
    """Return the person as `request.user`: stations.access asks for `only_stations`, everybody else for permissions.

    A superuser has all permissions without any backend's word, so the bounds are around has_perm() itself, which
    has_perms() calls too.
    """
    person = token.user
    person.only_stations = token.only_stations()  # type: ignore[attr-defined]
    person.has_perm = partial(_may, token, person.has_perm)  # type: ignore[method-assign]
    person.has_module_perms = lambda app_label: False  # type: ignore[method-assign]  # of the admin, which takes none
    return person


def _may(token: ApiToken, rights: Any, permission: str, row: Any = None) -> bool:
    is_looking = permission.partition(".")[2].startswith(_LOOKS)
    if token.scope != Scope.WRITE and not is_looking:
        return False
    return bool(_is_within(token.user.only_stations, row) and rights(permission, row))  # type: ignore[attr-defined]


def _is_within(stations: frozenset[int] | None, row: Any) -> bool:
    """Tell whether a row is one of the stations that a token is for, or belongs to one. Without a row, one may be."""
    if stations is None or row is None:
        return True
    number: object = row.pk if row._meta.label == "stations.Station" else getattr(row, "station_id", None)
    return number in stations
