"""What a page offers to the person who looks at it."""

from __future__ import annotations

from typing import Any

from django import template

from stations.access import access_of
from stations.models import Station

register = template.Library()


@register.filter
def enters_admin(user: Any) -> bool:
    """Tell whether the admin is open to a viewer. An error's page may know none."""
    return bool(user) and access_of(user).enters_admin


@register.filter
def adds_stations(user: Any) -> bool:
    """Tell whether a viewer is to be led to the form of a new station. The admin says so if staff may not add one."""
    return bool(user) and (access_of(user).is_staff or access_of(user).may("stations.add_station"))


@register.filter
def keeps(user: Any, station: Station) -> bool:
    """Tell whether a viewer may look at a station in the admin."""
    return enters_admin(user) and access_of(user).may("stations.view_station", station)
