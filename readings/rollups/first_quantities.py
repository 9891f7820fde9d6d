"""Quantities for the fields of an earlier freetemp, which had none, and averaged whatever they measured."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from django.db import transaction

from freetemp.sql import execute
from readings.calendar.span import EVER
from readings.models import Pending
from readings.rollups.locks import locked_fields
from stations.models import Field
from stations.quantities import QUANTITIES, quantity_named

# Rain in mm may be an amount or a total, and its name need not tell. Between showers, an amount is 0 and a total stays.
LOOKED_AT = 5_000
FEWEST = 10
SHARE_OF_A_TOTAL = 0.9


def give_quantities() -> Iterator[str]:
    """Give each field without one the quantity that its name, its unit and its readings tell.

    Yields a sentence for each field whose readings are not averaged any more. Its rollups are pending then
    (readings.rollups.pending). Repeating it is harmless.
    """
    for field in Field.objects.filter(quantity="").select_related("station").order_by("pk"):
        quantity = quantity_named(field.name, field.unit)
        if quantity == "rain_amount" and _is_total(field):
            quantity = "rain_counter"
        kind = QUANTITIES[quantity].kind
        with transaction.atomic():
            locked_fields({field.station_id})
            given = Field.objects.filter(pk=field.pk, quantity="").update(quantity=quantity)  # 0: by another process.
            is_due = given > 0 and not kind.is_averaged
            if is_due:
                Pending.objects.create(
                    station=field.station, field=field.number, start_ms=EVER.start_ms, end_ms=EVER.end_ms
                )
        if is_due:
            yield (
                f"Field {field} of {field.station} is taken for {QUANTITIES[quantity].label}, so its readings are not"
                " averaged any more. If it is something else, choose its quantity in the admin."
            )


def _is_total(field: Field) -> bool:
    """Tell whether the newest readings are mostly no smaller than the one before them, unless that was 0."""
    rows = execute(
        "SELECT value FROM readings_reading WHERE station_id = %s AND field = %s ORDER BY measured_at DESC LIMIT %s",
        [field.station_id, field.number, LOOKED_AT],
    ).returned
    values = [value for (value,) in reversed(rows)]
    pairs = [(before, after) for before, after in pairwise(values) if before > 0]
    return len(pairs) >= FEWEST and sum(after >= before for before, after in pairs) >= SHARE_OF_A_TOTAL * len(pairs)
