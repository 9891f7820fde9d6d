"""The registry for staff: the state of each station, and the daily work of adding, keying and resting stations."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from audit.audited import Audited
from stations.admin.columns import ago, missed_reports, newest_value
from stations.admin.first_steps import steps_to_first_reading
from stations.admin.forms import COORDINATES, FieldForm, StationForm
from stations.admin.keys import KeysView
from stations.admin.labelled_rows import LabelledFormSet
from stations.admin.own_rows import OwnRows
from stations.models import Field, Station
from stations.models.station import newest_at
from stations.models.status import IMPORTED, Status, told_status
from stations.simulation import simulation_command
from stations.units import SUGGESTED
from stations.zone_names import suggested_zones

admin.site.site_header = "freetemp"
admin.site.site_title = "freetemp"
admin.site.index_title = "Look after your stations"
admin.site.enable_nav_sidebar = False  # The list of stations needs its width.

# The same on every database: they differ in their place for stations that were never heard.
SILENT_FIRST = F("last_heard_at").asc(nulls_first=True)
MOST_PLACES = 200  # suggested


class StatusFilter(admin.SimpleListFilter):
    title = "status"
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        of_status = [(status.value, status.label) for status in Status]
        return [*of_status, (IMPORTED, "imported: no report yet, but readings")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Station]) -> QuerySet[Station]:
        stations = Station.objects.all()
        chosen = {
            Status.ALIVE.value: stations.alive,
            Status.LATE.value: stations.late,
            Status.SILENT.value: stations.silent,
            Status.NEVER.value: stations.without_readings,
            IMPORTED: stations.imported,
            Status.INACTIVE.value: stations.inactive,
        }
        return queryset & chosen[self.value() or ""]() if self.value() in chosen else queryset


class FieldFormSet(LabelledFormSet[Field, Station, FieldForm]):
    def add_fields(self, form: Any, index: int | None) -> None:
        """Begin a new row with the next free number."""
        super().add_fields(form, index)
        if form.instance._state.adding:
            numbers = [field.number for field in self.get_queryset()]
            form.initial.setdefault("number", max(numbers, default=0) + 1)

    def clean(self) -> None:
        super().clean()
        for form in self.deleted_forms:
            if form.instance.has_readings:
                raise forms.ValidationError(f"Field {form.instance} has readings, so it stays.")


class FieldInline(admin.TabularInline[Field, Station]):
    model = Field
    form = FieldForm
    formset = FieldFormSet  # type: ignore[assignment]
    template = "admin/stations/station/fields.html"
    extra = 0
    verbose_name_plural = "fields: the quantities that the station measures"
    readonly_fields = ["newest"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Field]:
        """Lock the fields that a form is about to write. Otherwise it would undo a value that arrives meanwhile."""
        fields = super().get_queryset(request)
        return fields.select_for_update(of=("self",)) if request.method == "POST" else fields

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Leave out what only devices of other makers have.

        A form that is refused may have made another device of the station by now: its first answer counts.
        """
        known: Any = request
        if not hasattr(known, "is_of_foreign_device"):
            known.is_of_foreign_device = obj is not None and obj.is_foreign
        return [name for name in super().get_fields(request, obj) if name != "source" or known.is_of_foreign_device]

    @admin.display(description="newest value")
    def newest(self, field: Field) -> SafeString | str:
        return format_html("{}, {}", newest_value(field), ago(field.newest_at)) if field.newest_at else "none yet"


