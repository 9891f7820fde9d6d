"""What a station announces of itself: a device with a sensor for each of its fields.

The names, and the units that fit each device class, are those of homeassistant 2026.2.3, in its mqtt and sensor
components. It refuses a sensor whose unit does not fit.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from django.conf import settings

from freetemp import __version__
from stations.models import Field, Station
from stations.units import SYMBOLS

PREFIX = "homeassistant"
OUT = "freetemp/out"
SERVER = f"{OUT}/server"  # online while somebody publishes
ONLINE, OFFLINE = "online", "offline"


class Class(NamedTuple):
    """A device class with the units that fit it here, and how its values are summed up over time."""

    name: str | None
    units: tuple[str, ...]
    state_class: str | None = "measurement"


_SPEEDS = ("m/s", "km/h", "mph", "kn")
_DEGREES = ("degC", "degF")
_DEPTHS = ("mm", "in")
CLASSES = {
    "temperature": Class("temperature", _DEGREES),
    "soil_temperature": Class("temperature", _DEGREES),
    "dew_point": Class("temperature", _DEGREES),
    "humidity": Class("humidity", ("%",)),
    "pressure": Class("atmospheric_pressure", ("hPa", "inHg")),
    "wind_speed": Class("wind_speed", _SPEEDS),
    "wind_gust": Class("wind_speed", _SPEEDS),
    "wind_direction": Class("wind_direction", ("deg", "°"), "measurement_angle"),
    "rain_amount": Class("precipitation", _DEPTHS, None),  # It says nothing of the time between two readings.
    "rain_counter": Class("precipitation", _DEPTHS, "total_increasing"),
    "rain_rate": Class("precipitation_intensity", ("mm/h", "in/h")),
    "solar_radiation": Class("irradiance", ("W/m2",)),
    "illuminance": Class("illuminance", ("lx",)),
    "soil_moisture": Class("moisture", ("%",)),
    "pm25": Class("pm25", ("ug/m3",)),
    "pm10": Class("pm10", ("ug/m3",)),
    "co2": Class("carbon_dioxide", ("ppm",)),
    "lightning_distance": Class("distance", ("km", "mi")),
    "lightning_count": Class(None, ("",), "total_increasing"),
    "battery_voltage": Class("voltage", ("V",)),
    "signal_strength": Class("signal_strength", ("dBm",)),
}
_ANY = Class(None, ())
_SIGNS = {"ug/m3": "\N{GREEK SMALL LETTER MU}g/m³"}  # Home Assistant's own sign; SYMBOLS has the other one.


def topic(instance: str, station: int) -> str:
    """Return where a station announces itself, for a freetemp of this name."""
    return f"{PREFIX}/device/{identity(instance, station)}/config"


def state_topic(station: int) -> str:
    return f"{OUT}/{station}"


def availability_topic(station: int) -> str:
    return f"{OUT}/{station}/availability"


def identity(instance: str, station: int) -> str:
    return f"{re.sub('[^a-zA-Z0-9_-]', '_', instance)}-{station}"


def config(instance: str, station: Station) -> dict[str, Any]:
    """Return what a station announces of itself and its fields, which are loaded."""
    of_device = identity(instance, station.pk)
    device = {
        "identifiers": [of_device],
        "name": station.name,
        "manufacturer": "freetemp",
        "model": station.device if station.is_foreign else station.board or "board",
        "configuration_url": f"{settings.SERVER_URL}/stations/{station.pk}/",
    }
    if station.place:
        device["suggested_area"] = station.place
    return {
        "device": device,
        "origin": {"name": "freetemp", "sw_version": __version__},
        "state_topic": state_topic(station.pk),
        "availability": [{"topic": SERVER}, {"topic": availability_topic(station.pk)}],
        "availability_mode": "all",
        "components": {f"field{each.number}": _component(of_device, each) for each in station.fields.all()},
    }


def _component(of_device: str, field: Field) -> dict[str, Any]:
    of_quantity = CLASSES.get(field.quantity, _ANY)
    fits = field.unit in of_quantity.units
    told = {
        "platform": "sensor",
        "unique_id": f"{of_device}-{field.number}",
        "name": field.name,
        "value_template": f"{{{{ value_json['{field.number}'] }}}}",
        "suggested_display_precision": field.decimals,
        "device_class": of_quantity.name if fits else None,
        "state_class": of_quantity.state_class if fits else "measurement",
        "unit_of_measurement": _SIGNS.get(field.unit) or SYMBOLS.get(field.unit, field.unit) or None,
    }
    return {name: value for name, value in told.items() if value is not None}
