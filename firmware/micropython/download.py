"""Fetches a file over a bad line: a part that has arrived stays, and the next try asks for the rest (RFC 9110, 14)."""

from __future__ import annotations

import os
import re
import ssl
import time
from collections.abc import Callable
from http.client import HTTPException, HTTPMessage, HTTPResponse
from pathlib import Path
from typing import IO, Any, NamedTuple
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

TRIES = 5
PAUSE_S = 1.0
SILENCE_S = 20  # How long a server may be silent.
CHUNK_BYTES = 2**16

Progress = Callable[[int, int | None], None]  # Bytes received, and bytes in total.


class DownloadError(Exception):
    """The file cannot be fetched. The message is a sentence with the next thing to try."""


class BrokenOffError(Exception):
    """The connection ended early. The part that has arrived is kept, and another try may bring the rest."""


def fetch_file(url: str, part: Path, *, max_bytes: int, max_s: float, progress: Progress) -> int | None:
    """Fetch a file into `part`, and continue what an earlier try has left there.

    Return its length according to the server, or None if the server does not tell. The caller checks that it is the
    right file: the one on the server may have changed between two tries.
    """
    if not re.fullmatch(r"https?://[^\s/]+(/\S*)?", url):
        raise DownloadError(f"{url} is not the address of a file: give one that begins with https://.")
    deadline, reason = time.monotonic() + max_s, ""
    for number in range(TRIES):
        time.sleep(PAUSE_S if number else 0)
        try:
            return _go_on(url, part, Limits(max_bytes, deadline), progress)
        except BrokenOffError as error:
            reason = str(error)
    raise DownloadError(f"{url} broke off {TRIES} times ({reason}): run this again, and it goes on from there.")


class Limits(NamedTuple):
    """The maximum size of a file, and its deadline in time.monotonic()."""

    max_bytes: int
    deadline: float

    def check(self, url: str, size: int) -> None:
        if size > self.max_bytes:
            raise DownloadError(f"{url} has more than {self.max_bytes} bytes: give another address with --url.")
        if time.monotonic() > self.deadline:
            raise DownloadError(f"{url} comes too slowly: run this again, and it goes on from there.")


def _go_on(url: str, part: Path, limits: Limits, progress: Progress) -> int | None:
    there = part.stat().st_size if part.exists() else 0
    if there > limits.max_bytes:
        there = 0  # An earlier try gave it up as too large.
    with _open(url, there, part) as response:
        if response.status != 206:
            there = 0  # The server does not support ranges: it sends the whole file again.
        total = _total(response, there, part)
        limits.check(url, total or 0)
        with part.open("ab" if there else "wb") as file:
            while chunk := _read(response):
                file.write(chunk)
                there += len(chunk)
                progress(there, total)
                limits.check(url, there)
            file.flush()
            os.fsync(file.fileno())
    if total is not None and there != total:
        raise BrokenOffError(f"{there} of {total} bytes")
    return total


def _open(url: str, there: int, part: Path) -> HTTPResponse:
    headers = {"User-Agent": "freetemp", "Accept-Encoding": "identity"}
    if there:
        headers["Range"] = f"bytes={there}-"
    try:
        response: HTTPResponse = build_opener(_SafeRedirects).open(
            Request(url, headers=headers),  # noqa: S310 - http and https alone
            timeout=SILENCE_S,
        )
    except HTTPError as error:
        error.close()
        if error.code == 416:  # The part is longer than the file: the server has another file by now.
            part.unlink(missing_ok=True)
        if error.code in (416, 429) or error.code >= 500:
            raise BrokenOffError(f"the server answered {error.code}") from error
        raise DownloadError(
            f"{urlsplit(url).netloc} answered {error.code} {error.reason} for {url}: give another address with --url."
        ) from error
    except URLError as error:
        raise _unreachable(url, error.reason) from error
    except (OSError, HTTPException) as error:
        raise BrokenOffError(str(error) or type(error).__name__) from error
    except ValueError as error:
        raise DownloadError(f"{url} is not the address of a file: {error}.") from error
    return response


def _unreachable(url: str, reason: object) -> DownloadError:
    advice = "check the connection (and the proxy, if you have one), then run this again"
    if isinstance(reason, ssl.SSLCertVerificationError):
        advice = "on macOS run “Install Certificates.command” of your Python; elsewhere check this computer's clock"
    return DownloadError(f"{urlsplit(url).netloc} cannot be reached ({reason}): {advice}.")


def _total(response: HTTPResponse, there: int, part: Path) -> int | None:
    """Return the whole file's length. Raises BrokenOffError if the server does not send the requested piece."""
    if response.status != 206:
        length = response.headers.get("Content-Length", "")
        return int(length) if re.fullmatch("[0-9]{1,15}", length) else None
    span = re.fullmatch(r"bytes ([0-9]{1,15})-[0-9]{1,15}/([0-9]{1,15})", response.headers.get("Content-Range", ""))
    if span is None or int(span[1]) != there:
        part.unlink()
        raise BrokenOffError("the server sent another piece than was asked for")
    return int(span[2])


def _read(response: HTTPResponse) -> bytes:
    """Return the bytes that have arrived, without waiting for a full chunk, so that a slow server is noticed."""
    try:
        return response.read1(CHUNK_BYTES)
    except (OSError, HTTPException) as error:
        raise BrokenOffError(str(error) or type(error).__name__) from error


class _SafeRedirects(HTTPRedirectHandler):
    """Follows redirects, but not from https to plain http, which anybody on the way could change."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Any:
        if urlsplit(newurl).scheme != "https" and (req.type == "https" or urlsplit(newurl).scheme != "http"):
            fp.close()
            raise DownloadError(f"{req.full_url} leads to {newurl}, which is not https: give another with --url.")
        return super().redirect_request(req, fp, code, msg, headers, newurl)
