"""Static files: which are collected, and their storage."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import IO, Any

from django.contrib.staticfiles.apps import StaticFilesConfig
from django.core.files.base import ContentFile
from django.core.files.storage import InMemoryStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage

from freetemp.bundles import bundled, without_comments

OWN = ("css/", "js/")
PAGES = ("css/pages/", "js/pages/")


class CollectedFilesConfig(StaticFilesConfig):
    """Leaves out the pages that libraries bring and that freetemp does not show."""

    ignore_patterns = [*StaticFilesConfig.ignore_patterns, "redoc", "rest_framework"]


class ModuleStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Stores compressed files under hashed names, also in imports of JavaScript modules. All can be cached for ever.

    Our own files are stored without their comments, which would be a fifth of their bytes on a first visit. Under its
    hashed name, a page's script or style has all in it that it imports.
    """

    support_js_module_import_aggregation = True

    def _save(self, name: str, content: IO[bytes]) -> Any:
        return super()._save(name, _without_comments(name, content))

    def post_process(self, paths: dict[str, Any], *args: Any, **options: Any) -> Iterator[Any]:
        yield from super().post_process(paths | _bundles(paths), *args, **options)

    def compress_files(self, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Compress what pages ask for, which is half of it: hashed names. Source maps are for developers."""
        asked_for = {name for name in self.hashed_files.values() if not name.endswith(".map")}
        yield from super().compress_files(asked_for.intersection(paths))


def _bundles(paths: dict[str, Any]) -> dict[str, Any]:
    """Return the scripts and styles of pages among files to collect, {name: (storage, name there)}, as bundles."""
    bundles = InMemoryStorage()

    def read(name: str) -> str:
        storage, path = paths[os.path.normpath(name)]
        with storage.open(path) as file:
            return str(file.read().decode())

    names = {name: name.replace(os.sep, "/") for name in paths}
    pages = {name: own for name, own in names.items() if own.startswith(PAGES)}
    return {name: (bundles, bundles.save(own, ContentFile(bundled(own, read)))) for name, own in pages.items()}


def _without_comments(name: str, content: IO[bytes]) -> IO[bytes]:
    if not name.startswith(OWN) or not name.endswith((".css", ".js")):
        return content
    content.seek(0)  # The hashed name was made by reading it.
    return ContentFile(without_comments(name, content.read().decode()).encode())
