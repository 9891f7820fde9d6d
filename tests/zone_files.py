"""Rules of time zones of a test's own making: compiled files as zic writes them, with a version beside them."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

Changes = Sequence[tuple[datetime | None, float, str]]  # moment (None: before the first), hours from UTC, name


def write_rules(folder: Path, version: str, zones: Mapping[str, Changes]) -> Path:
    """Write a folder of compiled zones, as a system's package of time zones does, and return it."""
    folder.mkdir(exist_ok=True)
    for name, changes in zones.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(compiled(changes))
    if version:
        (folder / "+VERSION").write_text(f"{version}\n")
    return folder


def compiled(changes: Changes) -> bytes:
    """Return the changes of clocks as in RFC 9636: a block of 32 bits that says nothing, and one of 64 bits."""
    kinds = [struct.pack(">lbB", round(hours * 3600), 0, 6 * index) for index, (_, hours, _) in enumerate(changes)]
    names = b"".join(name.encode().ljust(6, b"\0") for _, _, name in changes)
    moments = [round(at.timestamp()) for at, _, _ in changes if at]
    body = struct.pack(f">{len(moments)}q", *moments) + bytes(range(1, len(changes))) + b"".join(kinds) + names
    return _header(0, 1, 1) + bytes(7) + _header(len(moments), len(kinds), len(names)) + body + b"\n\n"


def _header(changes: int, kinds: int, characters: int) -> bytes:
    return b"TZif2" + bytes(15) + struct.pack(">6l", 0, 0, 0, changes, kinds, characters)
