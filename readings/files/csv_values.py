"""The values of a file's cells."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import compress

from readings.ingest.parsing import parse_decimal, parse_decimals

# What programs write where there was no reading.
NO_READING = frozenset({"", "-", "--", "---", "null", "none", "n/a", "unavailable", "unknown"})


class FileNumbers:
    """Reads the numbers of a file, which has one decimal sign. It is a comma only if none is between its columns."""

    def __init__(self, delimiter: str) -> None:
        self._may_have_commas = delimiter != ","
        self.decimal_sign = ""  # Not known yet.

    def value(self, cell: str) -> float:
        """Return the number of a cell. A ValueError states the problem."""
        sign = "," if "," in cell else "." if "." in cell else ""
        if self._may_have_commas and sign:
            self.decimal_sign = self.decimal_sign or sign
            if sign != self.decimal_sign:
                raise ValueError(f"{cell} has a decimal “{sign}”, and rows before it have “{self.decimal_sign}”")
            cell = cell.replace(",", ".")
        return parse_decimal(cell)

    def at_once(self, cells: Sequence[str]) -> list[float | None] | None:
        """Return the number of each cell, None for no reading; or None if a cell has to be looked at alone."""
        if self._may_have_commas:
            text = "".join(cells)
            signs = {sign for sign in ",." if sign in text}
            if len(signs | {self.decimal_sign or sign for sign in signs}) > 1:
                return None
            self.decimal_sign = self.decimal_sign or "".join(signs)
            cells = [cell.replace(",", ".") for cell in cells] if "," in signs else cells
        found = parse_decimals(cells)
        return _with_gaps(cells) if found is None else [*found]


def _with_gaps(cells: Sequence[str]) -> list[float | None] | None:
    cells = [cell.strip() for cell in cells]
    are_there = [cell.lower() not in NO_READING for cell in cells]
    found = parse_decimals([*compress(cells, are_there)])
    if found is None:
        return None
    numbers = iter(found)
    return [next(numbers) if is_there else None for is_there in are_there]
