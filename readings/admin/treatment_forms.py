"""The admin's forms of corrections, with help for somebody who fills them in for the first time."""

from __future__ import annotations

from typing import Any

from django import forms

from freetemp.fields import now_millis
from readings.calendar.span import EVER, Span
from readings.calendar.typed_moments import edge_ms
from readings.models import Sensor, SetAside
from readings.models.set_aside import Reason
from readings.rollups.rebuild import GoneError
from readings.treatment import add_sensor, correction, set_aside
from readings.treatment.effects import TreatmentError
from stations.models import Station

MOMENT = "In the station's time: a day, like 2026-03-01, or a moment, like 2026-03-01T14:30."


class TreatmentForm(forms.ModelForm[Any]):
    """Makes a row by what the commands call too. `what` is a station, or a station and the number of a field."""

    what = forms.ChoiceField(label="What", help_text="All fields of a station, or one of them.")
    first = forms.CharField(label="From", help_text=MOMENT, required=False)
    last = forms.CharField(label="To", required=False)
    has_stations = True
    user_name = ""
    stations = Station.objects.all()
    made: SetAside | Sensor

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        groups: list[tuple[str, list[tuple[str, str]]]] = []
        for station in self.stations.with_fields().order_by("name"):
            fields = [(f"{station.pk}:{field.number}", f"{station}: {field.name}") for field in station.fields.all()]
            whole = [(f"{station.pk}", f"{station}: all fields")] if self.has_stations else []
            groups.append((str(station), [*whole, *fields]))
        what: Any = self.fields["what"]
        what.choices = [("", "---------"), *groups]

    def clean(self) -> dict[str, Any]:
        """Do all of it, so that every sentence stands in the form. Nothing is left of it if there is one."""
        super().clean()
        if self.errors:
            return self.cleaned_data
        number, _, field = self.cleaned_data["what"].partition(":")
        station = Station.objects.get(pk=number)
        span = self.span(station) if self.cleaned_data["first"] or self.is_from_now() else None
        if span is None and not self.errors:
            self.add_error("first", "Say from when on.")
        if span:
            try:
                self.made = self.make(station, int(field) if field else None, span)
            except (TreatmentError, GoneError) as error:
                raise forms.ValidationError(str(error)) from error
        return self.cleaned_data

    def span(self, station: Station) -> Span | None:
        edges = {"first": now_millis(), "last": EVER.end_ms}
        for name in edges:
            if text := self.cleaned_data[name]:
                try:
                    edges[name] = edge_ms(text, station.zone, is_end=name == "last")
                except (ValueError, OverflowError) as error:
                    self.add_error(name, f"{error}.")
        return None if self.errors else Span(edges["first"], edges["last"])

    def is_from_now(self) -> bool:
        """Tell whether it begins now, unless somebody says when."""
        return True

    def make(self, station: Station, field: int | None, span: Span) -> SetAside | Sensor:
        raise NotImplementedError

    def _post_clean(self) -> None:
        """Leave the row as it was made."""

    def save(self, commit: bool = True) -> Any:
        """Return the row, which clean() has made."""
        return self.made


class SetAsideForm(TreatmentForm):
    class Meta:
        model = SetAside
        fields = ["what", "first", "last", "reason", "note", "below", "above"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["first"].help_text = f"{MOMENT} Empty, for maintenance: from now on."
        self.fields["last"].help_text = "A day is included. Empty: until further notice, new readings too."
        self.fields["below"].help_text = "Empty, or: only values below, as the board sent them. -100 finds -127."
        self.fields["above"].help_text = "Empty, or: only values above, as the board sent them."

    def is_from_now(self) -> bool:
        return bool(self.cleaned_data["reason"] == Reason.MAINTENANCE)

    def make(self, station: Station, field: int | None, span: Span) -> SetAside:
        asked = self.cleaned_data
        limits = {"below": asked["below"], "above": asked["above"]}
        reason = asked["reason"] or Reason.OTHER
        return set_aside(station, field, span, reason, self.user_name, note=asked["note"], **limits)


class SensorForm(TreatmentForm):
    shown_1 = forms.FloatField(label="Shown", required=False, help_text="Instead of both: a value that it showed")
    true_1 = forms.FloatField(label="True", required=False, help_text="and what was true.")
    shown_2 = forms.FloatField(label="Shown, second point", required=False)
    true_2 = forms.FloatField(
        label="True, second point", required=False, help_text="One point tells the offset, two both."
    )
    has_stations = False

    class Meta:
        model = Sensor
        fields = ["what", "model", "serial", "first", "last", "factor", "offset", "note"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["what"].help_text = "The field that it measures."
        self.fields["first"].help_text = f"{MOMENT} Empty: from now on."
        self.fields["last"].help_text = "Empty: it still hangs there. The next one ends it by itself."
        self.fields["factor"].help_text = "What is shown is value * factor + offset, in the field's unit."

    def clean(self) -> dict[str, Any]:
        points = [(self.cleaned_data.get(f"shown_{n}"), self.cleaned_data.get(f"true_{n}")) for n in (1, 2)]
        given = [(shown, true) for shown, true in points if shown is not None and true is not None]
        if len(given) != sum(any(value is not None for value in point) for point in points):
            raise forms.ValidationError("A point has two values: what the sensor showed, and what was true.")
        if given:
            try:
                self.cleaned_data["factor"], self.cleaned_data["offset"] = correction(given)
            except TreatmentError as error:
                raise forms.ValidationError(str(error)) from error
        return super().clean()

    def make(self, station: Station, field: int | None, span: Span) -> Sensor:
        asked = self.cleaned_data
        if field is None:
            raise TreatmentError("Choose the field that it measures.")
        about = {name: asked[name] for name in ("serial", "note", "factor", "offset")}
        return add_sensor(station, field, span, asked["model"], self.user_name, **about)
