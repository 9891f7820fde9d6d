"""The names of a file's columns: a field's name with its unit, in a form that no spreadsheet takes for a formula."""

from __future__ import annotations

import re
from collections.abc import Sequence

from stations.models import Field

# A cell that begins with one of these signs is a formula: https://owasp.org/www-community/attacks/CSV_Injection
# Which sign parts cells depends on a computer's country or a person's choice, and quotes within a cell end nothing.
_FORMULA = re.compile(r"(^|[;,|\t\r\n])(?=[\s\"]*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r])")


def titles(fields: Sequence[Field], time: str = "measured_at") -> list[str]:
    """Return the columns' names, with units. Fields of several stations have their stations' names before theirs."""
    if len({field.station_id for field in fields}) > 1:
        return [time, *(f"{field.station.name}, {title_of(field)}" for field in fields)]
    return [time, *map(title_of, fields)]


def title_of(field: Field) -> str:
    return titled(field.name, field.unit)


def titled(name: str, unit: str | None) -> str:
    """Return a field's name with a unit, as a column that has it may be called."""
    return f"{name} [{unit}]" if unit else name


def harmless(title: str) -> str:
    """Put an apostrophe before what a spreadsheet would take for a formula, wherever it may begin a cell."""
    return _FORMULA.sub(r"\1'", title)
