"""Readings on flash, until the server has them: append-only files of records of one size. docs/outbox.md has the format.

Each record has its own checksum: four bytes of SHA-256, for this port's binascii has no crc32
(MICROPY_PY_BINASCII_CRC32 is 0 in ports/esp8266/mpconfigport.h), and CRCs in Python would cost 1 ms a record.
Power may go at any write. So nothing is rewritten in place, and the read position may lag but never lead: what is
then sent again, the server knows by its boot and seq.
"""

import os
import struct
from hashlib import sha256

from micropython import const

RECORD = const(24)  # bytes
AT_MOST = const(50)  # records that peek() reads at once
NO_RUN = const(0)  # of a record that is dated

_LAYOUT = "<IIIiHBB"  # boot, seq, when, value, run, field, format; then the checksum
_FORMAT = const(1)
_CHECKED = const(20)
# Four blocks of LittleFS: the first holds 4,096 bytes of a file, the others 4 to 8 fewer, 16,368 in all.
_SEGMENT_BYTES = const(682 * 24)
_SEGMENTS = const(64)  # 43,648 records: 30 days at one a minute
_FREE_BLOCKS = const(16)  # for others, and for LittleFS, which copies before it frees
_ENDING = ".seg"
_DATES = const(4)  # power-ups whose start is remembered
_ENOMEM = const(12)
_ENOSPC = const(28)


def pack(buffer, index, boot, seq, when, value, run, field):
    """Write record number `index` of a buffer.

    `when` is Unix seconds, or with a `run` (which power-up of this boot) the seconds since that power-up. `value` is in
    thousandths.
    """
    start = index * RECORD
    struct.pack_into(_LAYOUT, buffer, start, boot, seq, when, value, run, field, _FORMAT)
    buffer[start + _CHECKED : start + RECORD] = checksum(memoryview(buffer)[start : start + _CHECKED])


def unpack(buffer, index):
    """Return (boot, seq, when, value, run, field) of record number `index`."""
    return struct.unpack_from(_LAYOUT, buffer, index * RECORD)[:6]


def is_whole(buffer, index):
    """Return whether record number `index` is what was written."""
    start = index * RECORD
    view = memoryview(buffer)
    return view[start + _CHECKED : start + RECORD] == checksum(view[start : start + _CHECKED])


def checksum(data):
    return sha256(data).digest()[:4]


class Outbox:
    """A queue of records in a folder. len() says how many wait, those that turn out damaged included.

    `dropped` counts the records lost to the limit, `damaged` those that were not what was written; whoever tells of them
    may set them back to 0.
    """

    def __init__(self, folder, segments=_SEGMENTS):
        self._folder = folder
        self._limit = segments
        self.buffer = bytearray(AT_MOST * RECORD)
        self.dropped = 0
        self.damaged = 0
        self._dates = []  # (boot, run, Unix time of its start)
        self._open()

    def __len__(self):
        return self._count

    def append(self, records):
        """Add whole records, a bytes-like object, behind all others: one commit on flash however many they are.

        Where the flash is full the oldest go. Raises OSError where it still refuses, with nothing older left.
        """
        raise NotImplementedError

    def peek(self, most=AT_MOST):
        """Read the oldest records of one boot into `buffer`, at most so many, and return their number.

        0 where len() is not: what came next was damaged and has been skipped; ask again.
        """
        raise NotImplementedError

    def drop(self, count):
        """Forget the first `count` records of the last peek: they were delivered, or never can be."""
        raise NotImplementedError

    def date(self, boot, run, start):
        """Remember the Unix time at which a power-up began, with the next drop(): it dates the records made before a clock."""
        raise NotImplementedError

    def start_of(self, boot, run):
        """Return the Unix time at which a power-up began, or None."""
        raise NotImplementedError
