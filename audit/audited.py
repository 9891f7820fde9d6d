"""The admin's own saves and deletions: written down as deeds instead of in its log, and shown as a row's history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib import admin
from django.contrib.admin.actions import delete_selected
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from audit.changes import form_details
from audit.deeds import StationLike, record, record_rows
from audit.models import EventQuerySet
from audit.shown import events_of

A_PAGE = 100

# Django's deletes and logs in transactions of their own.
admin.site.add_action(transaction.atomic(delete_selected), "delete_selected")


class Audited:
    """A ModelAdmin whose deeds are events. It comes before ModelAdmin among the bases.

    A deed that is not a plain save, such as an action or a button, writes its event itself.
    """

    def station_of(self, obj: Any) -> StationLike | None:
        """Return the station that a row is about, if there is one."""
        station: StationLike | None = getattr(obj, "station", None)
        return station

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:
        return form_details(form, formsets or [], is_new=add)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        return record(f"{_kind(obj)} added", station=self.station_of(obj), of=obj, details=message)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Write down what was changed. A form that was saved without a change is no deed."""
        if message:
            details = message if isinstance(message, Mapping) else {"said": message}
            with transaction.atomic():
                return record(f"{_kind(obj)} changed", station=self.station_of(obj), of=obj, details=details)
        return None

    def log_deletions(self, request: HttpRequest, queryset: Iterable[Any]) -> Any:
        rows = list(queryset)
        return record_rows(f"{_kind(rows[0])} deleted", [(row, self.station_of(row)) for row in rows]) if rows else []

    def events_of(self, obj: Any) -> EventQuerySet:
        """Return what was done to a row."""
        return events_of(obj)

    def history_view(
        self: Any, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show what was done to a row, to everybody who may see it. From where is shown with view_event only."""
        obj = self.get_object(request, unquote(object_id))
        if obj is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[no-any-return]
        if not self.has_view_or_change_permission(request, obj):
            raise PermissionDenied
        page = Paginator(self.events_of(obj), A_PAGE).get_page(request.GET.get("page"))
        context = {
            **self.admin_site.each_context(request),
            "title": f"What was done: {obj}",
            "page": page,
            "object": obj,
            "opts": self.opts,
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/audit/history.html", context)


class AuditedByItself(Audited):
    """A ModelAdmin of rows that write their own events, whoever saves or deletes them."""

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Do nothing."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Do nothing."""

    def log_deletions(self, request: HttpRequest, queryset: Iterable[Any]) -> Any:
        """Do nothing."""

    def delete_queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> None:
        """Delete the rows one by one: many at once would not know of it."""
        for row in queryset:
            row.delete()


def _kind(obj: models.Model) -> str:
    return str(obj._meta.verbose_name)
