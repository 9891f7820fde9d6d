#!/usr/bin/env bash
# pandas leaves a column of moments as text if summer time ends in it, and a slice by date then lacks its last day.
#
# One would guess: read_csv(parse_dates=...) of ISO 8601 with offsets gives moments or an error, whatever the offsets
#   are.
# In fact: one offset in the file gives moments. Two offsets, as in October in Europe, leave text, without an error or a
#   warning. A slice by date still works, by comparing text, so the end "2026-10-25" leaves out that whole day. One
#   value with a fraction of a second among others without one does the same. to_datetime() raises an error for the two
#   offsets; utc=True reads them.
# Met by: a notebook that was written in July and reads a station's local times until November.
# Seen with: pandas 3.1.1.
source "$(dirname "$0")/common.sh"

from_pypi pandas==3.1.1

cat >read.py <<'PROGRAM'
import io

import pandas

FILES = {
    "one offset": ("2026-07-24T12:00:00+02:00", "2026-07-25T12:00:00+02:00", "2026-07-26T12:00:00+02:00"),
    "two offsets": ("2026-10-24T12:00:00+02:00", "2026-10-25T12:00:00+01:00", "2026-10-26T12:00:00+01:00"),
    "one fraction": ("2026-07-24T12:00:00Z", "2026-07-25T12:00:00.500Z", "2026-07-26T12:00:00Z"),
}
for name, moments in FILES.items():
    file = io.StringIO("measured_at,celsius\n" + "".join(f"{moment},21.5\n" for moment in moments))
    readings = pandas.read_csv(file, index_col="measured_at", parse_dates=["measured_at"])
    month = moments[0][:8]
    until = readings.loc[month + "24" : month + "25"]
    print(f"{name}: {readings.index.dtype}, {len(until)} of 2 readings from the 24th to the 25th")
PROGRAM

prints python -W error read.py <<'SEEN'
one offset: datetime64[us, UTC+02:00], 2 of 2 readings from the 24th to the 25th
two offsets: str, 1 of 2 readings from the 24th to the 25th
one fraction: str, 1 of 2 readings from the 24th to the 25th
SEEN
