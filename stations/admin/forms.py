"""The admin's forms for stations, with help for somebody who fills them in for the first time.

The sentences stand here and not in the models, so that improving one needs no migration.
"""

from django import forms
from django.conf import settings
from django.utils.functional import lazy

from stations.models import Field, Station

COORDINATES = (
    "Where to get coordinates: on openstreetmap.org or in a phone's map, press long (or right-click) on the place; the "
    "two numbers that it shows are latitude and longitude. Three decimals tell the street, five the house."
)


def _on_map() -> str:
    words = "On: anyone sees its coordinates, and so its location. Off: only staff do."
    if settings.MAP_TILES is None:
        words += " This server has no map yet: it needs <code>MAP_TILES_URL</code> in .env (docs/settings.md)."
    return words


class FieldForm(forms.ModelForm[Field]):
    class Meta:
        model = Field
        fields = ["number", "name", "unit", "decimals", "smallest", "largest"]
        widgets = {"unit": forms.TextInput(attrs={"list": "units", "size": 8})}


class StationForm(forms.ModelForm[Station]):
    class Meta:
        model = Station
        fields = "__all__"  # noqa: DJ007 - StationAdmin.fieldsets names them
        widgets = {
            "timezone": forms.TextInput(attrs={"list": "time-zones", "size": 30}),
            "place": forms.TextInput(attrs={"list": "places", "size": 40}),
        }
        help_texts = {
            "name": "What viewers see, like “School roof”. It may change at any time.",
            "mac": "The board's own address in the WiFi: six hex pairs, like 6c:ef:7f:3b:9d:e8. Leave it empty and "
            "flashing the board fills it in. Otherwise your router lists it, esptool prints it, and Refused reports "
            "shows it for a board that was refused. For a program without a board, make one up that begins with 02.",
            "interval_s": "Seconds between two reports; flashing sets the board to it. After three intervals without "
            "a report the station is late, after sixty it is silent: at 60 s that is after 3 minutes and an hour, at "
            "600 s, which suits a battery, after half an hour and 10 hours.",
            "place": "Shown to viewers under the name, like “Roof of the school”.",
            "timezone": "The time zone of the station's place, by its IANA name, like Europe/Berlin: type a few "
            "letters of the city and choose. Its days begin at midnight there, summer time included, so lows, highs "
            "and records depend on it. A change divides all its readings into days again, and loses nothing.",
            "latitude": "Degrees, north positive, like 52.5208.",
            "longitude": "Degrees, east positive, like 13.4094.",
            "elevation_m": "Metres above the sea. Pressure falls by 1 hPa every 8 m.",
            "public": "On: everybody who reaches this server sees its page and its data. Off: only staff do, and "
            "everybody else is told that there is no such station.",
            "on_map": lazy(_on_map, str)(),
            "simulated": "On: its readings are made up or replayed. Viewers are told, <code>simulate_station</code> "
            "may simulate it, and no board can be flashed for it.",
            "active": "Off: its reports are refused, and nobody is told that it is silent. Its readings stay.",
            "board": "What kind of board it is.",
            "notes": "Where the board hangs, who has the ladder, when its battery was changed.",
        }
