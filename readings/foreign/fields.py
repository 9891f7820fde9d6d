"""The fields that a device's first reports add to its station."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone

from readings.foreign.upload import Known
from stations.models import Field, Station
from stations.models.field import MAX_NUMBER
from stations.quantities import QUANTITIES, usual_decimals


def add_fields(station: int, missing: Mapping[str, Known], *, are_asked_for: bool = False) -> bool:
    """Add the fields that a proven report has and its station lacks. Return whether the station may get any.

    The keys are sources, or other texts for what has none. What a person asks for is added to any station.
    """
    with transaction.atomic():
        locked = Station.objects.select_for_update().get(pk=station)
        if not (locked.adds_fields or are_asked_for):
            return False
        there = list(locked.fields.all())
        sources = {each.source for each in there}
        for source, known in missing.items():
            if source not in sources and len(there) < MAX_NUMBER:
                there.append(_add(locked, there, known))
    return True


def _add(station: Station, there: list[Field], known: Known) -> Field:
    number = max((each.number for each in there), default=0) + 1
    if number > MAX_NUMBER:
        number = min(set(range(1, MAX_NUMBER + 1)) - {each.number for each in there})
    return station.fields.create(
        number=number,
        name=_free_name(known.name, {each.name for each in there}),
        unit=stored_unit(known),
        decimals=usual_decimals(known.quantity, stored_unit(known)),
        quantity=known.quantity,
        source=known.source,
        added_at=timezone.now(),
    )


def stored_unit(known: Known) -> str:
    """Return the unit that a new field has: the metric one of its quantity."""
    units = QUANTITIES[known.quantity].units
    return units[0] if units and known.unit is not None else known.unit or ""


def _free_name(name: str, taken: set[str]) -> str:
    return next(each for n in range(1, MAX_NUMBER + 2) if (each := name if n == 1 else f"{name} ({n})") not in taken)
