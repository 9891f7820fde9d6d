"""Lines of CSV, made one by one, without what a spreadsheet would take for a formula."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from typing import Any

LINE_END = "\r\n"  # RFC 4180
# A cell that begins with one of these signs is a formula: https://owasp.org/www-community/attacks/CSV_Injection
# Which sign parts cells depends on a computer's country or a person's choice, and quotes within a cell end nothing.
_FORMULA = re.compile(r"(^|[;,|\t\r\n])(?=[\s\"]*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r])")


def csv_lines(rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    """Yield each row as a line of CSV, which has line ends within if a cell has."""
    return map(csv.writer(_Echo(), lineterminator=LINE_END).writerow, rows)


def harmless(text: str) -> str:
    """Put an apostrophe before what a spreadsheet would take for a formula, wherever it may begin a cell."""
    return _FORMULA.sub(r"\1'", text)


class _Echo:
    """A file that returns each write to its caller: csv.writer formats a line, and nothing collects it."""

    def write(self, line: str) -> str:
        return line
