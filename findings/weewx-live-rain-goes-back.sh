#!/usr/bin/env bash
# WeeWX's rain of the day goes back for some seconds of each interval if live packets and archived records are uploaded.
#
# One would guess: dailyrainin of one station only rises until midnight. So a server may take a total that has fallen for
#   one that has begun again, as it must for gauges that restart, and count it anew.
# In fact: both uploads sum up what the archive holds at that time. An archived record of 00:05:00 is in the archive, and
#   in its own upload, some seconds after 00:05:00 (archive_delay). Live packets of the seconds between were uploaded
#   without its rain. In the order of their times (dateutc), the total rises with the record and falls with
#   the next packet. Each of the two uploads alone only rises.
# Met by: a server that takes WeeWX's uploads in Weather Underground's format with rapidfire and archive_post, and sums
#   up rain from dailyrainin.
# Seen with: weewx 5.5.2, its simulator in generator mode.
source "$(dirname "$0")/common.sh"

from_pypi weewx==5.5.2

cat >uploads.py <<'PROGRAM'
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Event, Thread
from urllib.parse import parse_qs, urlsplit

from configobj import ConfigObj

RECORDS = 80
uploads, enough = [], Event()


class Recorder(BaseHTTPRequestHandler):
    def do_GET(self):
        found = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        if "dailyrainin" in found:
            uploads.append((found["dateutc"], "realtime" in found, float(found["dailyrainin"])))
        if sum(not is_live for _, is_live, _ in uploads) >= RECORDS:
            enough.set()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"success\n")

    def log_message(self, *args):
        pass


def falls(some):
    """Count how often the total falls within a day, in the order of the uploads' times."""
    ordered = sorted(some)  # A record comes before a packet of the same second.
    return sum(
        after[2] < before[2] and after[0][:10] == before[0][:10] and not after[0].endswith("00:00:00")
        for before, after in zip(ordered, ordered[1:])
    )


server = HTTPServer(("127.0.0.1", 0), Recorder)
Thread(target=server.serve_forever, daemon=True).start()
programs = Path(sys.executable).parent
subprocess.run([programs / "weectl", "station", "create", "weewx", "--no-prompt"], check=True, capture_output=True)
config = ConfigObj("weewx/weewx.conf", file_error=True)
config["StdRESTful"]["Wunderground"] = {
    "enable": "true", "station": "KTEST1", "password": "x", "rapidfire": "true", "archive_post": "true",
    "server_url": f"http://127.0.0.1:{server.server_port}/",
}
config["Simulator"].update({"mode": "generator", "start": "2021-05-01T00:00", "loop_interval": "10"})
config["StdArchive"].update({"archive_interval": "300", "record_generation": "software"})
config["StdReport"] = {}
config["Engine"]["Services"]["report_services"] = ""
config["Logging"] = {"root": {"handlers": ["console"], "level": "ERROR"}}
config.write()
weewx = subprocess.Popen([programs / "weewxd", "weewx/weewx.conf"], stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT,
                         start_new_session=True)  # It ends by a signal to its whole group.
enough.wait(50)
weewx.terminate()
weewx.wait()
seen = [*uploads]
live = [each for each in seen if each[1]]
archived = [each for each in seen if not each[1]]
print("it rained:", max(total for _, _, total in archived) > 0)
print("live packets alone fall:", falls(live) > 0)
print("archived records alone fall:", falls(archived) > 0)
print("both in the order of their times fall:", falls(seen) > 0)
print(len(live), len(archived), falls(seen), file=sys.stderr)
PROGRAM

prints env TZ=UTC HOME="$folder" python uploads.py <<'SEEN'
it rained: True
live packets alone fall: False
archived records alone fall: False
both in the order of their times fall: True
SEEN
