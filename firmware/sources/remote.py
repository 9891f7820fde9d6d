"""A station on a server elsewhere, reached through its API with a token from the station's admin page."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from firmware.micropython.image_file import is_whole, keep_whole
from firmware.sources.base import Bundle, NoAnswerError, SourceError, StationFacts
from firmware.sources.client import MOST_BYTES, NOT_OURS, TIMEOUT_S, JsonClient
from firmware.sources.local import given_image
from freetemp.conf import environment

API = "/api/v1/flash"
SHA256 = re.compile("[0-9a-f]{64}")
# Allowed paths: files are written on this computer before they are copied, and no server may choose where.
BOARD_PATH = re.compile(r"([a-z0-9_]+/)*[a-z0-9_]+\.(mpy|py|json)")


class RemoteSource:
    """A Source that asks firmware/api. It needs no database here, and sends the token in a header only."""

    def __init__(self, server: str, token: str, timeout_s: float = TIMEOUT_S, *, station: str = "") -> None:
        """Ask a server. `station` is the number or name of the one that is meant, if the token is for more than one."""
        self._client = JsonClient(_server(server), _token(token), timeout_s)
        self._named = urlencode({"station": station}) if station else ""

    def station(self) -> StationFacts:
        facts = self._ask("/", "id", "name", "mac", "simulated")
        return StationFacts(facts["id"], facts["name"], facts["mac"], facts["simulated"])

    def check_mac(self, mac: str, *, replace: bool = False) -> None:
        """Ask whether it may be taken. A server older than the question takes it at once."""
        self._ask("/mac/", "mac", body={"mac": mac, "replace": replace, "check": True})

    def take_mac(self, mac: str, *, replace: bool = False) -> None:
        self._ask("/mac/", "mac", body={"mac": mac, "replace": replace})

    def bundle(self, server_url: str | None = None, *, mac: str | None = None) -> Bundle:
        answer = self._ask("/bundle/", "key_id", "files", body={"server_url": server_url, "mac": mac})
        try:
            return Bundle(int(answer["key_id"]), dict(map(_file, answer["files"].items())))
        except (AttributeError, TypeError, ValueError) as error:
            raise self._not_ours() from error

    def image(self, path: Path | None = None) -> Path:
        """Return the path of an image: the given one, or the server's newest, kept in VAR_DIR for the next board."""
        if path is not None:
            return given_image(path)
        facts = self._ask("/image/", "sha256", "size")
        sha256, size = str(facts["sha256"]), facts["size"]
        if not SHA256.fullmatch(sha256) or not (isinstance(size, int) and 0 < size <= MOST_BYTES):
            raise self._not_ours()
        kept = Path(settings.VAR_DIR, "firmware", "elsewhere", f"{sha256}.bin")
        if not is_whole(kept, sha256):
            self._download(sha256, size, kept)
        return kept

    def has_reported(self, bundle: Bundle) -> bool:
        return bool(self._ask("/reported/", "reported", query=f"key_id={int(bundle.key_id)}")["reported"])

    def _ask(self, path: str, *wanted: str, body: dict[str, Any] | None = None, query: str = "") -> dict[str, Any]:
        """Return an answer with all the wanted keys."""
        answer = self._client.ask(self._address(path, query), body)
        if not answer.keys() >= set(wanted):
            raise self._not_ours()
        return answer

    def _address(self, path: str, query: str = "") -> str:
        asked = "&".join(filter(None, [query, self._named]))
        return f"{API}{path}?{asked}" if asked else f"{API}{path}"

    def _not_ours(self) -> SourceError:
        return SourceError(NOT_OURS.format(url=self._client.url))

    def _download(self, sha256: str, size: int, kept: Path) -> None:
        with self._client.open(self._address(f"/image/{sha256}/")) as answer:
            content = answer.read(size + 1)
        if hashlib.sha256(content).hexdigest() != sha256:
            raise NoAnswerError("The MicroPython image did not arrive whole: run this again.")
        try:
            keep_whole(kept, content)
        except OSError as error:
            raise SourceError(
                f"{kept.parent} cannot be written ({error.strerror}): set VAR_DIR to a folder."
            ) from error


def _file(item: tuple[str, str]) -> tuple[str, bytes]:
    """Return a file's path and content. Raises ValueError if it is not one of a board's files."""
    path, text = item
    if not BOARD_PATH.fullmatch(path):
        raise ValueError(path)
    return path, base64.b64decode(text, validate=True)


def _server(url: str) -> str:
    """Return the server's address. Beyond a home network, a token and WiFi passwords need TLS."""
    try:
        url = environment.server_url(url)
    except ImproperlyConfigured as error:
        raise SourceError(
            f"{url!r} is not a server address: give --server one like https://freetemp.example."
        ) from error
    if url.startswith("http://") and not environment.is_private(url):
        raise SourceError(f"{url} would send the token and WiFi passwords in plain text: use https:// instead.")
    return url


def _token(text: str) -> str:
    text = text.strip()
    if not text.isascii() or not text.isprintable() or not text or " " in text:
        raise SourceError("That is not a token: copy the whole line that the station's page in the admin shows once.")
    return text
