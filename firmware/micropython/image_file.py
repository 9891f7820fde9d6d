"""Checks that a file is MicroPython for an ESP8266.

Layout: Espressif's "ESP8266 firmware image format" (esptool's documentation) for the header, and MicroPython's own
ports/esp8266/makeimg.py, which writes the length at 0x8FFC and the MD5 of all but the first four bytes at the end.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import reduce
from operator import xor
from pathlib import Path

MAGIC = 0xE9
ENTRY_POINTS = range(0x40100000, 0x40110000)  # Where an ESP8266 runs code from RAM; an ESP32 starts elsewhere.
# Boards may have 16 MB of flash, but the ROM's routines, and so MicroPython, use no more than 4 MB of it.
MIN_BYTES, MAX_BYTES = 1024, 4 * 2**20

HEADER_BYTES = SEGMENT_HEADER_BYTES = 8
MOST_SEGMENTS = 16
CHECKSUM_OF_NOTHING = 0xEF
CHECKSUM_ALIGNMENT = 16  # It is the last byte of a block.

LENGTH_AT = 0x8FFC
PADDING = b"\xff" * 8  # Before the length: the space between the two parts of the image.
MD5_BYTES = 16
_VERSION = re.compile(rb"MicroPython v([0-9]+\.[0-9]+(?:\.[0-9]+)?[-.0-9A-Za-z]{0,30}) on [0-9]{4}-[0-9]{2}-[0-9]{2}")

# The beginning of the file system, by the name that a build has for its boards. MicroPython's linker scripts place it,
# ports/esp8266/boards/*.ld; flashbdev.py leaves one more block free if it is below 1 MB.
_BUILD = re.compile(rb"ESP module \(([0-9]+[KM])\) with ESP8266")
FILES_AT = {b"1M": 0x99000}
FILES_AT_USUALLY = 0x100000


def is_whole(path: Path, sha256: str) -> bool:
    """Tell whether a copy of an image is there, with all its bytes."""
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == sha256


def keep_whole(path: Path, content: bytes) -> None:
    """Write a copy of an image, which gets its name once it is whole. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.write_bytes(content)
    partial.replace(path)


class ImageError(Exception):
    """A file is not an image, or not a whole one. The message says why, as a continuation of “it”."""


@dataclass(frozen=True)
class ImageFacts:
    """The facts that an image states."""

    sha256: str
    size: int  # Bytes.
    version: str  # Like 1.28.0; "" if the image does not state it.
    has_own_md5: bool  # It carries a correct MD5: not a bit has changed.
    files_at: int  # Where MicroPython's file system begins on the flash, in bytes.


def inspect(content: bytes) -> ImageFacts:
    """Return an image's facts. Raises ImageError for a file that is not an image, or is damaged or cut off."""
    if content[:1] != bytes([MAGIC]):
        raise ImageError("does not begin with the byte 0xE9, as every image for an ESP8266 does")
    if not MIN_BYTES <= len(content) <= MAX_BYTES:
        raise ImageError(f"has {len(content)} bytes, and an image has {MIN_BYTES} to {MAX_BYTES}")
    if int.from_bytes(content[4:8], "little") not in ENTRY_POINTS:
        raise ImageError("is an image for another chip than the ESP8266")
    version, built_for = _VERSION.search(content), _BUILD.search(content)
    if built_for and built_for[1] == b"512K":
        raise ImageError("is made for 512 KB of flash, and keeps no files")
    has_own_md5 = _check_own_md5(content)
    _check_segments(content)
    return ImageFacts(
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        version=version[1].decode() if version else "",
        has_own_md5=has_own_md5,
        files_at=FILES_AT.get(built_for[1], FILES_AT_USUALLY) if built_for else FILES_AT_USUALLY,
    )


def _check_segments(content: bytes) -> None:
    """Check what the chip's ROM loads, as it does itself: its segments are whole, and have their checksum."""
    count, position, checksum = content[1], HEADER_BYTES, CHECKSUM_OF_NOTHING
    if not 1 <= count <= MOST_SEGMENTS:
        raise ImageError(
            f"is damaged or made up: it says that it has {count} segments, and 1 to {MOST_SEGMENTS} can be"
        )
    for number in range(1, count + 1):
        start = position + SEGMENT_HEADER_BYTES
        position = start + int.from_bytes(content[start - 4 : start], "little")
        if position >= len(content):
            raise ImageError(f"is not whole: its segment {number} of {count} ends behind its {len(content)} bytes")
        checksum = reduce(xor, content[start:position], checksum)
    position += CHECKSUM_ALIGNMENT - 1 - position % CHECKSUM_ALIGNMENT
    if position >= len(content):
        raise ImageError(f"is not whole: it has {len(content)} bytes, and its checksum comes behind them")
    if content[position] != checksum:
        raise ImageError("is damaged: the checksum of its segments does not agree")


def _check_own_md5(content: bytes) -> bool:
    """Tell whether an image has MicroPython's own checksum. Raises ImageError if it is wrong."""
    if content[LENGTH_AT - len(PADDING) : LENGTH_AT] != PADDING:
        return False
    length = int.from_bytes(content[LENGTH_AT : LENGTH_AT + 4], "little") + MD5_BYTES
    if len(content) != length:
        raise ImageError(f"is not whole: it has {len(content)} bytes of {length}")
    if hashlib.md5(content[4:-MD5_BYTES], usedforsecurity=False).digest() != content[-MD5_BYTES:]:
        raise ImageError("is damaged: its own checksum does not agree")
    return True
