"""The admin page of a station's links: make one, see it once, end one."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_variables

from accounts.models import StationLink
from freetemp.conf.loopback import is_loopback
from freetemp.http.posted_rows import row_number
from freetemp.link_picture import qr_code
from stations.admin.stations import StationAdmin, extends_stations
from stations.admin.tool_view import StationToolView
from stations.models import Station

LONGEST = timedelta(days=400)  # as long as browsers keep a cookie
USUAL = timedelta(days=90)


class LinkForm(forms.Form):
    """Asks whom a link is for, and for its last day, which is one of the station."""

    name = forms.CharField(
        label="For",
        max_length=80,
        help_text="So that you know it later, like “Parents of class 7b”. They do not see it.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "size": 30}),
    )
    last_day = forms.DateField(label="Last day", widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, station: Station, data: Any = None) -> None:
        self.station = station
        self.today = timezone.now().astimezone(station.zone).date()
        super().__init__(data, initial={"last_day": (self.today + USUAL).isoformat()})
        days = {"min": self.today.isoformat(), "max": (self.today + LONGEST).isoformat()}
        self.fields["last_day"].widget.attrs.update(days)

    def clean_last_day(self) -> datetime:
        """Return the moment at which the last day is over."""
        day = self.cleaned_data["last_day"]
        if day < self.today:
            raise forms.ValidationError("This day is over: choose another.")
        if day > self.today + LONGEST:
            raise forms.ValidationError(f"A link lasts for {LONGEST.days} days at most: choose an earlier day.")
        return datetime.combine(day + timedelta(days=1), time(), self.station.zone)


class LinksView(StationToolView):
    """Lists a station's links. A new one appears in the answer to the click that made it, and nowhere after that."""

    to_look = ("stations.view_station", "accounts.view_stationlink")

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        if "end" in request.POST:
            return self.end(request)
        return self.make(request) if "make" in request.POST else self.page(request)

    @method_decorator(sensitive_variables())
    def make(self, request: HttpRequest) -> HttpResponse:
        self.require("accounts.add_stationlink")
        form = LinkForm(self.station, request.POST)
        if not form.is_valid():
            return self.page(request, form)
        asked = form.cleaned_data
        link, text = StationLink.objects.make(self.station, asked["name"], asked["last_day"], cast(User, request.user))
        return self.page(request, made=link, address=settings.SERVER_ORIGIN + reverse("station-link", args=[text]))

    def end(self, request: HttpRequest) -> HttpResponse:
        self.require("accounts.change_stationlink")
        pk = row_number(request.POST["end"])
        link = StationLink.objects.usable().filter(station=self.station, pk=pk).first()
        if link is not None and StationLink.objects.filter(pk=link.pk).end():
            messages.success(request, f"The link for {link.name} has ended: it shows nothing from now on.")
        return redirect("admin:accounts_links", pk=self.station.pk)

    @method_decorator(sensitive_variables())
    def page(
        self, request: HttpRequest, form: LinkForm | None = None, made: StationLink | None = None, address: str = ""
    ) -> HttpResponse:
        context = self.model_admin.admin_site.each_context(request) | {
            "title": f"Links to {self.station}",
            "opts": Station._meta,
            "station": self.station,
            "links": StationLink.objects.filter(station=self.station).with_makers(),
            "form": form or LinkForm(self.station),
            "made": made,
            "address": address,
            "is_local": is_loopback(settings.SERVER_URL),
            "may_make": request.user.has_perm("accounts.add_stationlink", self.station),
            "may_end": request.user.has_perm("accounts.change_stationlink", self.station),
            "picture": qr_code(address) if address else "",
        }
        return TemplateResponse(request, "admin/accounts/links.html", context)


@extends_stations
class StationWithLinksAdmin(StationAdmin):
    """Adds the page of a station's links."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(LinksView.as_view(model_admin=self))
        return [path("<int:pk>/links/", view, name="accounts_links"), *super().get_urls()]
