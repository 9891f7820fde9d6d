#!/usr/bin/env bash
# Django's date filter leaves out the zone in the hour that occurs twice: the only hour that needs it.
#
# One would guess: {{ moment|date:"H:i T" }} says "02:30 CEST" and an hour later "02:30 CET", because an aware datetime
#   knows its offset; or T is empty at all times.
# In fact: T, O, Z, e and I are empty in both runs of that hour, although the format c and Python's own %Z distinguish
#   the two.
# Met by: a table of hours on the last Sunday of October, with two identical rows for 02:00.
# Seen with: Django 5.2.19, zone rules of tzdata 2026.6.
source "$(dirname "$0")/common.sh"

from_pypi django==5.2.19 tzdata==2026.6

cat >hours.py <<'PROGRAM'
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo, reset_tzpath

from django.utils.dateformat import format

reset_tzpath(to=[])  # the rules of the package, not those of the system
berlin = ZoneInfo("Europe/Berlin")
for hours in range(4):
    moment = (datetime(2026, 10, 24, 23, 30, tzinfo=timezone.utc) + timedelta(hours=hours)).astimezone(berlin)
    shown = [f"{letter}={format(moment, letter)!r}" for letter in ("H:i T", "O", "Z", "e", "I", "c")]
    print(moment.strftime("%H:%M %Z:"), *shown)
PROGRAM

prints python hours.py <<'SEEN'
01:30 CEST: H:i T='01:30 CEST' O='+0200' Z='7200' e='CEST' I='1' c='2026-10-25T01:30:00+02:00'
02:30 CEST: H:i T='02:30 ' O='' Z='' e='' I='' c='2026-10-25T02:30:00+02:00'
02:30 CET: H:i T='02:30 ' O='' Z='' e='' I='' c='2026-10-25T02:30:00+01:00'
03:30 CET: H:i T='03:30 CET' O='+0100' Z='3600' e='CET' I='0' c='2026-10-25T03:30:00+01:00'
SEEN
