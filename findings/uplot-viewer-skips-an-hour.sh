#!/usr/bin/env bash
# uPlot.tzDate shows another zone's time wrong in the night in which the viewer's own clocks change.
#
# One would guess: tzDate(moment, zone) gives that zone's wall clock, wherever the browser is.
# In fact: it returns a Date in the viewer's zone; its numbers are to be read as the other zone's. Such a Date cannot
#   express an hour that the viewer's zone skips. For most zones, that hour is shown as the hour after it. "UTC" is
#   handled separately, and each of two hours is shown as the hour before it.
# Met by: a person in Berlin with a station in Iceland or in UTC, on the last Sunday of March. Labels repeat, and one is
#   missing. The station's zone has no summer time, and a test under TZ=UTC sees nothing.
# Seen with: uplot 1.6.32, Node.js 20.20.
source "$(dirname "$0")/common.sh"

from_npm uplot@1.6.32

cat >labels.mjs <<'PROGRAM'
import uPlot from "uplot";

const label = uPlot.fmtDate("{HH}:{mm}");
console.log("viewer in", process.env.TZ);
for (const zone of ["UTC", "Atlantic/Reykjavik"]) {
    const shown = [0, 1, 2, 3].map((hour) => label(uPlot.tzDate(new Date(Date.UTC(2026, 2, 29, hour, 30)), zone)));
    console.log(`  00:30, 01:30, 02:30, 03:30 in ${zone}:`, shown.join(", "));
}
PROGRAM

two_viewers() {
    TZ=UTC node labels.mjs
    TZ=Europe/Berlin node labels.mjs
}

prints two_viewers <<'SEEN'
viewer in UTC
  00:30, 01:30, 02:30, 03:30 in UTC: 00:30, 01:30, 02:30, 03:30
  00:30, 01:30, 02:30, 03:30 in Atlantic/Reykjavik: 00:30, 01:30, 02:30, 03:30
viewer in Europe/Berlin
  00:30, 01:30, 02:30, 03:30 in UTC: 00:30, 00:30, 01:30, 03:30
  00:30, 01:30, 02:30, 03:30 in Atlantic/Reykjavik: 00:30, 01:30, 03:30, 03:30
SEEN
