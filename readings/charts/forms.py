"""The parameters in the address of a picture or of the page to embed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import get_supported_language_variant
from django.utils.translation import gettext as _

from readings.calendar.navigation import Navigation
from readings.calendar.periods import KINDS, Period
from readings.display.period_form import PeriodForm
from stations.models import Field, Station
from stations.units import METRIC, Units

LAST_DAY = "24h"
WIDTHS, HEIGHTS = (200, 2000), (100, 1200)
THEMES = ("light", "dark")


def _one_of(names: Any) -> forms.ChoiceField:
    return forms.ChoiceField(choices=[(name, name) for name in names], required=False)


class PictureForm(PeriodForm):
    """The period as on a station's page, or the last 24 hours; a field; units, language, colours and size."""

    default_period = "day"

    period = _one_of([*KINDS, "all", LAST_DAY])
    field = forms.IntegerField(required=False)
    units = forms.CharField(max_length=100, required=False)
    theme = _one_of(THEMES)
    lang = forms.CharField(max_length=20, required=False)
    width = forms.IntegerField(min_value=WIDTHS[0], max_value=WIDTHS[1], required=False)
    height = forms.IntegerField(min_value=HEIGHTS[0], max_value=HEIGHTS[1], required=False)
    plain = forms.BooleanField(required=False)  # Only the plot and its axes, without the words above.

    def __init__(self, query: QueryDict, station: Station) -> None:
        super().__init__(query, station=station)
        self.query = query
        self.now = timezone.now().replace(second=0, microsecond=0)  # Two requests in a minute get the same picture.

    def clean_field(self) -> Field | None:
        """Return the field with this number, the first field if none is named, or None if the station has no fields."""
        number, fields = self.cleaned_data["field"], list(self.station.fields.all())
        found = [field for field in fields if number in (None, field.number)]
        if fields and not found:
            raise forms.ValidationError(_("the station has no field with this number"))
        return found[0] if found else None

    def clean_units(self) -> Units:
        asked = ":".join(self.query.getlist("units"))
        units = Units.parse(asked) if asked else METRIC
        if units is None:
            raise forms.ValidationError(_("metric, us or units like degF:hPa expected"))
        return units

    def clean_lang(self) -> str:
        """Return the language with this code, `de` for `de-AT` too. Only the address decides, no cookie or browser."""
        try:
            return get_supported_language_variant(self.cleaned_data["lang"] or settings.LANGUAGE_CODE)
        except LookupError:
            languages = ", ".join(code for code, _name in settings.LANGUAGES)
            raise forms.ValidationError(_("one of %(languages)s expected") % {"languages": languages}) from None

    def get_period(self) -> Period:
        if self.is_valid() and self.asks_for_last_day:
            return Period(LAST_DAY, self.now - timedelta(days=1), self.now, self.station.zone)
        return super().get_period()

    @property
    def asks_for_last_day(self) -> bool:
        asked = self.cleaned_data
        is_named = asked["start"] or asked["end"] or (asked["date"] and not asked["period"])
        return (asked["period"] or self.default_period) == LAST_DAY and not is_named

    def size(self, width: int, height: int) -> tuple[int, int]:
        """Return the size that the address names, in pixels, or these defaults."""
        return self.cleaned_data["width"] or width, self.cleaned_data["height"] or height


class EmbedForm(PictureForm):
    """The same, with the last 24 hours as the default period: just after midnight, today would be empty."""

    default_period = LAST_DAY


def title_of(period: Period, now: Any) -> str:
    """Return the name of a period, like “Last 24 hours” or “Sunday 22 November 2026”."""
    return _("Last 24 hours") if period.kind == LAST_DAY else Navigation(period, now).title
