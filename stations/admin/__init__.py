"""The registry for staff and for keepers of groups."""

from stations.admin import groups, stations

__all__ = ["groups", "stations"]
