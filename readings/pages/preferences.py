"""A viewer's preferences: units and a language."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext_lazy as _

from freetemp.http.language import chosen
from freetemp.translations import active_language
from stations.units import DIMENSIONS, METRIC, Units

UNITS = "units"
A_YEAR_S = 31_536_000
NAMES = {"temperature": _("Temperature"), "pressure": _("Pressure"), "wind": _("Wind"), "rain": _("Rain")}


class ViewerMixin:
    """Shows values in the units, and text in the language, that a viewer chose.

    `?units=us`, `?units=degF&units=km/h` and `?lang=de` set them, and plain cookies remember them: no cookie identifies
    a viewer. Otherwise freetemp.http.language decides on the language.
    """

    request: HttpRequest

    @property
    def units(self) -> Units:
        return self._chosen_units or Units.parse(self.request.COOKIES.get(settings.UNITS_COOKIE_NAME, "")) or METRIC

    @property
    def _chosen_units(self) -> Units | None:
        return Units.parse(":".join(self.request.GET.getlist(UNITS)))

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        patch_vary_headers(response, ["Cookie"])
        if self._chosen_units:
            _remember(request, response, settings.UNITS_COOKIE_NAME, str(self.units))
        if language := chosen(request):
            _remember(request, response, settings.LANGUAGE_COOKIE_NAME, language)
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]
        preferences = _preferences(self.request, self.units)
        return context | {"units": self.units, "preferences": preferences, "now": timezone.now()}


def _remember(request: HttpRequest, response: HttpResponse, name: str, value: str) -> None:
    response.set_cookie(
        name,
        value,
        max_age=A_YEAR_S,
        path=settings.LANGUAGE_COOKIE_PATH,
        samesite="Lax",
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
    )


def _preferences(request: HttpRequest, units: Units) -> dict[str, Any]:
    """Return the content of the form for them, with the rest of the address, which the form keeps."""
    chosen_here = (UNITS, "lang")
    return {
        "kept": [(name, value) for name, values in request.GET.lists() if name not in chosen_here for value in values],
        "quantities": [
            (name, NAMES[name], [(unit, size.symbol, unit == shown) for unit, size in sizes.items()])
            for (name, sizes), shown in zip(DIMENSIONS.items(), units, strict=True)
        ],
        "languages": [(code, name, code == active_language()) for code, name in settings.LANGUAGES],
    }
