"""The admin page for a station's keys: issue one, see it once, end one."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_variables

from freetemp.http.posted_rows import row_number
from stations.admin.columns import ago
from stations.admin.tool_view import StationToolView
from stations.devices import DEVICES, Rows, what_to_type
from stations.models import Key, Station
from stations.simulation import simulation_command


class KeysView(StationToolView):
    """Lists a station's keys. A new one appears in the answer to the click that issued it, and nowhere after that."""

    to_look = ("stations.view_station", "stations.view_key")

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        if "end" in request.POST:
            return self.end(request)
        if "issue" in request.POST:
            return self.issue(request)
        return self.page(request)

    @method_decorator(sensitive_variables())
    def issue(self, request: HttpRequest) -> HttpResponse:
        self.require("stations.add_key")
        is_named = self.station.mac or self.station.is_foreign
        if not is_named and (error := self.take_mac(request)):
            return self.page(request, error=error)
        key = Key.objects.issue(self.station)
        return self.page(request, key=key)

    def take_mac(self, request: HttpRequest) -> str:
        """Give the station the MAC that was typed, or return why not. Only together with it, a key is of use."""
        self.require("stations.change_station")
        self.station.mac = request.POST.get("mac", "").strip()
        if not self.station.mac:
            other = f"run {simulation_command(self.station.pk)}" if self.station.simulated else "flash the board"
            return f"Type the MAC address first, or {other}: a key without it opens nothing."
        try:
            self.station.full_clean(exclude={field.name for field in Station._meta.fields} - {"mac"})
        except ValidationError as error:
            self.station.mac = None
            return " ".join(error.messages)
        self.station.take_mac()
        return ""

    def end(self, request: HttpRequest) -> HttpResponse:
        self.require("stations.change_key")
        pk = row_number(request.POST["end"])
        key = Key.objects.usable().filter(station=self.station, pk=pk).first()
        if key is not None and "confirmed" not in request.POST:
            return self.question(request, key)
        if key is not None and key.end():
            messages.success(request, f"The key …{key.hint} has ended: reports with it are refused from now on.")
        return redirect("admin:stations_keys", pk=self.station.pk)

    def question(self, request: HttpRequest, key: Key) -> HttpResponse:
        """Ask before a key ends, since its board is refused from then on until somebody goes there."""
        context = self.context(request) | {
            "title": f"End the key …{key.hint} of {self.station}?",
            "ending": key,
            # The live key is the one that the station reports with. Moments of single keys are not kept.
            "used": ago(self.station.last_heard_at) if key.state == "live" and self.station.last_heard_at else "",
        }
        return TemplateResponse(request, "admin/stations/station/end_key.html", context)

    @method_decorator(sensitive_variables())
    def page(self, request: HttpRequest, key: str = "", error: str = "") -> HttpResponse:
        context = self.context(request) | {
            "title": f"Keys of {self.station}",
            "keys": self.station.keys.all(),
            "key": key,
            "example": reporting_address(self.station, key) if key and self.station.mac else "",
            "rows": rows_to_type(self.station, key),
            "guide": DEVICES[self.station.device].page if self.station.is_foreign else "",
            "error": error,
            "typed": request.POST.get("mac", ""),
        }
        return TemplateResponse(request, "admin/stations/station/keys.html", context)

    def context(self, request: HttpRequest) -> dict[str, Any]:
        """Return what each page about this station's keys needs."""
        of_site = self.model_admin.admin_site.each_context(request)
        return of_site | {
            "opts": Station._meta,
            "station": self.station,
            "command": simulation_command(self.station.pk),
        }


@sensitive_variables()
def rows_to_type(station: Station, key: str) -> Rows:
    """Return what a device of another maker asks for, and what to type there. Without a key, a row says so."""
    if not station.is_foreign:
        return []
    return what_to_type(station.device, settings.SERVER_URL, station.pk, key or "(the station's key)")


@sensitive_variables()
def reporting_address(station: Station, key: str) -> str:
    """Return the address that reports 21.4 for the station's first field."""
    field = station.fields.order_by("number").values_list("number", flat=True).first() or 1
    return f"{settings.SERVER_URL}/update/API_key={key}/mac={station.mac}/field={field}/data=21.4"
