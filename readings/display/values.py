"""Values in the viewer's units and statuses in the viewer's language, as plain text."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from freetemp.formatting import NARROW_SPACE, decimal
from freetemp.translations import gettext as _
from readings.display.compass import compass_point
from readings.display.winds import direction, whole_degrees
from stations.models import Field
from stations.models.status import IMPORTED, Status
from stations.quantities import Kind
from stations.units import Unit, Units, displayed

MISSING = "\N{EN DASH}"
_STATUSES: dict[str, Promise] = {
    Status.ALIVE: gettext_lazy("Alive"),
    Status.LATE: gettext_lazy("Late"),
    Status.SILENT: gettext_lazy("Silent"),
    Status.NEVER: gettext_lazy("Never heard from"),
    IMPORTED: gettext_lazy("Imported"),
    Status.INACTIVE: gettext_lazy("Switched off"),
}


def number(value: float | None, field: Field, units: Units | None) -> str:
    """Return a stored value in the viewer's units, with suitable decimals: “21.4”."""
    return MISSING if value is None else digits(value, field, displayed(field.unit, units))


def digits(value: float, field: Field, unit: Unit) -> str:
    """Return a field's stored value in the unit of its display."""
    return decimal(unit.convert(value), unit.decimals(field.decimals))


def symbol(field: Field, units: Units | None) -> str:
    """Return the symbol of a field's displayed unit: “°C”, “hPa”, or an empty text."""
    return displayed(field.unit, units).symbol


def quantity(value: float | None, field: Field, units: Units | None) -> str:
    """Return a stored value with its unit, never broken over two lines: “21.4 °C”, or “SW (224°)” for a direction."""
    if value is not None and field.kind is Kind.DIRECTION:
        return direction(value)
    sign, shown = symbol(field, units), number(value, field, units)
    return f"{shown}{NARROW_SPACE}{sign}" if sign and value is not None else shown


def with_unit(text: str, symbol: str) -> str:
    return f"{text}{NARROW_SPACE}{symbol}" if symbol else text


def newest(field: Field, units: Units | None, today: float | None) -> tuple[str, str]:
    """Return a field's newest value and its unit: a sum is that of `today`, a direction a point of the compass."""
    if field.kind is Kind.DIRECTION and field.newest_value is not None:
        return compass_point(field.newest_value), whole_degrees(field.newest_value)
    return number(today if field.kind.is_sum else field.newest_value, field, units), symbol(field, units)


def rate(an_hour: float, field: Field, units: Units | None) -> str:
    """Return how much came in an hour, with its unit: “8.0 mm/h”."""
    unit = displayed(field.unit, units)
    shown = digits(an_hour, field, unit)
    return f"{shown}{NARROW_SPACE}{unit.symbol}/h" if unit.symbol else f"{shown}/h"


def is_one_value(low: float, high: float, field: Field, units: Units | None) -> bool:
    """Tell whether a field's lowest and highest value are shown as the same: as a range, they would be a repetition."""
    unit = displayed(field.unit, units)
    return digits(low, field, unit) == digits(high, field, unit)


def spread(low: float, high: float, field: Field, units: Units | None) -> str:
    """Return a range with its unit: “8.2 to 21.4 °C”; “21.4 °C” if both ends are shown as the same."""
    most = quantity(high, field, units)
    if is_one_value(low, high, field, units):
        return most
    return _("%(low)s to %(high)s") % {"low": number(low, field, units), "high": most}


def status_words(status: str) -> str:
    """Return what told_status() returns in words: “Alive”."""
    return str(_STATUSES[status])


def is_implausible(field: Field) -> bool:
    """Tell whether a field's newest value is outside the limits that staff set."""
    return field.newest_value is not None and not field.is_plausible(field.newest_value)
