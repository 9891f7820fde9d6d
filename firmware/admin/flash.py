"""The admin page that says how to flash a station's board, from here and from elsewhere."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.decorators import method_decorator
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.debug import sensitive_variables

from firmware.models import FlashToken, FlashUse
from firmware.readiness import command_for, missing
from stations.admin.tool_view import StationToolView
from stations.models import Station

USES_SHOWN = 50


def with_code(sentences: list[str]) -> list[SafeString]:
    """Return sentences for a page, with text between backquotes shown as code."""
    return [format_html_join("", "{}", ((part,) for part in _parts(sentence))) for sentence in sentences]


def _parts(sentence: str) -> list[str]:
    parts = sentence.split("`")
    return [format_html("<code>{}</code>", part) if n % 2 else part for n, part in enumerate(parts)]


class FlashView(StationToolView):
    """Makes a token. It appears in the answer to the click that made it, and nowhere after that."""

    to_look = ("stations.view_station", "firmware.view_equipment")

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        if "end" in request.POST:
            return self.end(request)
        return self.make(request) if "make" in request.POST else self.page(request)

    @method_decorator(sensitive_variables())
    def make(self, request: HttpRequest) -> HttpResponse:
        self.require("firmware.add_flashtoken")
        if self.station.simulated:
            return self.page(request)
        token = FlashToken.objects.make(self.station, made_by=request.user.get_username())
        return self.page(request, token)

    def end(self, request: HttpRequest) -> HttpResponse:
        self.require("firmware.change_flashtoken")
        if FlashToken.objects.end_of(self.station):
            messages.success(request, "The token has ended: it flashes nothing from now on.")
        return redirect("admin:firmware_flash", pk=self.station.pk)

    @method_decorator(sensitive_variables())
    def page(self, request: HttpRequest, token: str = "") -> HttpResponse:
        tokens = FlashToken.objects.filter(station=self.station).select_related("key")
        uses = FlashUse.objects.filter(token__station=self.station).select_related("token")[:USES_SHOWN]
        context = self.model_admin.admin_site.each_context(request) | {
            "title": f"{'Simulate' if self.station.simulated else 'Flash the board of'} {self.station}",
            "opts": Station._meta,
            "station": self.station,
            "flash_command": command_for(self.station),
            "flash_missing": with_code(missing(self.station)),
            "remote_command": command_for(self.station, settings.SERVER_URL),
            "token": token,
            "newest_token": tokens.first() if request.user.has_perm("firmware.view_flashtoken") else None,
            "uses": uses if request.user.has_perm("firmware.view_flashuse") else [],
        }
        return TemplateResponse(request, "admin/firmware/flash.html", context)
