"""Addresses of a station for other sites: absolute ones, which say period, units and language themselves."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from readings.calendar.navigation import Navigation
from readings.calendar.periods import KINDS
from readings.charts.forms import LAST_DAY
from readings.charts.link_preview import moment_of
from readings.display.field_names import named
from readings.display.values import quantity
from stations.models import Field, Station
from stations.models.station import newest_at
from stations.units import SYSTEMS, Units

EMBED_SIZE = (480, 320)  # pixels
# Its script may keep it fresh, and its link may open the station's page; nothing else.
SANDBOX = "allow-scripts allow-popups allow-popups-to-escape-sandbox"


@dataclass(frozen=True)
class Sharing:
    """What a station's page says of itself to other sites and to whoever wants to show it elsewhere."""

    station: Station
    fields: list[Field]
    navigation: Navigation
    units: Units

    @property
    def page(self) -> str:
        return absolute("station", self.station)

    @property
    def link(self) -> str:
        """Return the address of what is shown: of today that is whatever is today when it is opened."""
        shown = self.navigation
        if shown.is_today and not shown.compare:
            return self.page
        return f"{self.page}?{shown.today if shown.is_today else shown.address}"

    @property
    def description(self) -> str:
        """Return the newest values and when the last of them was measured, in a line."""
        told = [field for field in self.fields if field.newest_at and field.newest_value is not None]
        values = [f"{named(field)} {quantity(field.newest_value, field, self.units)}" for field in told]
        newest = newest_at(told)
        kind = _("Simulated") if self.station.simulated else ""
        line = [", ".join(values), moment_of(newest, self.station) if newest else "", self.station.place, kind]
        return " · ".join(filter(None, line))

    @property
    def preview(self) -> str:
        return f"{absolute('preview-png', self.station)}?{self._viewer}"

    @property
    def embed(self) -> str:
        return f"{absolute('embed', self.station)}?{self._rolling}&{self._viewer}"

    @property
    def snippet(self) -> SafeString:
        """Return HTML for somebody else's page. docs/embed.md says what each attribute is for."""
        return format_html(
            '<iframe src="{}" title="{}" width="{}" height="{}" loading="lazy" sandbox="{}" style="{}"></iframe>',
            *(self.embed, self.station.name, *EMBED_SIZE, SANDBOX, "border: 0; max-width: 100%"),
        )

    @property
    def pictures(self) -> list[tuple[Field, str]]:
        """Return each field with the address of its chart that goes on with the time."""
        return [(field, self._chart(field, self._rolling)) for field in self.fields]

    def picture_of(self, field: Field) -> str:
        """Return the address of the very stretch that is shown, on this server by whatever name."""
        address = reverse("chart-svg", args=[self.station.pk])
        return f"{address}?field={field.number}&{self.navigation.own_address}&{self._viewer}"

    @property
    def _rolling(self) -> str:
        """Return the period's query; of one that goes on, without its date, and the last 24 hours of today."""
        kind = self.navigation.period.kind
        if kind not in KINDS or not self.navigation.has_now:
            return self.navigation.own_address
        return f"period={LAST_DAY if kind == 'day' else kind}"

    @property
    def _units(self) -> str:
        """Return the name of the viewer's units where they have one, and else each of them."""
        return next((name for name, units in SYSTEMS.items() if units == self.units), str(self.units))

    @property
    def _viewer(self) -> str:
        return urlencode({"units": self._units, "lang": get_language() or settings.LANGUAGE_CODE})

    def _chart(self, field: Field, period: str) -> str:
        return f"{absolute('chart-svg', self.station)}?field={field.number}&{period}&{self._viewer}"


def absolute(name: str, station: Station) -> str:
    """Return the address of something of a station as others reach it."""
    return settings.SERVER_URL + reverse(name, args=[station.pk])


def home() -> str:
    """Return the address of the list of stations as others reach it."""
    return settings.SERVER_URL + reverse("home")
