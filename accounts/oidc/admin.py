"""The rules of the single sign-on in the admin: a rule gives rights, so only superusers see them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.confirmation import once_confirmed
from accounts.models import SignOnRule
from audit.audited import Audited

ABOUT = (
    "Whoever is in this group at the provider has this here from the next login by the single sign-on on, and loses it "
    "together with the group. A rule that gives nothing lets its members have an account. What somebody gave by hand "
    "stays."
)


class SignOnRuleAdmin(Audited, admin.ModelAdmin[SignOnRule]):
    list_display = ["provider_group", "gives"]
    search_fields = ["provider_group"]
    fieldsets = [
        (None, {"fields": ["provider_group", "station_group", "role", "group", "is_staff"], "description": ABOUT})
    ]

    changeform_view = once_confirmed(admin.ModelAdmin.changeform_view)
    delete_view = once_confirmed(admin.ModelAdmin.delete_view)

    def get_queryset(self, request: HttpRequest) -> QuerySet[SignOnRule]:
        return super().get_queryset(request).select_related("station_group", "group")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return settings.OIDC is not None and bool(request.user.is_superuser and request.user.is_active)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_view_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Tell it without a provider, too: rules that are left would keep their groups from being deleted."""
        return bool(request.user.is_superuser and request.user.is_active)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)
