"""A provider of OpenID Connect on loopback: oidc-provider-mock from PyPI, which also insists on PKCE here.

Run as a program with a port. It tells what it was asked at /asked, and says of itself what is put to /told.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import sys
from urllib.parse import parse_qsl, urlsplit
from wsgiref.simple_server import WSGIRequestHandler, make_server

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # It is for loopback only.

CONFIGURATION = "/.well-known/openid-configuration"


class Strict:
    """The mock, which has to be shown the text whose digest the login began with."""

    def __init__(self, app):
        self.app, self.asked, self.challenges, self.told, self.answers = app, [], {}, {}, {}

    def __call__(self, environ, start_response):
        path = environ["PATH_INFO"]
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        if path == "/asked":
            return self.json(start_response, self.asked)
        if path == "/told":
            self.told, self.answers = json.loads(body)
            self.asked.clear()
            return self.json(start_response, {})
        query, form = (dict(parse_qsl(text)) for text in (environ["QUERY_STRING"], body.decode()))
        header = environ.get("HTTP_AUTHORIZATION", "")
        self.asked.append({"path": path, "query": query, "form": form, "authorization": header.partition(" ")[0]})
        if path in self.answers:
            return self.json(start_response, self.answers[path])
        if path == "/oauth2/token" and not self.is_proven(form):
            return self.json(start_response, {"error": "invalid_grant"}, "400 Bad Request")
        head, parts = [], self.app(environ, lambda status, headers, *_: head.extend([status, headers]))
        answer = b"".join(parts)
        head[1] = [(name, self.with_state(query, value) if name == "Location" else value) for name, value in head[1]]
        self.remember(query, dict(head[1]).get("Location", ""))
        if path == CONFIGURATION:
            return self.json(start_response, json.loads(answer) | self.told)
        start_response(*head)
        return [answer]

    def json(self, start_response, value, status="200 OK"):
        body = json.dumps(value).encode()
        start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]

    def with_state(self, query, location):
        """Return where a browser is sent back to: with the state also in an error, as RFC 6749 asks for."""
        return location if "state=" in location or "error=" not in location else f"{location}&state={query['state']}"

    def remember(self, query, location):
        code = dict(parse_qsl(urlsplit(location).query)).get("code")
        if code and query.get("code_challenge_method") == "S256":
            self.challenges[code] = query.get("code_challenge")

    def is_proven(self, form):
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        return self.challenges.get(form.get("code")) == base64.urlsafe_b64encode(digest).decode().rstrip("=")


class Quiet(WSGIRequestHandler):
    def log_message(self, *args):
        """Say nothing."""


def main(port):
    import oidc_provider_mock

    make_server(
        "127.0.0.1", port, Strict(oidc_provider_mock.app(require_nonce=True)), handler_class=Quiet
    ).serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]))
