"""The style in a page itself: a browser that had to ask for it would show its first frame a round trip later."""

from __future__ import annotations

import re
from base64 import b64encode
from functools import cache, lru_cache
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from django.contrib.staticfiles import finders
from django.utils.safestring import SafeString

from freetemp.bundles import without_comments

INDENT = re.compile(r"\n\s*")


class FirstStyle(NamedTuple):
    """The text for a `<style>`, and its source for the Content-Security-Policy, which allows no other text."""

    text: SafeString
    source: str

    @classmethod
    def of(cls, *names: str) -> FirstStyle:
        """Make one of our own files, such as "css/base.css". A file that has changed is read again."""
        paths = [_path(name) for name in names]
        return _joined(tuple((path, path.stat().st_mtime_ns) for path in paths))


@cache
def _path(name: str) -> Path:
    return Path(str(finders.find(name)))


@lru_cache(maxsize=8)
def _joined(files: tuple[tuple[Path, int], ...]) -> FirstStyle:
    text = "".join(without_comments(path.name, path.read_text(encoding="utf-8")) for path, _ in files)
    text = INDENT.sub("\n", text)
    digest = b64encode(sha256(text.encode()).digest()).decode()
    return FirstStyle(SafeString(text), f"'sha256-{digest}'")
