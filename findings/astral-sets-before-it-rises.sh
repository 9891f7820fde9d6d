#!/usr/bin/env bash
# astral's sun() gives a sunset before the sunrise, for places far from Greenwich.
#
# One would guess: sun(place, date=day) gives one day's dawn, sunrise, noon, sunset and dusk, in this order.
# In fact: each is calculated separately, within the date in the given time zone, or in UTC if none is given. In Los
#   Angeles and Tokyo that date holds the end of one day of light and the beginning of the next, so sunrise <= now <
#   sunset is never true. The place's own zone mends this there. It does not in Samoa, beside the date line: noon is
#   still tomorrow's.
# Met by: a chart that shades the night, tried in Europe, where UTC is good enough.
# Seen with: astral 3.2.
source "$(dirname "$0")/common.sh"

from_pypi astral==3.2 tzdata==2026.6

cat >day.py <<'PROGRAM'
from datetime import date
from zoneinfo import ZoneInfo

from astral import Observer
from astral.sun import sun

PLACES = {
    "Europe/Berlin": Observer(52.5, 13.4),
    "America/Los_Angeles": Observer(34.05, -118.24),
    "Asia/Tokyo": Observer(35.68, 139.69),
    "Pacific/Apia": Observer(-13.83, -171.76),
}
for zone, place in PLACES.items():
    for asked in ({}, {"tzinfo": ZoneInfo(zone)}):
        events = sun(place, date=date(2026, 12, 10), **asked)
        order = "in order:" if list(events.values()) == sorted(events.values()) else "not in order:"
        print(zone, "in its own time," if asked else "in UTC,", order)
        print(" ", *(f"{name} {at:%d %H:%M}" for name, at in events.items()))
PROGRAM

prints python day.py <<'SEEN'
Europe/Berlin in UTC, in order:
  dawn 10 06:24 sunrise 10 07:06 noon 10 10:58 sunset 10 14:51 dusk 10 15:33
Europe/Berlin in its own time, in order:
  dawn 10 07:24 sunrise 10 08:06 noon 10 11:58 sunset 10 15:51 dusk 10 16:33
America/Los_Angeles in UTC, not in order:
  dawn 10 14:19 sunrise 10 14:47 noon 10 19:45 sunset 10 00:43 dusk 10 01:11
America/Los_Angeles in its own time, in order:
  dawn 10 06:19 sunrise 10 06:47 noon 10 11:45 sunset 10 16:43 dusk 10 17:11
Asia/Tokyo in UTC, not in order:
  dawn 10 21:11 sunrise 10 21:40 noon 10 02:33 sunset 10 07:27 dusk 10 07:56
Asia/Tokyo in its own time, in order:
  dawn 10 06:11 sunrise 10 06:39 noon 10 11:33 sunset 10 16:27 dusk 10 16:56
Pacific/Apia in UTC, not in order:
  dawn 10 16:28 sunrise 10 16:52 noon 10 23:19 sunset 10 05:47 dusk 10 06:11
Pacific/Apia in its own time, not in order:
  dawn 10 05:28 sunrise 10 05:52 noon 11 12:19 sunset 10 18:47 dusk 10 19:11
SEEN
