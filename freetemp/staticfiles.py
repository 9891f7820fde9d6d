"""The storage of collected static files."""

from __future__ import annotations

import re
from typing import IO, Any

from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

# Lines with only a comment. tests/freetemp/test_staticfiles.py looks for texts that contain such a line.
COMMENTS = {
    ".js": re.compile(rb"^[ \t]*(?://[^\n]*|/\*(?s:.*?)\*/[ \t]*)\n", re.MULTILINE),
    ".css": re.compile(rb"^[ \t]*/\*(?s:.*?)\*/[ \t]*\n", re.MULTILINE),
}
OWN = ("css/", "js/")


class ModuleStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Stores compressed files under hashed names, also in imports of JavaScript modules. All can be cached for ever.

    Our own files are stored without their comments, which would be a fifth of their bytes on a first visit.
    """

    support_js_module_import_aggregation = True

    def _save(self, name: str, content: IO[bytes]) -> Any:
        return super()._save(name, _without_comments(name, content))


def _without_comments(name: str, content: IO[bytes]) -> IO[bytes]:
    comments = COMMENTS.get(name[name.rfind(".") :])
    if comments is None or not name.startswith(OWN):
        return content
    content.seek(0)  # The hashed name was made by reading it.
    return ContentFile(comments.sub(b"", content.read()))
