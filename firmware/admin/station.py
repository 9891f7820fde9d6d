"""The station's page, with its board: WiFi networks, sensor and wiring, and how to flash it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path

from firmware.admin.flash import FlashView, with_code
from firmware.models import Equipment, StationNetwork
from firmware.models.equipment import DEFAULT_SENSOR
from firmware.readiness import command_for, missing
from firmware.sensors.catalogue import SENSORS
from firmware.sensors.wiring import parse_wiring, write_wiring
from stations.admin.first_steps import Step
from stations.admin.labelled_rows import LabelledFormSet
from stations.admin.stations import StationAdmin, extends_stations
from stations.models import Station


class EquipmentForm(forms.ModelForm[Equipment]):
    sensor = forms.ChoiceField(
        choices=[(driver, sensor.label) for driver, sensor in SENSORS.items()], initial=DEFAULT_SENSOR
    )
    wiring = forms.CharField(
        required=False,
        help_text="Only what differs from the usual, like scl=D1 sda=D2. Usual are: "
        + "; ".join(f"{sensor.label} {write_wiring(sensor, sensor.wiring)}" for sensor in SENSORS.values())
        + ".",
    )

    class Meta:
        model = Equipment
        fields = ["sensor", "wiring", "battery"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["wiring"] = write_wiring(self.instance.type, self.instance.wiring)

    def clean_wiring(self) -> dict[str, int]:
        return parse_wiring(self.cleaned_data["wiring"])


class EquipmentInline(admin.StackedInline[Equipment, Station]):
    model = Equipment
    form = EquipmentForm
    can_delete = False
    verbose_name_plural = "sensor and wiring"


class StationNetworkInline(admin.TabularInline[StationNetwork, Station]):
    model = StationNetwork
    formset = LabelledFormSet  # type: ignore[assignment]
    fields = ["position", "network"]
    verbose_name_plural = "WiFi networks: it joins the first that is there"

    def get_queryset(self, request: HttpRequest) -> QuerySet[StationNetwork]:
        return super().get_queryset(request).select_related("network")

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
    inlines = [*StationAdmin.inlines, EquipmentInline, StationNetworkInline]

    class Media:
        css = {"all": ["css/boards.css"]}

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(FlashView.as_view(model_admin=self))
        return [path("<int:pk>/flash/", view, name="firmware_flash"), *super().get_urls()]

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Add the fields that the sensor needs, after the form has saved its own."""
        super().save_related(request, form, formsets, change)
        equipment = Equipment.objects.filter(station=form.instance).first()
        if equipment and (added := equipment.add_missing_fields()):
            names = " and ".join(field.name for field in added)
            messages.info(request, f"A {equipment.type.label} measures {names} too: added to the station's fields.")

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        station = kwargs.get("obj")
        if station is not None and request.user.has_perm("firmware.view_equipment"):
            # Elsewhere they lead to this page.
            sentences = [sentence.replace(" on its page in the admin", " above") for sentence in missing(station)]
            context |= {"flash_command": command_for(station), "flash_missing": with_code(sentences)}
            context["steps_of_board"] = [_ready(station, is_ready=not sentences)]
        return super().render_change_form(request, context, *args, **kwargs)


def _ready(station: Station, is_ready: bool) -> Step:
    what = "simulate" if station.simulated else "flash"
    hint = f"Below, {what.capitalize()} lists everything that is missing before the command can run."
    return Step(f"Ready to {what}", is_ready, hint, ("#flash-heading", "What is missing"))
