"""The names of fields in the viewer's language."""

from functools import lru_cache

from django.utils.translation import gettext_lazy

from freetemp.translations import active_language
from stations.models import Field

# The usual names of fields, to be shown in the viewer's language. Any other name is shown as it is.
_USUAL = {
    "temperature": gettext_lazy("temperature"),
    "indoor temperature": gettext_lazy("indoor temperature"),
    "outdoor temperature": gettext_lazy("outdoor temperature"),
    "soil temperature": gettext_lazy("soil temperature"),
    "humidity": gettext_lazy("humidity"),
    "relative humidity": gettext_lazy("relative humidity"),
    "indoor humidity": gettext_lazy("indoor humidity"),
    "outdoor humidity": gettext_lazy("outdoor humidity"),
    "soil moisture": gettext_lazy("soil moisture"),
    "pressure": gettext_lazy("pressure"),
    "sea-level pressure": gettext_lazy("sea-level pressure"),
    "wind": gettext_lazy("wind"),
    "wind speed": gettext_lazy("wind speed"),
    "gust": gettext_lazy("gust"),
    "rain": gettext_lazy("rain"),
    "precipitation": gettext_lazy("precipitation"),
    "light": gettext_lazy("light"),
    "illuminance": gettext_lazy("illuminance"),
    "battery": gettext_lazy("battery"),
    "voltage": gettext_lazy("voltage"),
    "wind direction": gettext_lazy("wind direction"),
    "rain rate": gettext_lazy("rain rate"),
    "rain total": gettext_lazy("rain total"),
    "rain today": gettext_lazy("rain today"),
    "rain counter": gettext_lazy("rain counter"),
    "solar radiation": gettext_lazy("solar radiation"),
    "dew point": gettext_lazy("dew point"),
    "leaf wetness": gettext_lazy("leaf wetness"),
    "lightning count": gettext_lazy("lightning count"),
    "lightning distance": gettext_lazy("lightning distance"),
    "battery voltage": gettext_lazy("battery voltage"),
    "signal strength": gettext_lazy("signal strength"),
    "uv index": gettext_lazy("UV index"),
}


def named(field: Field) -> str:
    """Return a field's name at the beginning of a line, in the viewer's language if it is a usual one."""
    name = called(field)
    return name[:1].upper() + name[1:]


def called(field: Field) -> str:
    """Return a field's name within a sentence, in the viewer's language if it is a usual one."""
    return _in_language(field.name, active_language())


@lru_cache(maxsize=1_024)
def _in_language(name: str, language: str | None) -> str:
    return str(_USUAL.get(name.casefold(), name))
