"""What somebody chooses for a file on the page, as the import's row keeps it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from hashlib import blake2b
from typing import Any, NamedTuple, Self
from zoneinfo import ZoneInfo

from readings.exports.recognition import FORMATS, OWN
from readings.files.csv_moments import DATE_ORDERS
from stations.zone_names import parse_zone, time_zones

LEAVE_OUT, NEW = "", "new"
MOST_COLUMNS = 200
MOST_OF_A_TITLE = 200  # characters
ENCODINGS = {
    "": "UTF-8, or UTF-16 with its mark",
    "cp1252": "Windows, Western Europe (cp1252)",
    "cp1250": "Windows, Central Europe (cp1250)",
    "cp1251": "Windows, Cyrillic (cp1251)",
    "shift_jis": "Japanese (Shift JIS)",
    "gb18030": "Chinese (GB 18030)",
}


class Target(NamedTuple):
    """What becomes of a column: LEAVE_OUT, NEW, or the number of a field; and the unit in the file, if it is told."""

    field: str
    unit: str = ""


@dataclass(frozen=True)
class Choices:
    """Empty texts mean: as the file's header says. `columns` has what was chosen, by the columns' titles."""

    format: str = ""
    encoding: str = ""
    time_column: str = ""
    date_order: str = ""
    zone: str = ""
    only_column: str = ""
    only_value: str = ""
    columns: Mapping[str, Target] = field(default_factory=dict)
    may_add: bool = True  # whoever chooses may add fields to a station

    @classmethod
    def kept(cls, row: Mapping[str, Any]) -> Self:
        columns = {title: Target(*target) for title, target in row.get("columns", {}).items()}
        return cls(**{**row, "columns": columns})

    def to_keep(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def typed(cls, posted: Mapping[str, str], *, may_add: bool) -> Self:
        """Return what a form says. Raises ZoneNameError with a sentence about its time zone."""
        columns = {}
        for number in range(MOST_COLUMNS):
            title = posted.get(f"title-{number}", "")
            target = Target(posted.get(f"field-{number}", "")[:10], posted.get(f"unit-{number}", "").strip()[:30])
            if title:
                columns[title] = target
        zone = posted.get("zone", "").strip()
        return cls(
            format=_one_of(posted.get("format", ""), [*FORMATS, OWN]),
            encoding=_one_of(posted.get("encoding", ""), ENCODINGS),
            time_column=posted.get("time_column", "")[:MOST_OF_A_TITLE],
            date_order=_one_of(posted.get("date_order", ""), DATE_ORDERS),
            zone=zone if not zone or zone in time_zones() else parse_zone(zone),
            only_column=posted.get("only_column", "")[:MOST_OF_A_TITLE],
            only_value=posted.get("only_value", "").strip()[:MOST_OF_A_TITLE],
            columns=columns,
            may_add=may_add,
        )

    @property
    def digest(self) -> str:
        """Return a short text that is another one for other choices."""
        return blake2b(json.dumps(self.to_keep(), sort_keys=True).encode(), digest_size=8).hexdigest()

    @property
    def zone_info(self) -> ZoneInfo | None:
        return ZoneInfo(self.zone) if self.zone else None

    @property
    def only(self) -> dict[str, str]:
        return {self.only_column: self.only_value} if self.only_column else {}


def _one_of(text: str, choices: Any) -> str:
    return text if text in choices else ""
