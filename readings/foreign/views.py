"""The addresses that other makers' devices call. docs/devices/ describes them."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from freetemp.http.bodies import BOARD_BYTES
from readings.foreign.awekas import Awekas
from readings.foreign.ecowitt import Ecowitt
from readings.foreign.enviro import Enviro
from readings.foreign.esphome import ESPHome
from readings.foreign.tasmota import Tasmota
from readings.foreign.thingspeak import ThingSpeak, ThingSpeakBulk, is_thingspeaks
from readings.foreign.view import ForeignView, sent_by
from readings.foreign.wunderground import WeatherUnderground
from readings.ingest.views import UpdateView

_of_boards: Callable[[HttpRequest], HttpResponseBase] = UpdateView.as_view(schema=None)


class WeatherUndergroundView(ForeignView):
    """Store a report in the format of Weather Underground and its relatives."""

    format, device = WeatherUnderground, "wunderground"


class EcowittView(ForeignView):
    """Store a report of Ecowitt's or Ambient's gateways and consoles."""

    format, device = Ecowitt, "ecowitt"

    def kind(self) -> str:
        return "ambient" if self.sent.method == "GET" else self.device


class AwekasView(ForeignView):
    """Store a report in AWEKAS's format."""

    format, device = Awekas, "awekas"
    http_method_names = ["get"]


class TasmotaView(ForeignView):
    """Store what Tasmota's sensors measure."""

    format, device = Tasmota, "tasmota"


class ESPHomeView(ForeignView):
    """Store what ESPHome posts."""

    format, device = ESPHome, "esphome"
    http_method_names = ["post"]


class EnviroView(ForeignView):
    """Store a reading of Pimoroni's Enviro."""

    format, device = Enviro, "enviro"
    http_method_names = ["post"]


class ThingSpeakUpdateView(ForeignView):
    """Store an update of ThingSpeak's. Its address begins as that of freetemp's boards does."""

    format, device = ThingSpeak, "thingspeak"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Leave whatever is not ThingSpeak's to the view of boards, which says what it expects."""
        length = request.META.get("CONTENT_LENGTH") or "0"
        body = request.body if length.isdecimal() and 0 < int(length) <= BOARD_BYTES else b""
        if "key" not in kwargs and not is_thingspeaks(sent_by(request, kwargs, body)):
            return _of_boards(request)
        return super().dispatch(request, *args, **kwargs)


class ThingSpeakBulkView(ForeignView):
    """Store many updates of ThingSpeak's."""

    format, device = ThingSpeakBulk, "thingspeak"
    http_method_names = ["post"]
