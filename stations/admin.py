"""The registry for staff: who is alive, and the daily work of adding, keying and resting stations."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince

from stations.key_admin import KeysView
from stations.models import Field, Station
from stations.units import SYMBOLS, displayed
from stations.validators import time_zones

admin.site.site_header = "freetemp"
admin.site.site_title = "freetemp"
admin.site.index_title = "Administration"
admin.site.enable_nav_sidebar = False  # It would take the width that the list of stations needs.

LABELS = {"alive": "alive", "late": "late", "silent": "silent", "never": "never heard", "inactive": "inactive"}
# The same on every database; they differ in where they put what was never heard.
SILENT_FIRST = F("last_heard_at").asc(nulls_first=True)


class StatusFilter(admin.SimpleListFilter):
    title = "status"
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(LABELS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Station]) -> QuerySet[Station]:
        stations = Station.objects.all()
        chosen = {
            "alive": stations.alive,
            "late": stations.late,
            "silent": stations.silent,
            "never": stations.never_heard,
            "inactive": stations.inactive,
        }
        return queryset & chosen[self.value() or ""]() if self.value() in chosen else queryset


class FieldForm(forms.ModelForm[Field]):
    class Meta:
        model = Field
        fields = ["number", "name", "unit", "decimals", "smallest", "largest"]
        widgets = {"unit": forms.TextInput(attrs={"list": "units", "size": 8})}


class FieldFormSet(forms.BaseInlineFormSet[Field, Station, FieldForm]):
    def clean(self) -> None:
        super().clean()
        for form in self.deleted_forms:
            if form.instance.newest_at is not None:
                raise forms.ValidationError(f"Field {form.instance} has readings, so it stays.")


class FieldInline(admin.TabularInline[Field, Station]):
    model = Field
    form = FieldForm
    formset = FieldFormSet  # type: ignore[assignment]
    extra = 0
    verbose_name_plural = "fields: what the station measures"
    readonly_fields = ["newest"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Field]:
        """Lock the fields that a form is about to write: a value that arrives meanwhile would be undone by it."""
        fields = super().get_queryset(request)
        return fields.select_for_update(of=("self",)) if request.method == "POST" else fields

    @admin.display(description="newest value")
    def newest(self, field: Field) -> SafeString | str:
        return format_html("{}, {}", _value(field), _ago(field.newest_at)) if field.newest_at else "none yet"


class StationForm(forms.ModelForm[Station]):
    class Meta:
        model = Station
        fields = "__all__"  # noqa: DJ007 - StationAdmin.fieldsets names them
        widgets = {"timezone": forms.TextInput(attrs={"list": "time-zones", "size": 30})}


@admin.register(Station)
class StationAdmin(admin.ModelAdmin[Station]):
    form = StationForm
    inlines = [FieldInline]
    list_display = ["name", "state", "heard", "newest_values", "page", "place", "mac", "public"]
    list_filter = [StatusFilter, "active", "public", "simulated"]
    search_fields = ["name", "place", "mac"]
    search_help_text = "Name, place or MAC address"
    actions = ["activate", "deactivate"]
    readonly_fields = ["state", "heard", "newest_values"]
    save_on_top = True
    fieldsets = [
        (None, {"fields": ["name", "mac", "interval_s", "active", "public"]}),
        ("Place", {"fields": ["place", ("latitude", "longitude", "elevation_m"), "on_map", "timezone"]}),
        ("More", {"fields": ["board", "simulated", "notes"]}),
    ]

    class Media:
        css = {"all": ["css/admin.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Station]:
        return super().get_queryset(request).prefetch_related("fields")

    def get_fieldsets(self, request: HttpRequest, obj: Station | None = None) -> Any:
        """Begin with how the station is, once there is one."""
        now = (None, {"fields": [("state", "heard", "newest_values")]})
        return [now, *self.fieldsets] if obj else self.fieldsets

    def get_inlines(self, request: HttpRequest, obj: Station | None) -> list[Any]:
        """Return no fields for a station that is not there yet: it comes with its first one."""
        return self.inlines if obj else []

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Station], search_term: str
    ) -> tuple[QuerySet[Station], bool]:
        """Find a MAC address however it is written, besides what Django finds."""
        found, duplicates = super().get_search_results(request, queryset, search_term)
        digits = "".join(char for char in search_term.lower() if char not in ":-. ")
        if digits and set(digits) <= set("0123456789abcdef"):
            pairs = ":".join(digits[i : i + 2] for i in range(0, len(digits), 2))
            found |= queryset.filter(mac__contains=pairs)
        return found, duplicates

    def has_delete_permission(self, request: HttpRequest, obj: Station | None = None) -> bool:
        """Years of readings do not go by a click: stations are deactivated, and delete_station asks first."""
        return False

    def get_urls(self) -> list[URLPattern]:
        keys = path(
            "<int:pk>/keys/", self.admin_site.admin_view(KeysView.as_view(model_admin=self)), name="stations_keys"
        )
        return [keys, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Tell above the list how many stations are alive, and how many are not."""
        counts = Station.objects.count_by_status()
        totals = [(status, label, counts[status]) for status, label in LABELS.items() if counts[status]]
        return super().changelist_view(request, (extra_context or {}) | {"totals": totals})

    def save_model(self, request: HttpRequest, obj: Station, form: forms.ModelForm[Station], change: bool) -> None:
        """Write what was changed and nothing else: the station may be heard at this moment."""
        obj.save(update_fields=form.changed_data if change else None)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        suggestions = {"time_zones": sorted(time_zones()), "units": SYMBOLS}
        return super().changeform_view(request, object_id, form_url, (extra_context or {}) | suggestions)

    def response_add(self, request: HttpRequest, obj: Station, post_url_continue: str | None = None) -> HttpResponse:
        """Go on to the new station's own page: its fields and its key come next."""
        if "_addanother" not in request.POST:
            going_on = request.POST.copy()
            going_on["_continue"] = "1"
            request.POST = going_on  # type: ignore[assignment]
            link = format_html('<a href="{}">issue its key</a>', reverse("admin:stations_keys", args=[obj.pk]))
            messages.info(request, format_html("The station reports nothing yet: {} for its board.", link))
        return super().response_add(request, obj, post_url_continue)

    @admin.display(description="status", ordering=SILENT_FIRST)
    def state(self, station: Station) -> SafeString:
        status = station.status()
        trouble = format_html('<br><small class="trouble">{}</small>', station.trouble) if station.trouble else ""
        return format_html('<span class="status status-{}">{}</span>{}', status, LABELS[status], trouble)

    @admin.display(description="last heard", ordering=SILENT_FIRST)
    def heard(self, station: Station) -> SafeString | str:
        return _ago(station.last_heard_at) if station.last_heard_at else "never"

    @admin.display(description="newest values")
    def newest_values(self, station: Station) -> str:
        measured = [field for field in station.fields.all() if field.newest_at]
        return " · ".join(f"{field.name} {_value(field)}" for field in measured) or "none yet"

    @admin.display(description="page")
    def page(self, station: Station) -> SafeString:
        return format_html('<a href="{}">history</a>', station.get_absolute_url())

    @admin.action(description="Activate: accept their reports", permissions=["change"])
    def activate(self, request: HttpRequest, queryset: QuerySet[Station]) -> None:
        self._set_active(request, queryset, True)

    @admin.action(description="Deactivate: refuse their reports, keep their readings", permissions=["change"])
    def deactivate(self, request: HttpRequest, queryset: QuerySet[Station]) -> None:
        self._set_active(request, queryset, False)

    def _set_active(self, request: HttpRequest, queryset: QuerySet[Station], active: bool) -> None:
        for station in queryset:
            self.log_change(request, station, "Activated." if active else "Deactivated.")
        count = queryset.update(active=active)
        self.message_user(request, f"{count} {'activated' if active else 'deactivated'}.", messages.SUCCESS)


def _ago(moment: datetime) -> SafeString:
    """Return how long ago a moment was, to the second where it is fresh; the moment itself is its tooltip."""
    seconds = (timezone.now() - moment).total_seconds()
    text = f"{max(0, int(seconds))} s ago" if seconds < 60 else f"{timesince(moment, depth=1)} ago"
    return format_html('<time title="{} UTC">{}</time>', moment.strftime("%Y-%m-%d %H:%M:%S"), text)


def _value(field: Field) -> str:
    """Return a field's newest value as staff read it: as it is stored, and marked where it is not plausible."""
    if field.newest_value is None:
        return ""
    mark = "" if field.is_plausible(field.newest_value) else " (!)"
    return f"{field.newest_value:.{field.decimals}f}\N{NO-BREAK SPACE}{displayed(field.unit).symbol}{mark}".strip()
