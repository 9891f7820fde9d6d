"""The admin's page that makes the key of a refused device a station's: a new one's, or that of one that is there."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache

from readings.admin.register import RegisterForm, ReportView
from readings.models import RefusedReport
from stations.admin.forms import suggest_zone
from stations.devices import BOARD, DEVICES
from stations.models import Key, Station


class NewStationForm(forms.ModelForm[Station]):
    """A station for the device that was refused."""

    class Meta(RegisterForm.Meta):
        fields = ["name", "timezone"]

    def __init__(self, report: RefusedReport, data: Any = None) -> None:
        station = Station(device=report.device, name=f"{report.device.capitalize()} {report.part}")
        super().__init__(data, instance=station)
        suggest_zone(self)


class OwnStationForm(forms.Form):
    """A station that is there, for a device of another maker."""

    station = forms.ModelChoiceField(Station.objects.none(), label="Station")

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        self.stations = Station.objects.filter(active=True).exclude(device=BOARD)
        field: Any = self.fields["station"]
        field.queryset = self.stations


@method_decorator(never_cache, name="dispatch")
class ClaimView(ReportView):
    """Makes the key that a device sent a station's, by its digest: nobody here knows the key itself.

    Whoever sends such a key can then report as that station. So the page says from where it came.
    """

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.report.digest or self.report.device not in DEVICES:
            raise Http404
        owner = Station.objects.filter(keys__in=Key.objects.alone().filter(digest=self.report.digest), active=True)
        if station := owner.first():
            messages.info(request, f"The key …{self.report.part} is that of {station}.")
            return redirect("admin:stations_keys", pk=station.pk)
        return super().dispatch(request, *args, **kwargs)  # type: ignore[return-value]

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.asked(NewStationForm(self.report), OwnStationForm())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        is_new = "give" not in request.POST
        new = NewStationForm(self.report, request.POST) if is_new else NewStationForm(self.report)
        own = OwnStationForm() if is_new else OwnStationForm(request.POST)
        if not (new if is_new else own).is_valid():
            return self.asked(new, own)
        with transaction.atomic():
            station = new.save(commit=False) if is_new else own.cleaned_data["station"]
            if is_new:
                station.register()
            said = f"refused key taken over, which {self.report.network} sent"
            Key.objects.issue_digest(station, self.report.digest, self.report.part, said=said)
        messages.success(request, f"…{self.report.part} is a key of {station} now: what it sends next is stored.")
        return redirect("admin:stations_station_change", station.pk)

    def asked(self, new: NewStationForm, own: OwnStationForm) -> HttpResponse:
        label = DEVICES[self.report.device].label
        content = {"label": label, "form": new, "own": own if own.stations.exists() else None}
        return self.page("claim", "Make it the key of a station", content)
