"""The names of a file's columns: a field's name with its unit, as files have them."""

from __future__ import annotations

from collections.abc import Sequence

from stations.models import Field


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
