#!/usr/bin/env bash
# python-metar reads the strongest highs as the deepest lows.
#
# One would guess: SLP550 beside an altimeter setting of 31.10 inches of mercury (1053 hPa) is 1055.0 hPa.
# In fact: it is 955.0 hPa. The group leaves out the leading 9 or 10, and the reader takes 000 to 499 for 10 and 500 to
#   999 for 9, regardless of the altimeter setting in the same report. The format has no other sign: only the altimeter
#   setting shows which it is.
# Met by: a record of pressure, or a tendency, from METARs of a continental winter with more than 1050 hPa.
# Seen with: metar 2.0.2 (PyPI; python-metar).
source "$(dirname "$0")/common.sh"

from_pypi metar==2.0.2

cat >report.py <<'PROGRAM'
from metar.Metar import Metar

for altimeter, group in (("A2992", "SLP132"), ("A3096", "SLP499"), ("A3110", "SLP550")):
    report = Metar(f"METAR KXYZ 101953Z 00000KT 10SM CLR M35/M39 {altimeter} RMK AO2 {group}", month=1, year=2026)
    print(group, report.press_sea_level.string("hPa"), "altimeter", report.press.string("hPa"))
PROGRAM

prints python report.py <<'SEEN'
SLP132 1013.2 hPa altimeter 1013.2 hPa
SLP499 1049.9 hPa altimeter 1048.4 hPa
SLP550 955.0 hPa altimeter 1053.2 hPa
SEEN
