"""Addresses of a station for other sites: they are absolute, and contain the period, units and language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from freetemp.translations import active_language
from readings.calendar.navigation import Navigation
from readings.calendar.periods import KINDS
from readings.charts.forms import LAST_DAY
from readings.charts.link_preview import has_told, in_words, moment_of
from readings.display.field_names import named
from readings.display.values import quantity
from readings.history.sums import since_midnight
from stations.models import Field, Station
from stations.models.station import newest_at
from stations.units import SYSTEMS, Units

EMBED_SIZE = (480, 320)  # pixels
# Its script may keep it fresh, and its link may open the station's page; nothing else is allowed.
SANDBOX = "allow-scripts allow-popups allow-popups-to-escape-sandbox"


@dataclass(frozen=True)
class Sharing:
    """What a station's page offers other sites: its description, its pictures and the HTML to embed it."""

    station: Station
    fields: list[Field]
    navigation: Navigation
    units: Units

    @property
    def page(self) -> str:
        return absolute("station", self.station)

    @property
    def link(self) -> str:
        """Return the address of the period that is shown. The link to today always opens the current day."""
        shown = self.navigation
        if shown.is_today and not shown.compare:
            return self.page
        return f"{self.page}?{shown.today if shown.is_today else shown.address}"

    @cached_property
    def description(self) -> str:
        """Return the newest values, and the time of the last of them, in one line."""
        told = [field for field in self.fields if field.newest_at and field.newest_value is not None]
        newest = newest_at(told)
        sums = since_midnight(told, newest) if newest else {}
        values = [self._newest(field, newest, sums) for field in told if newest and has_told(field, sums)]
        kind = _("Simulated") if self.station.simulated else ""
        line = [", ".join(values), moment_of(newest, self.station) if newest else "", self.station.place, kind]
        return " · ".join(filter(None, line))

    def _newest(self, field: Field, newest: datetime, sums: Mapping[tuple[int, int], float]) -> str:
        """Return a field's name and newest value, with its own moment if that is not the line's. Sums are of a day."""
        if field.kind.is_sum:
            return in_words(field, sums[field.station_id, field.number], self.units)
        text = f"{named(field)} {quantity(field.newest_value, field, self.units)}"
        is_old = field.newest_at and field.lags_behind(newest, self.station.interval_s)
        return f"{text} ({moment_of(field.newest_at, self.station)})" if is_old and field.newest_at else text

    @property
    def preview(self) -> str:
        return f"{absolute('preview-png', self.station)}?{self._viewer}"

    @property
    def embed(self) -> str:
        return f"{absolute('embed', self.station)}?{rolling_query(self.navigation)}&{self._viewer}"

    @property
    def snippet(self) -> SafeString:
        """Return HTML for another site's page. docs/embed.md explains each attribute."""
        return format_html(
            '<iframe src="{}" title="{}" width="{}" height="{}" loading="lazy" sandbox="{}" style="{}"></iframe>',
            self.embed,
            self.station.name,
            *EMBED_SIZE,
            SANDBOX,
            "border: 0; max-width: 100%",
        )

    @property
    def pictures(self) -> list[tuple[Field, str]]:
        """Return each field with the address of its chart, which moves on with the time."""
        return [(field, self._chart(field, rolling_query(self.navigation))) for field in self.fields]

    def picture_of(self, field: Field) -> str:
        """Return the address of exactly the stretch that is shown, without a host name."""
        address = reverse("chart-svg", args=[self.station.pk])
        return f"{address}?field={field.number}&{self.navigation.own_address}&{self._viewer}"

    @property
    def _viewer(self) -> str:
        return viewer_query(self.units)

    def _chart(self, field: Field, period: str) -> str:
        return f"{absolute('chart-svg', self.station)}?field={field.number}&{period}&{self._viewer}"


def rolling_query(shown: Navigation) -> str:
    """Return the query of a period, without its date if the period still runs; today becomes the last 24 hours."""
    kind = shown.period.kind
    if kind not in KINDS or not shown.has_now:
        return shown.own_address
    return f"period={LAST_DAY if kind == 'day' else kind}{shown.fields}"


def viewer_query(units: Units) -> str:
    """Return the query of a viewer's units, by the name of their system if they have one, and language."""
    name = next((name for name, each in SYSTEMS.items() if each == units), str(units))
    return urlencode({"units": name, "lang": active_language() or settings.LANGUAGE_CODE})


def absolute(name: str, station: Station) -> str:
    """Return the absolute address of one of a station's views."""
    return settings.SERVER_ORIGIN + reverse(name, args=[station.pk])


def home() -> str:
    """Return the absolute address of the list of stations."""
    return settings.SERVER_ORIGIN + reverse("home")
