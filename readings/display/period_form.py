"""The parameters in the address of a station's page."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from readings.calendar.days import midnight
from readings.calendar.local_time import LATEST, parse_moment
from readings.calendar.navigation import DEFAULT_BASE_C, Navigation
from readings.calendar.periods import KINDS, Period
from readings.models import Reading
from stations.models import Station

COMPARISONS = r"\A(before|year|[1-9][0-9]{0,9})\Z"


class PeriodForm(forms.Form):
    """`?period=month&date=2026-11-22`, `?period=all`, or any range: `?start=...&end=...`.

    `&compare=before` or `&compare=year` asks for another period beside it. A range also takes a number of seconds
    before: a viewer who zooms into a day beside the day before still sees the day before. `&gdd=6` is the base of
    growing degree days in degC.
    """

    period = forms.ChoiceField(
        choices=[(kind, kind) for kind in (*KINDS, "all")],
        required=False,
        label=gettext_lazy("Period"),
        error_messages={"invalid_choice": gettext_lazy("day, week, month, year or all expected")},
    )
    date = forms.DateField(
        input_formats=["%Y-%m-%d"],
        required=False,
        label=gettext_lazy("Date"),
        error_messages={"invalid": gettext_lazy("a day expected, like 2026-11-22")},
    )
    start = forms.CharField(required=False, label=gettext_lazy("Start"))
    end = forms.CharField(required=False, label=gettext_lazy("End"))
    compare = forms.RegexField(
        COMPARISONS,
        required=False,
        label=gettext_lazy("Comparison"),
        error_messages={"invalid": gettext_lazy("before, year or a number of seconds expected")},
    )

    gdd = forms.FloatField(
        min_value=-20,
        max_value=40,
        required=False,
        label=gettext_lazy("Base of growing degree days"),
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value"), gettext_lazy("a number of °C from -20 to 40 expected")
        ),
    )

    def __init__(self, *args: Any, station: Station, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.station = station

    def clean_date(self) -> dt.date | None:
        day: dt.date | None = self.cleaned_data["date"]
        if day and not 1970 < day.year < LATEST.year - 1:
            raise forms.ValidationError(_("a day between 1971 and 2198 expected"))
        return day

    def clean_start(self) -> dt.datetime | None:
        return self._moment("start")

    def clean_end(self) -> dt.datetime | None:
        return self._moment("end")

    def clean(self) -> dict[str, Any]:
        start, end = self.cleaned_data.get("start"), self.cleaned_data.get("end")
        if start and end and start >= end:
            raise forms.ValidationError(_("The start must be before the end."))
        return self.cleaned_data

    def get_period(self) -> Period:
        """Return the period that the address names, or today if it names none that can be read."""
        if not self.is_valid():
            return self._calendar("day", None)
        start, end = self.cleaned_data["start"], self.cleaned_data["end"]
        if start or end:
            first, last = self._everything()
            return Period("range", start or min(first, end), end or max(last, start), self.station.zone)
        kind = self.cleaned_data["period"] or "day"
        if kind == "all":
            return Period("all", *self._everything(), self.station.zone)
        return self._calendar(kind, self.cleaned_data["date"])

    def get_navigation(self, now: dt.datetime) -> Navigation:
        """Return the period with its name, its neighbours and its comparison."""
        period, known = self.get_period(), self.cleaned_data if self.is_valid() else {}
        base_c = known.get("gdd")
        return Navigation(period, now, known.get("compare", ""), base_c=DEFAULT_BASE_C if base_c is None else base_c)

    @property
    def sentences(self) -> list[str]:
        """Return the errors, each with its parameter's name."""
        return [
            str(error) if name == "__all__" else f"{name}: {error}"
            for name, errors in self.errors.items()
            for error in errors
        ]

    @property
    def sentences_for_viewers(self) -> list[str]:
        """Return the errors, each with its parameter's name in the viewer's language."""
        told = [
            str(error) if name == "__all__" else f"{self.fields[name].label}: {error}"
            for name, errors in self.errors.items()
            for error in errors
        ]
        return [each if each.endswith(".") else f"{each}." for each in told]

    def _calendar(self, kind: str, day: dt.date | None) -> Period:
        zone = self.station.zone
        return Period.containing(day or timezone.now().astimezone(zone).date(), kind, zone)

    def _everything(self) -> tuple[dt.datetime, dt.datetime]:
        """Return whole days from the first reading to the last, or today if there are none."""
        zone, now = self.station.zone, timezone.now()
        first, last = Reading.objects.span(self.station) or (now, now)
        days = [moment.astimezone(zone).date() for moment in (first, last)]
        return midnight(days[0], zone), Period.containing(days[1], "day", zone).end

    def _moment(self, name: str) -> dt.datetime | None:
        text = self.cleaned_data[name]
        try:
            return parse_moment(text, self.station.zone) if text else None
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error
