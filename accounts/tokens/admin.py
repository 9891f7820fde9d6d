"""Everybody's tokens, for administrators: to look at, and to end."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.models import ApiToken
from audit.audited import AuditedByItself


class ApiTokenAdmin(AuditedByItself, admin.ModelAdmin[ApiToken]):
    """A token is made by its own person only: nobody else shall get to see it."""

    list_display = ["name", "beginning", "user", "scope", "state", "last_used_at", "expires_at"]
    list_filter = ["scope"]
    list_select_related = ["user"]
    search_fields = ["name", "user__username"]
    actions = ["end"]
    readonly_fields = ["name", "user", "beginning", "scope", "state", "stations", "groups"]
    readonly_fields += ["made_at", "last_used_at", "expires_at", "ended_at"]
    fields = tuple(readonly_fields)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ApiToken | None = None) -> bool:
        """Prevent deletion: a token that has ended says when."""
        return False

    @admin.action(description="End: they are refused from now on", permissions=["change"])
    def end(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> None:
        count = ApiToken.objects.filter(pk__in=queryset.values("pk")).end()
        self.message_user(request, f"{count} ended.", messages.SUCCESS)
