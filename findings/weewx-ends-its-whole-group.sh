#!/usr/bin/env bash
# weewxd, told to end, ends all other programs of its process group.
#
# One would guess: a SIGTERM to weewxd ends weewxd, and nothing else.
# In fact: weewxd answers SIGTERM by sending SIGTERM to its whole process group. The script or supervisor that has started
#   it, and whatever that has started beside it, are told to end as well. Under systemd it has a group of its own.
# Met by: a container's start script with weewxd beside a web server, a program that restarts weewxd, a test that runs it.
#   Each has to start it in a group of its own, as setsid does.
# Seen with: weewx 5.5.2.
source "$(dirname "$0")/common.sh"

from_pypi weewx==5.5.2

cat >group.py <<'PROGRAM'
import signal
import subprocess
import sys
from pathlib import Path

programs = Path(sys.executable).parent
subprocess.run([programs / "weectl", "station", "create", "weewx", "--no-prompt"], check=True, capture_output=True)
beside = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(40)"])
told = []
signal.signal(signal.SIGTERM, lambda *received: told.append(received))
weewx = subprocess.Popen([programs / "weewxd", "weewx/weewx.conf"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
next(line for line in weewx.stdout if line.startswith(b"LOOP"))  # the first packet of its simulator
weewx.terminate()
weewx.wait(20)
print("the program beside weewxd ended by SIGTERM:", beside.wait() == -signal.SIGTERM)
print("the program that started both was told to end:", bool(told))
PROGRAM

prints setsid --wait env HOME="$folder" PYTHONUNBUFFERED=1 python group.py <<'SEEN'
the program beside weewxd ended by SIGTERM: True
the program that started both was told to end: True
SEEN
