#!/usr/bin/env bash
# PostgreSQL and Python read a local time in the hour that occurs twice as different moments, an hour apart.
#
# One would guess: "2026-10-25 02:30 Europe/Berlin" is the same moment for every program, or an error, because it occurs
#   twice.
# In fact: Python's zoneinfo takes the first (fold=0, summer time), and so does JavaScript's Date. PostgreSQL takes the
#   second (standard time). All read the hour that is skipped in spring alike.
# Met by: a logger's local times that are imported once by Python and once by COPY or an SQL cast. The same readings are
#   there twice, an hour apart, for one hour a year.
# Seen with: PostgreSQL 18.7 as PGlite 0.5.17 (npm), Python 3.11, Node.js 20.20.
source "$(dirname "$0")/common.sh"

from_npm @electric-sql/pglite@0.5.17
from_pypi tzdata==2026.6

cat >moment.mjs <<'PROGRAM'
import { PGlite } from "@electric-sql/pglite";

const database = await PGlite.create();
for (const local of process.argv.slice(2)) {
    const query = "SELECT to_char($1::text::timestamptz AT TIME ZONE 'UTC', 'HH24:MI') AS utc";
    const { rows } = await database.query(query, [`${local} Europe/Berlin`]);
    const date = new Date(local.replace(" ", "T"));
    console.log(local, "PostgreSQL", rows[0].utc, "JavaScript", date.toISOString().slice(11, 16));
}
PROGRAM
cat >moment.py <<'PROGRAM'
import sys
from datetime import datetime, timezone
from zoneinfo import ZoneInfo

for local in sys.argv[1:]:
    moment = datetime.fromisoformat(local).replace(tzinfo=ZoneInfo("Europe/Berlin"))
    print(local, "Python", moment.astimezone(timezone.utc).strftime("%H:%M"))
PROGRAM

each() {
    TZ=Europe/Berlin node moment.mjs "2026-10-25 02:30" "2026-03-29 02:30"
    python moment.py "2026-10-25 02:30" "2026-03-29 02:30"
}

prints each <<'SEEN'
2026-10-25 02:30 PostgreSQL 01:30 JavaScript 00:30
2026-03-29 02:30 PostgreSQL 01:30 JavaScript 01:30
2026-10-25 02:30 Python 00:30
2026-03-29 02:30 Python 01:30
SEEN
