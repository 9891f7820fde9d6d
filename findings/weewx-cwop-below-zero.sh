#!/usr/bin/env bash
# WeeWX reports whole degrees below 0 degF to CWOP one degree too high.
#
# One would guess: a temperature of -5.0 degF is sent as t-05, just as 33.0 degF is sent as t033.
# In fact: WeeWX rounds by adding a half and cutting off the fraction. That is right above zero. Below zero the cut goes
#   up, so -5.0 becomes t-04, and everything between -1.5 and 0 is t000. On average it is one degree too warm.
# Met by: a comparison of a cold station's own page with CWOP's readers, and readings that are taken from that
#   network.
# Seen with: weewx 5.5.2, read back by aprslib 0.7.2.
source "$(dirname "$0")/common.sh"

from_pypi weewx==5.5.2 aprslib==0.7.2

cat >packets.py <<'PROGRAM'
import re

import aprslib
from weewx.restx import CWOPThread

cwop = CWOPThread(
    None, None, station="AB1234", passcode="-1", server_list=[], latitude=47.0, longitude=-100.0, station_type="none"
)
for degrees_f in (33.0, 0.6, -0.6, -1.4, -5.0, -5.4, -5.6, -13.0):
    packet = cwop.get_tnc_packet({"dateTime": 1768888800, "usUnits": 1, "outTemp": degrees_f})
    received_c = aprslib.parse(packet.strip())["weather"]["temperature"]
    sent = re.search(r"t(...)r", packet).group()[:4]
    print(f"{degrees_f} degF is sent as {sent}, which is read as {received_c * 9 / 5 + 32:.0f} degF")
PROGRAM

prints python packets.py <<'SEEN'
33.0 degF is sent as t033, which is read as 33 degF
0.6 degF is sent as t001, which is read as 1 degF
-0.6 degF is sent as t000, which is read as 0 degF
-1.4 degF is sent as t000, which is read as 0 degF
-5.0 degF is sent as t-04, which is read as -4 degF
-5.4 degF is sent as t-04, which is read as -4 degF
-5.6 degF is sent as t-05, which is read as -5 degF
-13.0 degF is sent as t-12, which is read as -12 degF
SEEN
