"""JSON from a server elsewhere, and a sentence for each way that this may fail."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from firmware.sources.base import NoAnswerError, OtherBoardError, SourceError
from freetemp.http.no_redirects import NoRedirects

TIMEOUT_S = 20  # The server compiles a board's modules meanwhile.
MOST_BYTES = 4 * 1024 * 1024
BROKEN_OFF = (http.client.RemoteDisconnected, http.client.IncompleteRead)  # In HTTP; all others are not HTTP.
NOT_OURS = "{url} is not a freetemp server: give --server the address that its pages have in a browser."


class JsonClient:
    """Asks one server, always with the token in a header. TLS certificates are checked against the system's store."""

    def __init__(self, url: str, token: str, timeout_s: float = TIMEOUT_S) -> None:
        self.url, self.timeout_s = url, timeout_s
        self._token = token
        self._opener = urllib.request.build_opener(NoRedirects)

    def ask(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the JSON object at a path of the server, by POST if there is a body. Raises SourceError."""
        with self.open(path, body) as answer:
            content = answer.read(MOST_BYTES)
            if answer.length:  # Bytes still missing; read() with a limit does not complain.
                raise http.client.IncompleteRead(content, answer.length)
        return self._object(content)

    @contextmanager
    def open(self, path: str, body: dict[str, Any] | None = None) -> Iterator[http.client.HTTPResponse]:
        """Yield the answer at a path of the server, open for reading. Raises SourceError."""
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, headers)  # noqa: S310  # http or https: checked before
        try:
            with self._opener.open(request, timeout=self.timeout_s) as answer:
                yield answer
        except urllib.error.HTTPError as error:
            with error:
                raise self._refusal(error) from error
        except urllib.error.URLError as error:
            raise self._no_answer(error.reason) from error
        except (OSError, http.client.HTTPException) as error:  # It breaks off, or is not HTTP.
            raise self._no_answer(error) from error

    def _object(self, content: bytes) -> dict[str, Any]:
        try:
            answer = json.loads(content)
        except ValueError as error:
            raise SourceError(NOT_OURS.format(url=self.url)) from error
        if not isinstance(answer, dict):
            raise SourceError(NOT_OURS.format(url=self.url))
        return answer

    def _refusal(self, error: urllib.error.HTTPError) -> SourceError:
        """Return the sentence for a status other than 200."""
        said = _said(error)
        match error.code:
            case 301 | 302 | 303 | 307 | 308 if there := _server_of(error.headers.get("Location") or ""):
                return SourceError(f"{self.url} has moved: give --server {there} instead.")
            case 401 | 403 | 409 if "detail" in said:
                kind = OtherBoardError if said.get("code") == "other_board" else SourceError
                return kind(str(said["detail"]))
            case 429:
                wait = error.headers.get("Retry-After") or "60"
                return SourceError(f"Too many wrong tokens came from here: wait {wait} s, then run this again.")
            case 400 if said:
                return SourceError(
                    f"{self.url} does not understand this: {json.dumps(said)}. Use the same version there."
                )
            case 400:
                return SourceError(f"{self.url} is not a name that the server goes by: add it to ALLOWED_HOSTS there.")
            case 404:
                return self._missing()
            case code if code >= 500:
                return NoAnswerError(f"{self.url} failed (status {code}): its log says why. Then run this again.")
        return SourceError(NOT_OURS.format(url=self.url))

    def _missing(self) -> SourceError:
        """Tell a freetemp too old to flash from elsewhere from another kind of server: neither knows the address."""
        try:
            request = urllib.request.Request(f"{self.url}/api/v1/stations/")  # noqa: S310  # as above, without the token
            with self._opener.open(request, timeout=self.timeout_s) as answer:
                is_ours = isinstance(json.loads(answer.read(MOST_BYTES)), list)
        except (OSError, http.client.HTTPException, ValueError):
            is_ours = False
        if is_ours:
            return SourceError(f"{self.url} is too old to flash from elsewhere: update freetemp there.")
        return SourceError(NOT_OURS.format(url=self.url))

    def _no_answer(self, reason: object) -> SourceError:
        """Return the sentence for no answer at all."""
        match reason:
            case socket.gaierror():
                host = urlsplit(self.url).hostname
                return NoAnswerError(
                    f"There is no server {host}: check its spelling, and that this computer is online."
                )
            case ssl.SSLCertVerificationError():
                why = reason.verify_message
                return SourceError(f"{self.url} cannot prove that it is itself ({why}): nothing was sent to it.")
            case ssl.SSLError():
                return SourceError(
                    f"{self.url} speaks no TLS there: is it http:// and not https://, and the port right?"
                )
            case ConnectionRefusedError():
                return NoAnswerError(f"Nothing listens at {self.url}: is the server running, and the port right?")
            case TimeoutError():
                return NoAnswerError(f"{self.url} did not answer within {self.timeout_s:.0f} s: is it in this network?")
            case http.client.HTTPException() if not isinstance(reason, BROKEN_OFF):
                return SourceError(NOT_OURS.format(url=self.url))
        return NoAnswerError(f"{self.url} cannot be reached ({reason}): check the network, then run this again.")


def _server_of(location: str) -> str:
    """Return the address of the server that a redirect points to, empty where it names none."""
    try:
        there = urlsplit(location)
    except ValueError:
        return ""
    return f"{there.scheme}://{there.netloc}" if there.scheme and there.netloc else ""


def _said(error: urllib.error.HTTPError) -> dict[str, Any]:
    """Return the JSON object of a refusal, empty if it has none."""
    try:
        said = json.loads(error.read(MOST_BYTES))
    except (OSError, ValueError, http.client.HTTPException):
        return {}
    return said if isinstance(said, dict) else {}
