"""A cache in one file of limited size, which all processes of this server share. It counts one thing: wrong keys.

Django's own file cache loses counts when processes write at once, and a counter per process would multiply an
attacker's tries by the number of workers (stations.wrong_keys).
"""

from __future__ import annotations

import os
import pickle
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from hashlib import blake2b
from pathlib import Path
from struct import Struct
from typing import Any, NamedTuple
from zlib import crc32

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache

if sys.platform != "win32":  # On Windows, waitress serves in one process: the lock between threads is enough.
    import fcntl

_HEAD = Struct("<16sdIH")  # digest of the key, end in Unix seconds, CRC-32 and length of the value
SLOT_BYTES = 128
_ENDS = Struct(f"<16xd{SLOT_BYTES - 24}x")
MOST_BYTES = SLOT_BYTES - _HEAD.size
SLOTS_A_ROW = 8
ROWS = 4096
ROW_BYTES = SLOTS_A_ROW * SLOT_BYTES
FILE_BYTES = ROWS * ROW_BYTES
_FOR_EVER = float("inf")
LONGEST_S = 3600  # A slot that ends later was written by a clock that was ahead: it has ended.

Change = Callable[[bytes | None], bytes | None]


class _Slot(NamedTuple):
    digest: bytes
    ends_at: float
    value: bytes

    def pack(self) -> bytes:
        head = _HEAD.pack(self.digest, self.ends_at, crc32(self.value), len(self.value))
        return (head + self.value).ljust(SLOT_BYTES, b"\0")

    @classmethod
    def unpack(cls, data: bytes) -> _Slot | None:
        """Return a slot from its packed form, or None if it is torn or was never written."""
        digest, ends_at, check, length = _HEAD.unpack_from(data)
        value = data[_HEAD.size : _HEAD.size + length]
        return cls(digest, ends_at, value) if length and crc32(value) == check else None


class _Rows:
    """The file, and the lock between threads and processes that is held while a row is read and rewritten."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lock = threading.Lock()
        self.file: int | None = None

    @contextmanager
    def locked(self) -> Iterator[int]:
        with self.lock:
            if self.file is None:
                self.file = self._open()
            file = self.file
            if sys.platform == "win32":
                yield file
                return
            fcntl.lockf(file, fcntl.LOCK_EX)  # One process holds it, even after a fork; both would share a flock().
            try:
                yield file
            finally:
                fcntl.lockf(file, fcntl.LOCK_UN)

    def _open(self) -> int:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        return os.open(self.path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)


_rows = cache(_Rows)  # Django makes a cache per thread, but a file is opened and locked once per process.


class SlotCache(BaseCache):
    """32,768 slots of 128 bytes. LOCATION is the file, 4 MiB at most.

    Each key belongs to a row of 8 slots. A new key takes the slot that ends first, so the file does not grow with the
    number of keys. incr() and add() are atomic across processes. A value that pickles to more than 98 bytes is not
    kept, as a cache may do. A slot lasts an hour at most, or for ever. One that a power cut has torn counts as empty.
    Raises OSError if the file cannot be used.
    """

    def __init__(self, location: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        self._rows = _rows(Path(location))

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        found = default

        def read(value: bytes | None) -> None:
            nonlocal found
            found = default if value is None else _load(value)

        self._change(key, version, read)
        return found

    def set(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        self._change(key, version, lambda _: pickle.dumps(value), self._end(timeout))

    def add(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        def unless_there(there: bytes | None) -> bytes | None:
            return pickle.dumps(value) if there is None else None

        return self._change(key, version, unless_there, self._end(timeout))

    def touch(self, key: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return self._change(key, version, lambda there: there, self._end(timeout))

    def delete(self, key: Any, version: int | None = None) -> bool:
        return self._change(key, version, lambda there: there, ends_at=0)

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        total = None

        def more(there: bytes | None) -> bytes | None:
            nonlocal total
            if there is None:
                return None
            total = _load(there) + delta
            return pickle.dumps(total)

        self._change(key, version, more)
        if total is None:
            raise ValueError(f"Key '{key}' not found")
        return int(total)

    def clear(self) -> None:
        with self._rows.locked() as file:
            os.ftruncate(file, 0)

    def _end(self, timeout: Any) -> float:
        seconds = self.default_timeout if timeout is DEFAULT_TIMEOUT else timeout
        return _FOR_EVER if seconds is None else time.time() + min(seconds, LONGEST_S)

    def _change(self, key: Any, version: int | None, change: Change, ends_at: float | None = None) -> bool:
        """Replace a key's value, or None, by the result of `change`. A result of None leaves the value unchanged.

        The end stays the same if none is given. Return whether there is a new value, even if it is too large to keep.
        """
        full_key = self.make_and_validate_key(key, version=version)
        digest = blake2b(full_key.encode(), digest_size=16).digest()
        with self._rows.locked() as file:
            at = int.from_bytes(digest[:4], "little") % ROWS * ROW_BYTES
            os.lseek(file, at, os.SEEK_SET)
            row = os.read(file, ROW_BYTES).ljust(ROW_BYTES, b"\0")
            at_slot, old = _find(row, digest)
            is_there = old is not None and _lasts(old.ends_at)
            new = change(old.value if old is not None and is_there else None)
            if new is not None:
                if ends_at is None:
                    ends_at = old.ends_at if old is not None else 0
                slot = _Slot(digest, ends_at, new) if len(new) <= MOST_BYTES else _Slot(digest, 0, b"")
                os.lseek(file, at + at_slot, os.SEEK_SET)
                os.write(file, slot.pack())
        return new is not None


def _lasts(ends_at: float) -> bool:
    return 0 < ends_at - time.time() <= LONGEST_S or ends_at == _FOR_EVER


def _load(value: bytes) -> Any:
    return pickle.loads(value)  # noqa: S301 - as Django's own caches; whoever writes in VAR_DIR owns the database too


def _find(row: bytes, digest: bytes) -> tuple[int, _Slot | None]:
    """Return the position and the content of a key's slot in its row, or the position of the slot that ends first."""
    at = row.find(digest)
    if at >= 0 and at % SLOT_BYTES == 0:
        return at, _Slot.unpack(row[at : at + SLOT_BYTES])
    ends = [ends_at for (ends_at,) in _ENDS.iter_unpack(row)]
    return ends.index(min(ends)) * SLOT_BYTES, None
