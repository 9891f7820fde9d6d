"""Hours that were as bright as sunshine."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from freetemp.sql import execute_values
from stations.models import Field

# The direct radiation of sunshine is above 120 W/m2: WMO-No. 8, volume I, chapter 8. A station measures the radiation
# of the whole sky. A bright cloud brings that above the limit too, and a low sun does not.
SUNSHINE_W_M2 = 120
AN_HOUR = 4  # quarters


def sunshine_hours(field: Field, edges_ms: Sequence[int]) -> list[float]:
    """Return the hours between each two edges, by quarters of an hour whose mean is above the limit."""
    statement = (
        "WITH wanted (part, first, after) AS (VALUES {places}) SELECT part, count(*)"  # noqa: S608 - our names
        f" FROM wanted CROSS JOIN readings_quarter AS t WHERE t.station_id = {field.station_id:d}"
        f" AND t.field = {field.number:d} AND t.start >= wanted.first AND t.start < wanted.after"
        f' AND t."sum" > {SUNSHINE_W_M2} * t.count GROUP BY part'
    )
    spans = list(pairwise(edges_ms))
    counts: dict[int, int] = dict(
        execute_values(statement, [(part, *span) for part, span in enumerate(spans)]).returned
    )
    return [counts.get(part, 0) / AN_HOUR for part in range(len(spans))]
