"""The station's page, with its board: WiFi networks, sensor and wiring, and how to flash it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path

from firmware.admin.flash import FlashView, with_code
from firmware.admin.networks import networks_for
from firmware.models import Equipment, FurtherSensor, StationNetwork
from firmware.models.equipment import DEFAULT_SENSOR
from firmware.readiness import command_for, missing
from firmware.sensors.catalogue import SENSORS
from firmware.sensors.wiring import check_board, parse_wiring, write_wiring
from stations.admin.first_steps import Step
from stations.admin.labelled_rows import LabelledFormSet
from stations.admin.stations import FieldInline, StationAdmin, extends_stations
from stations.models import Station

_CHOICES = [(driver, sensor.label) for driver, sensor in SENSORS.items()]
_USUAL = "; ".join(f"{sensor.label} {write_wiring(sensor, sensor.wiring)}" for sensor in SENSORS.values())


class SensorForm(forms.ModelForm[Any]):
    """A sensor of the catalogue, with its wiring as people write it."""

    sensor = forms.ChoiceField(choices=_CHOICES, initial=DEFAULT_SENSOR)
    wiring = forms.CharField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["wiring"] = write_wiring(self.instance.type, self.instance.wiring)

    def clean_wiring(self) -> dict[str, int]:
        return parse_wiring(self.cleaned_data["wiring"], SENSORS.get(self.cleaned_data.get("sensor", "")))


class EquipmentForm(SensorForm):
    wiring = forms.CharField(
        required=False, help_text=f"Only what differs from the usual, like scl=D1 sda=D2. Usual are: {_USUAL}."
    )

    class Meta:
        model = Equipment
        fields = ["sensor", "wiring", "battery"]


class FurtherSensorForm(SensorForm):
    sensor = forms.ChoiceField(choices=[("", "---------"), *_CHOICES])

    class Meta:
        model = FurtherSensor
        fields = ["sensor", "wiring"]


class FurtherSensorFormSet(LabelledFormSet[FurtherSensor, Station, FurtherSensorForm]):
    """Checks the whole board: its rows, and the first sensor as it was sent with them."""

    def clean(self) -> None:
        super().clean()
        if any(self.errors):
            return
        rows = [form for form in self.forms if form.has_changed() or form.instance.pk]
        further = [form.instance for form in rows if form not in self.deleted_forms]
        first = self._first()
        if first is not None:
            check_board([each.wired for each in (first, *further)], first.battery)

    def _first(self) -> Equipment | None:
        """Return the equipment as the same page sends it, None if that is refused anyway."""
        saved = Equipment.objects.of(self.instance) if self.instance.pk else Equipment()
        if "equipment-0-sensor" not in self.data:
            return saved
        form = EquipmentForm(self.data, prefix="equipment-0", instance=saved)
        return form.instance if form.is_valid() else None


class EquipmentInline(admin.StackedInline[Equipment, Station]):
    model = Equipment
    form = EquipmentForm
    can_delete = False
    verbose_name_plural = "sensor and wiring"


class FurtherSensorInline(admin.TabularInline[FurtherSensor, Station]):
    """It goes with the equipment: whoever may change that may change these."""

    model = FurtherSensor
    form = FurtherSensorForm
    formset = FurtherSensorFormSet  # type: ignore[assignment]
    extra = 0
    template = "admin/firmware/further_sensors.html"
    verbose_name_plural = "further sensors of the same board"

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("firmware.view_equipment") or self.has_change_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("firmware.change_equipment")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request)


class StationNetworkInline(admin.TabularInline[StationNetwork, Station]):
    model = StationNetwork
    formset = LabelledFormSet  # type: ignore[assignment]
    fields = ["position", "network"]
    verbose_name_plural = "WiFi networks: it joins the first that is there"

    def get_queryset(self, request: HttpRequest) -> QuerySet[StationNetwork]:
        return super().get_queryset(request).select_related("network")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "network":
            kwargs["queryset"] = networks_for(request)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_formset(self, request: HttpRequest, obj: Station | None = None, **kwargs: Any) -> Any:
        """Query the networks once, not for each row."""
        formset = super().get_formset(request, obj, **kwargs)
        if network := formset.form.base_fields.get("network"):
            network.widget.can_delete_related = network.widget.can_view_related = False
            network.choices = list(network.choices)  # type: ignore[attr-defined]
        return formset

    def get_extra(self, request: HttpRequest, obj: Station | None = None, **kwargs: Any) -> int:
        """Offer an empty row if the station has none yet."""
        return 0 if obj is None or obj.wifi.exists() else 1


@extends_stations
class BoardStationAdmin(StationAdmin):
    """The registry's own page, which knows nothing of boards, plus the parts that firmware adds."""

    change_form_template = "admin/firmware/station.html"
    inlines = [*StationAdmin.inlines, EquipmentInline, FurtherSensorInline, StationNetworkInline]

    class Media:
        css = {"all": ["css/boards.css"]}

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(FlashView.as_view(model_admin=self))
        return [path("<int:pk>/flash/", view, name="firmware_flash"), *super().get_urls()]

    def get_inlines(self, request: HttpRequest, obj: Station | None) -> list[Any]:
        """Leave out what belongs to a board of freetemp where another maker's device reports."""
        inlines = super().get_inlines(request, obj)
        return [FieldInline] if obj and obj.is_foreign else inlines

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Add the fields that the sensor needs, after the form has saved its own."""
        super().save_related(request, form, formsets, change)
        equipment = Equipment.objects.of(form.instance)
        sensors = equipment.all_sensors()
        if (equipment.pk or len(sensors) > 1) and (added := equipment.add_missing_fields()):
            names = " and ".join(field.name for field in added)
            labels = " with a ".join(each.type.label for each in sensors)
            messages.info(request, f"A {labels} measures {names} too: added to the station's fields.")

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        station = kwargs.get("obj")
        if station is not None and not station.is_foreign and request.user.has_perm("firmware.view_equipment"):
            # Elsewhere they lead to this page.
            sentences = [sentence.replace(" on its page in the admin", " above") for sentence in missing(station)]
            context |= {"flash_command": command_for(station), "flash_missing": with_code(sentences)}
            context["steps_of_board"] = [_ready(station, is_ready=not sentences)]
        return super().render_change_form(request, context, *args, **kwargs)


def _ready(station: Station, is_ready: bool) -> Step:
    what = "simulate" if station.simulated else "flash"
    hint = f"Below, {what.capitalize()} lists everything that is missing before the command can run."
    return Step(f"Ready to {what}", is_ready, hint, ("#flash-heading", "What is missing"))
