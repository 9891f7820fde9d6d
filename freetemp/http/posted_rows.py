"""The number of a row, as a button of a form sends it."""

import re


def row_number(text: str) -> int:
    """Return the number of the row that is meant, or 0, which no row has. A longer one fits into no database."""
    return int(text) if re.fullmatch("[0-9]{1,18}", text) else 0
