"""The admin's page that registers a refused board as a station, with a new key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables

from readings.models import RefusedReport
from stations.admin.forms import ERRORS, TIME_ZONE, suggest_zone
from stations.admin.keys import reporting_address
from stations.models import Key, Station
from stations.zone_names import suggested_zones

if TYPE_CHECKING:
    from readings.admin.refused import RefusedReportAdmin

REGISTER_PERMISSIONS = [
    *("readings.view_refusedreport", "stations.add_station", "stations.view_station"),
    *("stations.add_key", "stations.view_key"),
]


class RegisterForm(forms.ModelForm[Station]):
    """The properties of a new station that a board does not report. The MAC address is always the refused one."""

    class Meta:
        model = Station
        fields = ["name", "mac", "timezone"]
        error_messages = ERRORS
        help_texts = {"timezone": TIME_ZONE}
        widgets = {"timezone": forms.TextInput(attrs={"list": "time-zones", "size": 30})}

    def __init__(self, mac: str, data: Any = None) -> None:
        super().__init__(data, initial={"mac": mac, "name": f"Board {mac[-8:]}"})
        suggest_zone(self)
        self.fields["mac"].disabled = True
        self.fields["mac"].help_text = ""


class ReportView(View):
    """A page that makes a station of a refused report, for people who may."""

    model_admin: RefusedReportAdmin = None  # type: ignore[assignment]  # as_view(model_admin=...) sets it
    http_method_names = ["get", "post"]

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        if not request.user.has_perms(REGISTER_PERMISSIONS):
            raise PermissionDenied
        self.report = get_object_or_404(RefusedReport, pk=kwargs["pk"])

    @method_decorator(sensitive_variables())
    def page(self, template: str, title: str, content: dict[str, Any]) -> HttpResponse:
        context = self.model_admin.admin_site.each_context(self.request) | {
            "title": title,
            "opts": RefusedReport._meta,
            "report": self.report,
            "time_zones": suggested_zones(),
            **content,
        }
        return TemplateResponse(self.request, f"admin/readings/refusedreport/{template}.html", context)


@method_decorator(never_cache, name="dispatch")
class RegisterView(ReportView):
    """Registers a board in one step. Its new key is shown once, in the answer to the click.

    The refused key is not kept anywhere, so that a guessed key never becomes a station's key.
    """

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.mac = self.report.mac
        if not self.mac:
            raise Http404
        if station := Station.objects.filter(mac=self.mac).first():
            return redirect("admin:stations_keys", pk=station.pk)
        return super().dispatch(request, *args, **kwargs)  # type: ignore[return-value]

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.page("register", "Register a board", {"form": RegisterForm(self.mac)})

    @method_decorator(sensitive_variables())
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        form = RegisterForm(self.mac, request.POST)
        if not form.is_valid():
            return self.page("register", "Register a board", {"form": form})
        station, key = self.register(form)
        content = {"station": station, "key": key, "example": reporting_address(station, key)}
        return self.page("registered", f"{station} is registered", content)

    @method_decorator(sensitive_variables())
    def register(self, form: RegisterForm) -> tuple[Station, str]:
        with transaction.atomic():
            station = form.save(commit=False)
            station.register()
            key = Key.objects.issue(station)
        return station, key
