#!/usr/bin/env bash
# aprslib leaves out the wind speed of a calm, and only of a calm.
#
# One would guess: a weather packet with a position and no wind, `.../...` or `000/000`, has no wind speed or one of 0, and
#   `090/000` has one of 0, just as a packet without a position does.
# In fact: a position's packet has its wind as course and speed, in km/h and outside `weather`, whose gust is in m/s. The
#   speed is there only if it is above zero. So "no wind" and "no anemometer" look the same. A packet without a position
#   has its calm as 0.0 m/s in `weather`.
# Met by: a mean of the wind of CWOP's stations, nearly all of which send a position. It leaves out each calm, so a sheltered
#   station looks windy.
# Seen with: aprslib 0.7.2.
source "$(dirname "$0")/common.sh"

from_pypi aprslib==0.7.2

cat >calm.py <<'PROGRAM'
import aprslib

REST = "g005t050r000p000P000h50b10132"
PACKETS = {
    f"{wind} with a position": f"AB1234>APRS,TCPIP*:@201800z4700.00N/01000.00E_{wind}{REST}"
    for wind in ("090/004", "090/000", "000/000", ".../...")
} | {
    f"{wind} without one": f"AB1234>APRS,TCPIP*:_11201800{wind}{REST}" for wind in ("c090s004", "c090s000")
}
for name, packet in PACKETS.items():
    parsed = aprslib.parse(packet)
    outside = {key: parsed[key] for key in ("course", "speed") if key in parsed}
    inside = {key: round(value, 1) for key, value in parsed["weather"].items() if key.startswith("wind")}
    print(f"{name}: {outside} {inside}")
PROGRAM

prints python calm.py <<'SEEN'
090/004 with a position: {'course': 90, 'speed': 7.408} {'wind_gust': 2.2}
090/000 with a position: {'course': 90} {'wind_gust': 2.2}
000/000 with a position: {} {'wind_gust': 2.2}
.../... with a position: {} {'wind_gust': 2.2}
c090s004 without one: {} {'wind_direction': 90, 'wind_speed': 1.8, 'wind_gust': 2.2}
c090s000 without one: {} {'wind_direction': 90, 'wind_speed': 0.0, 'wind_gust': 2.2}
SEEN
