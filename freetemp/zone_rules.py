"""The rules of time zones: the newest that this computer has, from its system or from the Python package tzdata."""

from __future__ import annotations

import hashlib
import re
import zoneinfo
from functools import cache
from importlib.metadata import version as installed_version
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_RELEASE = re.compile(r"(\d{4})(?:([a-z]+)|\.(\d+))?")
DIGEST_LENGTH = 16


class Source(NamedTuple):
    """A folder of compiled zones, and the version of its rules, like “2026f”: empty if the folder tells none."""

    folder: str
    version: str
    name: str

    def __str__(self) -> str:
        return f"{self.version or 'of unknown version'}, from {self.name}"


class Rules(NamedTuple):
    """The rules of one zone: its compiled file with a digest of it, and the clocks that follow from it."""

    zone: ZoneInfo
    version: str
    data: bytes
    digest: str


def use_newest() -> None:
    """Let ZoneInfo take each zone from the source with the newest rules that has it.

    Call it before any ZoneInfo is made. By itself, ZoneInfo takes the system's rules, and those of the package only for
    zones that the system lacks. Folders of PYTHONTZPATH count as the system's. A zone that only an older source has is
    taken from there.
    """
    zoneinfo.reset_tzpath([source.folder for source in sources()])
    ZoneInfo.clear_cache()
    rules_of.cache_clear()


def sources() -> list[Source]:
    """Return the folders with rules on this computer, the newest first. The system's come first among equals."""
    found = {path.resolve(): path for path in map(Path, zoneinfo.TZPATH) if path.is_dir()}
    packaged = _packaged()
    system = [_system(path) for resolved, path in found.items() if not packaged or str(resolved) != packaged.folder]
    return sorted([*system, *([packaged] if packaged else [])], key=lambda each: _age(each.version), reverse=True)


def in_use() -> str:
    """Return the version and the name of the source that is asked first."""
    return str(next(iter(sources()), "not installed"))


def is_newer(version: str, than: str) -> bool:
    """Tell whether rules are known to be newer than others: 2026f comes after 2025b, and any version after none."""
    return _age(version) > _age(than)


@cache
def rules_of(name: str) -> Rules | None:
    """Return the rules of a zone, or None if this computer has no such zone.

    They stay the same while this process runs, even if the system is updated meanwhile.
    """
    try:
        zone = ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
    for source in sources():
        path = Path(source.folder, name)
        if path.is_file():
            data = path.read_bytes()
            digest = hashlib.sha256(name.encode() + b"\0" + data).hexdigest()[:DIGEST_LENGTH]
            return Rules(zone, source.version, data, digest)
    return None


def _system(path: Path) -> Source:
    return Source(str(path), _version_in(path), str(path))


def _packaged() -> Source | None:
    spec = find_spec("tzdata")
    folders = spec.submodule_search_locations if spec else None
    path = Path(folders[0], "zoneinfo").resolve() if folders else None
    if path is None or not path.is_dir():
        return None
    return Source(str(path), _version_in(path) or installed_version("tzdata"), "the Python package tzdata")


def _version_in(folder: Path) -> str:
    """Return the version as macOS and the BSDs write it down, or else as tz's own Makefile does.

    Some systems, such as Alpine, write none.
    """
    for name in ("+VERSION", "tzdata.zi"):
        try:
            with (folder / name).open(encoding="utf-8", errors="replace") as lines:
                words = lines.readline(80).removeprefix("# version").split()
        except OSError:
            continue
        if words and _RELEASE.match(words[0]):
            return words[0]
    return ""


def _age(version: str) -> tuple[int, int]:
    """Return a release's year and its number in it: 2026f is the sixth of 2026, and 2026.6 is PyPI's name for it."""
    found = _RELEASE.match(version)
    if found is None:
        return (0, 0)
    year, letters, number = found.groups()
    place = 0
    for letter in letters or "":
        place = 26 * place + ord(letter) - ord("a") + 1
    return (int(year), place or int(number or 0))
