#!/usr/bin/env bash
# WeeWX's dailyrainin adds the rain of a day's last minutes to the next day, all day long.
#
# One would guess: the dailyrainin that WeeWX uploads is the same as its own sum for that day.
# In fact: a record holds the rain of the minutes before its time, so WeeWX's own days count the record of 00:00 as
#   yesterday's last. For an upload, WeeWX sums from 00:00 to now with both ends, because Weather Underground counts so.
#   Rain from 23:55 to 00:00 is in WeeWX's own sum for yesterday, and in every dailyrainin of the next day, which may
#   have been dry. The upload of 00:00 holds only those five minutes. A server that takes it for yesterday's total loses
#   the rest of that day.
# Met by: a server that takes WeeWX's uploads in Weather Underground's format, and keeps daily sums.
# Seen with: weewx 5.5.2.
source "$(dirname "$0")/common.sh"

from_pypi weewx==5.5.2

cat >rain.py <<'PROGRAM'
import re
from datetime import datetime

import weewx.xtypes
from weeutil.weeutil import archiveDaySpan
from weewx.manager import DaySummaryManager
from weewx.restx import AmbientThread

SCHEMA = {
    "table": [
        ("dateTime", "INTEGER NOT NULL PRIMARY KEY"),
        ("usUnits", "INTEGER NOT NULL"),
        ("interval", "INTEGER NOT NULL"),
        ("rain", "REAL"),
    ],
    "day_summaries": [("rain", "SCALAR")],
}
place = {"driver": "weedb.sqlite", "database_name": "archive.sdb", "SQLITE_ROOT": "."}
archive = DaySummaryManager.open_with_create(place, schema=SCHEMA)
upload = AmbientThread(None, None, station="KTEST1", password="x", server_url="", protocol_name="Wunderground")
for text, inches in (("27 23:55", 0.0), ("28 00:00", 0.5), ("28 00:05", 0.0), ("28 23:55", 0.0)):
    at = int(datetime.strptime(f"2026-11-{text}", "%Y-%m-%d %H:%M").timestamp())
    record = {"dateTime": at, "usUnits": 1, "interval": 5, "rain": inches}
    archive.addRecord(record)
    url = upload.format_url(upload.get_record(record, archive))
    print(text, "uploads", re.search("dailyrainin=[^&]*", url).group())
for day in (27, 28):
    span = archiveDaySpan(int(datetime(2026, 11, day, 12).timestamp()))
    print(day, "in WeeWX's own report:", weewx.xtypes.get_aggregate("rain", span, "sum", archive).value)
PROGRAM

prints env TZ=Europe/Berlin python rain.py <<'SEEN'
27 23:55 uploads dailyrainin=0.00
28 00:00 uploads dailyrainin=0.50
28 00:05 uploads dailyrainin=0.50
28 23:55 uploads dailyrainin=0.50
27 in WeeWX's own report: 0.5
28 in WeeWX's own report: 0.0
SEEN
