"""A reading's record on flash: 24 bytes with their own checksum.

The checksum is four bytes of SHA-256: this port's binascii has no crc32 (MICROPY_PY_BINASCII_CRC32 is 0 in
ports/esp8266/mpconfigport.h), and a CRC in Python would take a millisecond or more for each record.
"""

import struct
from hashlib import sha256

from micropython import const

RECORD = const(24)  # bytes

_LAYOUT = "<IIIiHH"  # boot, seq, when, value, run, field; then the checksum
_CHECKED = const(20)


def pack(buffer, index, boot, seq, when, value, run, field):
    """Write record number `index` of a buffer.

    `when` is Unix seconds if `run` is 0, else seconds since the power-up with that number within the boot. `value` is
    in thousandths.
    """
    start = index * RECORD
    struct.pack_into(_LAYOUT, buffer, start, boot, seq, when, value, run, field)
    buffer[start + _CHECKED : start + RECORD] = checksum(memoryview(buffer)[start : start + _CHECKED])


def unpack(buffer, index):
    """Return (boot, seq, when, value, run, field) of record number `index`."""
    return struct.unpack_from(_LAYOUT, buffer, index * RECORD)


def is_whole(buffer, index):
    """Return whether record number `index` is undamaged."""
    start = index * RECORD
    view = memoryview(buffer)
    return view[start + _CHECKED : start + RECORD] == checksum(view[start : start + _CHECKED])


def checksum(data):
    return sha256(data).digest()[:4]
