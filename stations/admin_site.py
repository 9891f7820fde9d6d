"""The admin site: open to staff, and to people with a role in a group of stations that works in it."""

from __future__ import annotations

from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.http import HttpRequest


class StationAdminSite(AdminSite):
    """Django's. What somebody sees behind its door is up to has_perm() and to the rows of each ModelAdmin."""

    def has_permission(self, request: HttpRequest) -> bool:
        from stations.access import access_of  # Settings name this module before there are models.

        return access_of(request.user).enters_admin


class StationAdminConfig(AdminConfig):
    default_site = "stations.admin_site.StationAdminSite"
