"""A board's files as a folder on this computer. They hold a key and WiFi passwords: only their owner may read them."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from firmware.build.build import CONFIG

_BUILT = re.compile(r"(lib/([a-z0-9_]+/)*[a-z0-9_]+\.mpy)|main\.py|" + re.escape(CONFIG))


class FolderError(Exception):
    """The folder holds other files. The message is a sentence with the next thing to try."""


def check_free(folder: Path) -> None:
    """Raise FolderError if a folder holds files that no build writes."""
    if folder.is_dir():
        foreign = sorted(_foreign(folder))
        if foreign:
            raise FolderError(
                f"{folder} holds {foreign[0]}, which is not a file of a board: give --output a new folder."
            )
    elif folder.exists():
        raise FolderError(f"{folder} is a file: give --output a folder.")


def _foreign(folder: Path) -> list[str]:
    files = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()]
    # A main.py alone may belong to another project: a build has its configuration beside it.
    return [path for path in files if CONFIG not in files or not _BUILT.fullmatch(path)]


def write(files: Mapping[str, bytes], folder: Path) -> None:
    """Write a board's files into a folder, in place of an older build. The folder never holds a part of either."""
    folder = folder.resolve()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as beside:
        new = Path(beside, "new")
        fill(files, new)
        if folder.exists():
            folder.replace(Path(beside, "old"))
        new.replace(folder)


def fill(files: Mapping[str, bytes], folder: Path) -> None:
    """Write a board's files into a folder as flashing does: old compiled modules go, the board's own files stay."""
    shutil.rmtree(folder / "lib", ignore_errors=True)
    for path, content in files.items():
        target = folder / path
        make_private(target.parent)
        target.unlink(missing_ok=True)
        target.touch(mode=0o600)
        target.write_bytes(content)


def make_private(folder: Path) -> None:
    """Make a folder, and any missing folders above it, for the owner alone."""
    if not folder.is_dir():
        make_private(folder.parent)
        folder.mkdir(mode=0o700)
