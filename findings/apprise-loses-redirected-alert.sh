#!/usr/bin/env bash
# Apprise reports an alert as delivered after a redirect has emptied it.
#
# One would guess: an alert to http://ntfy.example, which redirects to https, arrives or is reported as a failure.
# In fact: Apprise follows a 301 or 302 as browsers do, with a GET that has no body, and takes that page's 200 for
#   success. The text is lost. A 307 keeps it. Gotify and forms are like ntfy and JSON here.
#   AppriseAsset(http_redirects=False) makes it a failure.
# Met by: a server that begins to redirect to https or to another path, months after the test message went through.
# Seen with: apprise 2.3.0, requests 2.34.2.
source "$(dirname "$0")/common.sh"

from_pypi apprise==2.3.0 requests==2.34.2

cat >alerts.py <<'PROGRAM'
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import apprise

status = 301
requests_seen = []


class Moved(BaseHTTPRequestHandler):
    """Redirect everything to /new/..., and answer that with 200."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        text = "with the alert" if b"silent" in body else "empty"
        requests_seen.append(f"{self.command} {self.path} {text}")
        if self.path.startswith("/new/"):
            self.send_response(200)
        else:
            self.send_response(status)
            self.send_header("Location", f"/new{self.path}")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_POST

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Moved)
threading.Thread(target=server.serve_forever, daemon=True).start()


def alert(address, **options):
    requests_seen.clear()
    channel = apprise.Apprise(asset=apprise.AppriseAsset(**options))
    channel.add(address.format(f"127.0.0.1:{server.server_port}"))
    result = channel.notify(body="The garden is silent since 14:30.")
    print(status, *options, "delivered:" if result else "failed:", ", ".join(requests_seen))


for status in (301, 302, 307):
    alert("ntfy://{}/garden?image=no")
    alert("json://{}/hook")
status = 301
alert("json://{}/hook", http_redirects=False)
PROGRAM

prints python alerts.py <<'SEEN'
301 delivered: POST / with the alert, GET /new/ empty
301 delivered: POST /hook with the alert, GET /new/hook empty
302 delivered: POST / with the alert, GET /new/ empty
302 delivered: POST /hook with the alert, GET /new/hook empty
307 delivered: POST / with the alert, POST /new/ with the alert
307 delivered: POST /hook with the alert, POST /new/hook with the alert
301 http_redirects failed: POST /hook with the alert
SEEN
