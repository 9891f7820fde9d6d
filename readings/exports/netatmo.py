"""What my.netatmo.com exports as CSV, a file for each module.

The header is the third line: Unix time, local time whose zone is in the title, then the module's quantities. It was
seen in exports of 2016 to 2024. The file does not tell its units: they are taken for metric ones.
"""

from __future__ import annotations

from readings.exports.export import Export, Head, columns
from readings.foreign.upload import Known

_TABLE = [
    ("temperature", Known("", "temperature", "degC", "temperature")),
    ("humidity", Known("", "humidity", "%", "humidity")),
    ("co2", Known("", "co2", "ppm", "CO2")),
    ("noise", Known("", "other", "dB", "noise")),
    ("pressure", Known("", "pressure", "hPa", "sea-level pressure")),
    ("sum_rain", Known("", "rain_amount", "mm", "rain")),
]


def read_netatmo(head: Head) -> Export | None:
    if head.titles[0] != "Timestamp" or not head.titles[1].startswith("Timezone : "):
        return None
    return Export("Timestamp", columns(head.titles, _TABLE))
