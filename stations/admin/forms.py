"""The admin's forms for stations, with help for somebody who fills them in for the first time.

The sentences stand here and not in the models, so that improving one needs no migration.
"""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.functional import lazy

from stations.devices import CHOICES as DEVICE_CHOICES
from stations.models import Field, Station
from stations.quantities import CHOICES

COORDINATES = (
    "Where to get coordinates: on openstreetmap.org or in a phone's map, press long (or right-click) on the place; the "
    "two numbers that it shows are latitude and longitude. Three decimals tell the street, five the house."
)


TIME_ZONE = (
    "The zone of the station's place, like Europe/Berlin: type a few letters of a large city and choose. Its days "
    "begin at midnight there, summer time included, so lows, highs and records depend on it. A change divides all its "
    "readings into days again, and loses nothing."
)


def _on_map() -> str:
    words = "On: anyone sees its coordinates, and so its location. Off: only staff and members of its groups do."
    if settings.MAP_TILES is None:
        words += " This server has no map yet: it needs <code>MAP_TILES_URL</code> in .env (docs/settings.md)."
    return words


ERRORS = {
    "name": {"unique": "Another station has this name: choose another."},
    "mac": {"max_length": "A MAC address has six hex pairs, like 6c:ef:7f:3b:9d:e8."},
    "timezone": {"max_length": "No time zone has a name that long: name a large city of it, like Berlin."},
}


class FieldForm(forms.ModelForm[Field]):
    class Meta:
        model = Field
        fields = ["number", "name", "source", "quantity", "unit", "decimals", "smallest", "largest", "rolls_over_at"]
        widgets = {
            "source": forms.TextInput(attrs={"size": 12}),
            "unit": forms.TextInput(attrs={"list": "units", "size": 8}),
            "quantity": forms.Select(choices=[("", "by its name"), *CHOICES]),
        }
        help_texts = {
            "quantity": "Decides how its readings are summed up: rain is a sum, a direction has no lowest value. "
            "Without a choice, its name and unit decide. A change sums up all its readings anew.",
            "rolls_over_at": "For a counter that begins again at 0 once it is full: its largest value and one step, "
            "like 6553.6. Empty for all others.",
            "source": "The name by which a device of another maker sends it, like tempf or field1. A name that is not "
            "here adds a field of its own. Empty for boards.",
            "number": "The board's name for the field. Fixed after its first reading.",
            "smallest": "A value below is kept and marked, and is in no mean. A new field gets the usual limits of its "
            "quantity if both are empty.",
            "largest": "A value above is kept and marked, and is in no mean.",
        }

    def has_changed(self) -> bool:
        """Tell whether a row holds anything. A new row's number is there before anybody types."""
        return bool(set(self.changed_data) - ({"number"} if self.instance._state.adding else set()))


def suggest_zone(form: forms.ModelForm[Station]) -> None:
    """Begin a new station's form with the likely time zone. static/js/admin/station.js puts the browser's there."""
    if not form.is_bound:
        form.initial["timezone"] = Station.objects.likely_time_zone()
        form.fields["timezone"].widget.attrs["data-zone-of-browser"] = ""


class StationForm(forms.ModelForm[Station]):
    class Meta:
        model = Station
        fields = "__all__"  # noqa: DJ007 - StationAdmin.fieldsets names them
        widgets = {
            "device": forms.Select(choices=DEVICE_CHOICES),
            "timezone": forms.TextInput(attrs={"list": "time-zones", "size": 30}),
            "place": forms.TextInput(attrs={"list": "places", "size": 40}),
        }
        error_messages = ERRORS
        help_texts = {
            "name": "What viewers see, like “School roof”. It may change at any time.",
            "mac": "The board's own address in the WiFi, like 6c:ef:7f:3b:9d:e8. Leave it empty and flashing the board "
            "fills it in. Otherwise your router lists it, esptool prints it, and Refused reports shows it for a board "
            "that was refused. For a program without a board, make one up that begins with 02.",
            "device": "What reports. A device of another maker has no MAC address here: its key alone names the "
            "station, and its first report adds the fields.",
            "identity": "What names its device on an MQTT broker, like the MAC address of Tasmota. The list of MQTT "
            "devices fills it in. Empty for all others.",
            "adds_fields": "On: a quantity that its device reports and the station lacks becomes a field by itself.",
            "interval_s": "Seconds between two reports; flashing sets the board to it. After three intervals without "
            "a report the station is late, after sixty it is silent: at 60 s that is after 3 minutes and an hour, at "
            "600 s, which suits a battery, after half an hour and 10 hours.",
            "place": "Shown to viewers under the name, like “Roof of the school”.",
            "timezone": TIME_ZONE,
            "latitude": "Degrees, north positive, like 52.5208.",
            "longitude": "Degrees, east positive, like 13.4094.",
            "elevation_m": "Metres above the sea. Pressure falls by 1 hPa every 8 m.",
            "public": "On: everybody who reaches this server sees its page and its data. Off: only staff and members "
            "of its groups do, and everybody else is told that there is no such station.",
            "on_map": lazy(_on_map, str)(),
            "simulated": "On: its readings are made up or replayed. Viewers are told, <code>simulate_station</code> "
            "may simulate it, and no board can be flashed for it.",
            "active": "Off: its reports are refused, and nobody is told that it is silent. Its readings stay.",
            "board": "What kind of board it is.",
            "notes": "Where the board hangs, who has the ladder, when its battery was changed.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance._state.adding:
            self.fields["name"].widget.attrs["autofocus"] = ""
            suggest_zone(self)
