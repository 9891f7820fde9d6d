"""What people did, for those who may see all of it: searched, filtered, and as a CSV file. Nothing is changed here."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth.models import Group, User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils.dateparse import parse_date
from django.utils.html import format_html, linebreaks
from django.utils.safestring import SafeString, mark_safe

from audit.audited import AuditedByItself
from audit.models import Event, EventQuerySet
from audit.shown import COLUMNS, newest_first, told
from freetemp import admin as people  # It registers users and groups.
from freetemp.csv_lines import csv_lines, harmless

SINCE, UNTIL = "since", "until"  # days of UTC in the address, both included
FILE = "audit.csv"


class PeriodFilter(admin.ListFilter):
    """The days between two, as a small form."""

    title = "time"
    template = "admin/audit/period_filter.html"

    def __init__(self, request: HttpRequest, params: dict[str, Any], model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        given = {name: params.pop(name)[-1] for name in self.expected_parameters() if name in params}
        self.used_parameters = {name: text for name, text in given.items() if text}
        self.others = _others(request.GET, self.expected_parameters())

    def has_output(self) -> bool:
        return True

    def expected_parameters(self) -> list[str | None]:
        return [SINCE, UNTIL]

    def choices(self, changelist: Any) -> Iterator[Any]:
        yield {"since": self.used_parameters.get(SINCE, ""), "until": self.used_parameters.get(UNTIL, "")}

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        since, until = (_midnight(str(self.used_parameters.get(name, ""))) for name in (SINCE, UNTIL))
        events: EventQuerySet = queryset  # type: ignore[assignment]
        return events.between(since, until + timedelta(days=1) if until else None)


class PersonFilter(admin.AllValuesFieldListFilter):
    """Who did it. What the server does by itself, and what a visitor does, has no name."""

    def choices(self, changelist: Any) -> Iterator[Any]:
        for choice in super().choices(changelist):
            yield choice if choice["display"] else {**choice, "display": "nobody by name"}


class WayFilter(admin.AllValuesFieldListFilter):
    """By what it was done: the admin, a command."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = "way"


def _others(asked: QueryDict, names: list[str | None]) -> list[tuple[str, str]]:
    """Return what else an address asks for, except for its page."""
    return [(name, text) for name, texts in asked.lists() if name not in [*names, "p"] for text in texts]


def _midnight(text: str) -> datetime | None:
    """Return the start of a day, or None for a text that is none."""
    try:
        day = parse_date(text)
    except ValueError:
        return None
    return datetime(day.year, day.month, day.day, tzinfo=UTC) if day and 1970 <= day.year < 9999 else None


@admin.register(Event)
class EventAdmin(admin.ModelAdmin[Event]):
    list_display = ["when", "person", "done", "about", "station_shown", "by", "address"]
    list_display_links = ["when"]
    list_filter = [PeriodFilter, "deed", ("person", PersonFilter), ("by", WayFilter)]
    show_facets = admin.ShowFacets.NEVER
    search_fields = ["deed", "what", "details", "station_name", "person", "by", "address"]
    search_help_text = "Station, person, deed, or any word of the details"
    show_full_result_count = False
    list_per_page = 50
    ordering = ["-pk"]
    fields = ["when", "deed", "what", "station_shown", "details_shown", "person", "by", "address"]
    readonly_fields = ["when", "deed", "what", "station_shown", "details_shown", "person", "by", "address"]
    change_list_template = "admin/audit/change_list.html"

    class Media:
        css = {"all": ["css/admin.css"]}

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Event | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Event | None = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        export = path("export.csv", self.admin_site.admin_view(self.export), name="audit_export")
        return [export, *super().get_urls()]

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """An event has no history of its own: it stays as it was written."""
        return HttpResponseRedirect(reverse("admin:audit_event_change", args=[object_id]))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        export = f"{reverse('admin:audit_export')}?{request.GET.urlencode()}"
        return super().changelist_view(request, (extra_context or {}) | {"export": export})

    def export(self, request: HttpRequest) -> HttpResponseBase:
        """Return what the list shows, all of its pages, as CSV."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            listed: ChangeList = self.get_changelist_instance(request)
        except admin.options.IncorrectLookupParameters:
            return HttpResponseRedirect(reverse("admin:audit_event_changelist"))
        events: EventQuerySet = listed.get_queryset(request)  # type: ignore[assignment]
        rows = (map(harmless, told(event)) for event in newest_first(events))
        headers = {"Content-Disposition": f'attachment; filename="{FILE}"'}
        lines = csv_lines(_with_head(rows))
        return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)

    @admin.display(description="when (UTC)", ordering="pk")
    def when(self, event: Event) -> str:
        return f"{event.at:%Y-%m-%d %H:%M:%S}"

    @admin.display(description="deed", ordering="deed")
    def done(self, event: Event) -> str:
        return event.deed

    @admin.display(description="what")
    def about(self, event: Event) -> SafeString:
        details = format_html('<br><small class="details">{}</small>', _lines(event)) if event.details else ""
        return format_html("{}{}", event.what, details)

    @admin.display(description="station", ordering="station_name")
    def station_shown(self, event: Event) -> SafeString | str:
        if event.station is None:
            return "-"
        url = f"{reverse('admin:audit_event_changelist')}?station={event.station}"
        return format_html('<a href="{}">{}</a>', url, event.station_name or event.station)

    @admin.display(description="details")
    def details_shown(self, event: Event) -> SafeString | str:
        return mark_safe(linebreaks(event.details, autoescape=True)) if event.details else "-"  # noqa: S308


def _lines(event: Event) -> SafeString:
    return mark_safe("<br>".join(format_html("{}", line) for line in event.details.splitlines()))  # noqa: S308


def _with_head(rows: Iterator[Any]) -> Iterator[Any]:
    yield COLUMNS
    yield from rows


# audit.people writes down what is done to users and groups, in the admin too.
for model, registered in ((User, people.PersonAdmin), (Group, people.PlainGroupAdmin)):
    admin.site.unregister(model)
    admin.site.register(model, type(registered.__name__, (AuditedByItself, registered), {}))