@admin.register(Station)
class StationAdmin(Audited, OwnRows):
    to_station = "pk"
    form = StationForm
    inlines = [FieldInline]
    list_display = ["name", "number", "state", "page", "newest_values", "heard", "place", "mac", "public"]
    list_filter = [StatusFilter, "active", "public", "simulated"]
    search_fields = ["name", "place", "mac"]
    search_help_text = "Name, place or MAC address"
    actions = ["activate", "deactivate"]
    readonly_fields = ["state", "heard", "newest_values", "firmware"]
    save_on_top = True
    # What is needed on the first day comes first. The rest is folded, and opens by itself around an error.
    fieldsets = [
        (None, {"fields": ["name", "device", "mac", "timezone", "place"]}),
        (
            "Coordinates, and the map",
            {
                # Each in a row of its own: Django does not unfold around an error in a row of several.
                "fields": ["latitude", "longitude", "elevation_m", "on_map"],
                "description": COORDINATES,
                "classes": ["collapse"],
            },
        ),
        (
            "Reporting interval, visibility, simulation",
            {"fields": ["interval_s", "public", "simulated", "active", "adds_fields"], "classes": ["collapse"]},
        ),
        ("MQTT", {"fields": ["identity"], "classes": ["collapse"]}),
        ("For staff", {"fields": ["board", "firmware", "notes"], "classes": ["collapse"]}),
    ]

    class Media:
        css = {"all": ["css/admin.css"]}
        js = ["js/admin/station.js"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Station]:
        return super().get_queryset(request).prefetch_related("fields")

    def get_fieldsets(self, request: HttpRequest, obj: Station | None = None) -> Any:
        """Begin with the station's state, once there is a station."""
        now = (None, {"fields": [("state", "heard", "newest_values")]})
        return [now, *self.fieldsets] if obj else self.fieldsets

    def get_readonly_fields(self, request: HttpRequest, obj: Station | None = None) -> Any:
        """Fix the device of a station that has reported: other devices number and name their fields otherwise."""
        fields = list(super().get_readonly_fields(request, obj))
        return [*fields, "device"] if obj and obj.last_heard_at else fields

    def get_inlines(self, request: HttpRequest, obj: Station | None) -> list[Any]:
        """Return no fields for a station that does not exist yet: saving it adds its first one."""
        return self.inlines if obj else []

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Station], search_term: str
    ) -> tuple[QuerySet[Station], bool]:
        """Find a MAC address in any spelling too, besides Django's own results."""
        found, duplicates = super().get_search_results(request, queryset, search_term)
        digits = "".join(char for char in search_term.lower() if char not in ":-. ")
        if digits and set(digits) <= set("0123456789abcdef"):
            pairs = ":".join(digits[i : i + 2] for i in range(0, len(digits), 2))
            found |= queryset.filter(mac__contains=pairs)
        return found, duplicates

    def station_of(self, obj: Station) -> Station:
        return obj

    def has_delete_permission(self, request: HttpRequest, obj: Station | None = None) -> bool:
        """Prevent deletion: a click must not lose years of readings. Stations are deactivated; delete_station asks."""
        return False

    def get_urls(self) -> list[URLPattern]:
        keys = path(
            "<int:pk>/keys/", self.admin_site.admin_view(KeysView.as_view(model_admin=self)), name="stations_keys"
        )
        return [keys, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Show above the list how many stations are alive, and how many are not."""
        own = self.own_stations(request)
        counts = own.count_by_status()
        imported = own.imported().count() if counts[Status.NEVER] else 0
        counts[Status.NEVER] -= imported
        totals = [(each.value, each.label, counts[each]) for each in Status if counts[each]]
        totals += [(IMPORTED, IMPORTED, imported)] if imported else []
        return super().changelist_view(request, (extra_context or {}) | {"totals": totals})

    def save_model(self, request: HttpRequest, obj: Station, form: forms.ModelForm[Station], change: bool) -> None:
        """Write only changed fields: the station may be heard at this moment."""
        obj.save(update_fields=form.changed_data if change else None)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        named = self.own_stations(request).exclude(place="").order_by("place")
        places = named.values_list("place", flat=True).distinct()
        suggestions = {"time_zones": suggested_zones(), "units": SUGGESTED, "places": places[:MOST_PLACES]}
        return super().changeform_view(request, object_id, form_url, (extra_context or {}) | suggestions)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        """Show the steps to its first reading on the page of a station that was never heard."""
        if station := kwargs.get("obj"):
            context["steps"] = steps_to_first_reading(station, request.user, context.get("steps_of_board", ()))
        return super().render_change_form(request, context, *args, **kwargs)

    def response_add(self, request: HttpRequest, obj: Station, post_url_continue: str | None = None) -> HttpResponse:
        """Go on to the new station's own page: its fields and its key come next."""
        is_next = stay_on_its_page(request)
        response = super().response_add(request, obj, post_url_continue)
        if is_next:
            messages.info(request, format_html("Its days are those of {}. Next, {}.", obj.timezone, _next_step(obj)))
        return response

    @admin.display(description="no.", ordering="pk")
    def number(self, station: Station) -> str:
        """Return the number that every command takes."""
        return str(station.pk)

    @admin.display(description="status", ordering=SILENT_FIRST)
    def state(self, station: Station) -> SafeString:
        status = told_status(station.status(), newest_at(station.fields.all()))
        label = IMPORTED if status == IMPORTED else Status(status).label
        trouble = format_html('<br><small class="trouble">{}</small>', station.trouble) if station.trouble else ""
        return format_html('<span class="status status-{}">{}</span>{}', status, label, trouble)

    @admin.display(description="last heard", ordering=SILENT_FIRST)
    def heard(self, station: Station) -> SafeString | str:
        """Return when it was last heard, and how many reports are missing since if it is late."""
        if station.last_heard_at is None:
            newest = newest_at(station.fields.all())
            return format_html("no report yet<br><small>newest reading {}</small>", ago(newest)) if newest else "never"
        if station.status() not in (Status.LATE, Status.SILENT):
            return ago(station.last_heard_at)
        return format_html("{}<br><small>{}</small>", ago(station.last_heard_at), missed_reports(station))

    @admin.display(description="newest values")
    def newest_values(self, station: Station) -> SafeString | str:
        measured = [(field.name, newest_value(field)) for field in station.fields.all() if field.newest_at]
        return format_html_join(" ", '<span class="value">{} <b>{}</b></span>', measured) or "none yet"

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
        count = Station.objects.filter(pk__in=queryset.values("pk")).set_active(active)
        self.message_user(request, f"{count} {'activated' if active else 'deactivated'}.", messages.SUCCESS)


def stay_on_its_page(request: HttpRequest) -> bool:
    """Have Django go on to the page of what was just added, unless another one is wanted. Return whether it does."""
    if {"_addanother", "_popup"} & set(request.POST):
        return False
    going_on = request.POST.copy()
    going_on["_continue"] = "1"
    request.POST = going_on  # type: ignore[assignment]
    return True


def _next_step(station: Station) -> SafeString:
    if station.simulated:
        return format_html("run <code>{}</code> on this server", simulation_command(station.pk))
    keys = reverse("admin:stations_keys", args=[station.pk])
    if station.is_foreign:
        return format_html('<a href="{}">issue its key</a>, and see what to type into its device', keys)
    return format_html('flash its board, or <a href="{}">issue its key</a> for a board or a program of your own', keys)


def extends_stations(extension: type[StationAdmin]) -> type[StationAdmin]:
    """Register stations again with an app's additions to their pages, beside those of other apps.

    The registry knows none of the apps: each extension derives from StationAdmin and calls super(), in any order.
    """
    registered = type(admin.site.get_model_admin(Station))
    admin.site.unregister(Station)
    admin.site.register(Station, type(extension.__name__, (extension, registered), {}))
    return extension
