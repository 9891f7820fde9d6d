"""The tables of docs/nothing-lost.md: one row a way in which a reading is refused, changed, hidden or removed."""

import re
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

PAGE = Path(__file__).parents[2] / "docs" / "nothing-lost.md"
TELLERS = ("board", "Refused reports", "overview", "trouble", "admin", "command", "page", "API", "log")
_TOKEN = re.compile(rf"(?P<who>{'|'.join(TELLERS)}): |`(?P<words>[^`]+)`")


class Row(NamedTuple):
    """A row of a table. `told` has the words that it quotes, by their teller, and is empty if nobody is told."""

    verb: str
    name: str
    told: dict[str, list[str]]
    undone: str

    @property
    def is_undone(self):
        return not self.undone.startswith("Not")


def rows():
    verb, found = "", []
    for line in PAGE.read_text().splitlines():
        if line.startswith("## "):
            verb = line.removeprefix("## ")
        elif line.startswith("| `"):
            name, _, told, undone = (cell.strip() for cell in line.strip("|").split(" | "))
            found.append(Row(verb, name.strip("` "), _told(told), undone))
    return found


def _told(cell):
    told, who = defaultdict(list), None
    for token in _TOKEN.finditer(cell):
        who = token["who"] or who
        if token["words"]:
            told[who].append(token["words"])
    assert bool(told) != (cell == "nobody"), cell
    return dict(told)


def quotes(who):
    """Return everything that the tables quote from a teller."""
    return [words for row in rows() for words in row.told.get(who, [])]
