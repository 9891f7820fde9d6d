#!/usr/bin/env bash
# pywebpush signs for the wrong push service from the second subscriber on, if the claims are a constant.
#
# One would guess: webpush(..., vapid_claims=CLAIMS) only reads the dict, so one constant {"sub": "mailto:..."} serves
#   all subscribers.
# In fact: webpush() writes "aud" (the push service's origin) and "exp" into the given dict, and keeps an "aud" that is
#   already there. The second browser's service gets a token that is made out to the first one's service, but RFC 8292
#   requires its own origin.
# Met by: alerts that work while all subscribers have one make of browser, and fail from the first Firefox among
#   Chromes.
# Seen with: pywebpush 2.5.0, py-vapid 1.9.6, http-ece 1.2.1.
source "$(dirname "$0")/common.sh"

from_pypi pywebpush==2.5.0 py-vapid==1.9.6 http-ece==1.2.1

cat >push.py <<'PROGRAM'
import base64
import json
import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02
from pywebpush import webpush

CLAIMS = {"sub": "mailto:owner@example.org"}


def base64url(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


class PushService(BaseHTTPRequestHandler):
    """Say whether a push is signed for this service."""

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        payload = self.headers["Authorization"].partition("t=")[2].split(".")[1]
        audience = json.loads(base64.urlsafe_b64decode(payload + "=="))["aud"]
        print(self.server.label, "is signed for:", labels[audience])
        self.send_response(201)
        self.end_headers()

    def log_message(self, *_):
        pass


browser = generate_private_key(SECP256R1()).public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
keys = {"p256dh": base64url(browser), "auth": base64url(os.urandom(16))}
signer = Vapid02()
signer.generate_keys()
labels = {}
services = [ThreadingHTTPServer(("127.0.0.1", 0), PushService) for _ in range(2)]
for service, service.label in zip(services, ("the first service", "the second service")):
    threading.Thread(target=service.serve_forever, daemon=True).start()
    labels[f"http://127.0.0.1:{service.server_port}"] = service.label
for claims in (CLAIMS, None):
    print("one dict for both:" if claims else "a new dict for each:")
    for service in services:
        subscription = {"endpoint": f"http://127.0.0.1:{service.server_port}/push", "keys": keys}
        webpush(subscription, "dry", vapid_private_key=signer, vapid_claims=claims or {"sub": CLAIMS["sub"]})
print("the constant is now:", sorted(CLAIMS))
PROGRAM

prints python push.py <<'SEEN'
one dict for both:
the first service is signed for: the first service
the second service is signed for: the first service
a new dict for each:
the first service is signed for: the first service
the second service is signed for: the second service
the constant is now: ['aud', 'exp', 'sub']
SEEN
