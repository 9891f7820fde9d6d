"""A station's readings as CSV and JSON, made piece by piece. import_readings reads the CSV."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import repeat

from freetemp.csv_lines import LINE_END, csv_lines, harmless
from readings.calendar.local_time import local_texts
from readings.calendar.periods import Period
from readings.files.rows import Piece, pieces
from readings.files.titles import titles
from stations.models import Field


def csv_file(fields: Sequence[Field], period: Period) -> Iterator[str]:
    """Yield a CSV file without a byte order mark: programs would take it for a part of the first column's name."""
    yield from csv_lines([[harmless(title) for title in titles(fields)]])
    for piece in pieces(fields, period):
        times = local_texts(piece.moments_ms, period.zone)
        # The same as csv.writer's output: neither a moment nor a float needs quotes.
        yield "".join([f"{row}{LINE_END}" for row in map(",".join, zip(times, *_texts(piece, ""), strict=True))])


def json_file(fields: Sequence[Field], period: Period) -> Iterator[str]:
    """Yield `{"columns": [...], "data": [[...], ...]}`, the format that pandas calls `orient="split"`."""
    yield f'{{"columns": {json.dumps(titles(fields))}, "data": ['
    comma = ""
    for piece in pieces(fields, period):
        times = [f'"{time}"' for time in local_texts(piece.moments_ms, period.zone)]
        if times:
            yield comma + ",".join(
                [f"\n[{row}]" for row in map(", ".join, zip(times, *_texts(piece, "null"), strict=True))]
            )
            comma = ","
    yield "]}\n"


def _texts(piece: Piece, nothing: str) -> list[Iterator[str]]:
    """Return a column of texts for each field. The text is the float's repr(), which reads back as the same float."""
    texts = [{moment_ms: repr(value) for moment_ms, value in column.items()} for column in piece.columns]
    return [map(column.get, piece.moments_ms, repeat(nothing)) for column in texts]
