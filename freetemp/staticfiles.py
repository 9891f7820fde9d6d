"""Static files: which are collected, and their storage."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import IO, Any

from django.contrib.staticfiles.apps import StaticFilesConfig
from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

# Lines with only a comment. tests/freetemp/test_staticfiles.py looks for texts that contain such a line.
COMMENTS = {
    ".js": re.compile(rb"^[ \t]*(?://[^\n]*|/\*(?s:.*?)\*/[ \t]*)\n", re.MULTILINE),
    ".css": re.compile(rb"^[ \t]*/\*(?s:.*?)\*/[ \t]*\n", re.MULTILINE),
}
OWN = ("css/", "js/")


class CollectedFilesConfig(StaticFilesConfig):
    """Leaves out the pages that libraries bring and that freetemp does not show."""

    ignore_patterns = [*StaticFilesConfig.ignore_patterns, "redoc", "rest_framework"]


class ModuleStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Stores compressed files under hashed names, also in imports of JavaScript modules. All can be cached for ever.

    Our own files are stored without their comments, which would be a fifth of their bytes on a first visit.
    """

    support_js_module_import_aggregation = True

    def _save(self, name: str, content: IO[bytes]) -> Any:
        return super()._save(name, _without_comments(name, content))

    def compress_files(self, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Compress what pages ask for, which is half of it: hashed names. Source maps are for developers."""
        asked_for = {name for name in self.hashed_files.values() if not name.endswith(".map")}
        yield from super().compress_files(asked_for.intersection(paths))


def _without_comments(name: str, content: IO[bytes]) -> IO[bytes]:
    comments = COMMENTS.get(name[name.rfind(".") :])
    if comments is None or not name.startswith(OWN):
        return content
    content.seek(0)  # The hashed name was made by reading it.
    return ContentFile(comments.sub(b"", content.read()))
