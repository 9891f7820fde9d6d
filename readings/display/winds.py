"""Wind in words: where it comes from, how steady a direction was, and forces of the Beaufort scale."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from freetemp.formatting import NARROW_SPACE, decimal
from readings.display.compass import compass_point
from readings.models.direction import speed_beside
from stations.models import Field
from stations.units import conversion

# The least mean speed of each force from 1 on, in m/s: WMO-No. 306, Manual on Codes, volume I.1, section E. Forces are
# of means of ten minutes, ten metres above open ground.
FORCES_MS = (0.3, 1.6, 3.4, 5.5, 8.0, 10.8, 13.9, 17.2, 20.8, 24.5, 28.5, 32.7)
_FORCES: Sequence[Promise] = (
    *(gettext_lazy("calm"), gettext_lazy("light air"), gettext_lazy("light breeze"), gettext_lazy("gentle breeze")),
    *(gettext_lazy("moderate breeze"), gettext_lazy("fresh breeze"), gettext_lazy("strong breeze")),
    *(gettext_lazy("near gale"), gettext_lazy("gale"), gettext_lazy("strong gale"), gettext_lazy("storm")),
    *(gettext_lazy("violent storm"), gettext_lazy("hurricane")),
)
TOGETHER_INTERVALS = 2


def whole_degrees(degrees: float) -> str:
    return f"{round(degrees) % 360}°"


def direction(degrees: float) -> str:
    """Return a direction as a point of the compass and in degrees: “SW (224°)”."""
    return f"{compass_point(degrees)} ({whole_degrees(degrees)})"


def steadiness(share: float) -> str:
    """Return how steady a direction was, in percent; only one that was always the same has 100."""
    return f"{decimal(int(100 * share + 1e-9), 0)}{NARROW_SPACE}%"


def wind_words(mean: float | None, share: float | None) -> str:
    """Return a mean direction with its steadiness: “SW (224°), steady 86 %”, or “calm” if there is none."""
    if mean is None or share is None:
        return _("calm")
    words = {"direction": direction(mean), "percent": steadiness(share)}
    return _("%(direction)s, steady %(percent)s") % words


def force(speed: float, unit: str) -> int | None:
    """Return the Beaufort force of a speed in a field's unit, 0 to 12, or None if the unit is not one of wind."""
    to_ms = conversion(unit, "m/s")
    return bisect_right(FORCES_MS, to_ms.apply(speed)) if to_ms else None


def is_calm(vane: Field, fields: Collection[Field]) -> bool:
    """Tell whether the station measured no wind when its newest direction was measured: a vane keeps its last one."""
    speed = speed_beside(field for field in fields if field.newest_at)
    if speed is None or speed.newest_at is None or speed.newest_value is None or vane.newest_at is None:
        return False
    apart_s = abs((speed.newest_at - vane.newest_at).total_seconds())
    return apart_s <= TOGETHER_INTERVALS * vane.station.interval_s and force(speed.newest_value, speed.unit) == 0


def force_words(field: Field) -> str:
    """Return the Beaufort force of a wind speed's newest value: “4 Bft, moderate breeze”."""
    found = None if field.newest_value is None else force(field.newest_value, field.unit)
    return "" if found is None else _("%(force)d Bft, %(words)s") % {"force": found, "words": _FORCES[found]}
