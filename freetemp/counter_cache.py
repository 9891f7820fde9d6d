"""A cache that every process of this server shares, in one file that never grows. It counts one thing: wrong keys.

Django's own file cache loses counts where processes meet, and a counter per process would let a guesser have as many
tries as there are workers (stations.wrong_keys).
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

if sys.platform != "win32":  # There waitress serves in one process, and the lock between threads is enough.
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
        """Return a slot as it was packed, or None for one that was torn or never was."""
        digest, ends_at, check, length = _HEAD.unpack_from(data)
        value = data[_HEAD.size : _HEAD.size + length]
        return cls(digest, ends_at, value) if length and crc32(value) == check else None


class _Rows:
    """The file, and the lock between threads and processes for which a row is read and written again."""

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
            fcntl.lockf(file, fcntl.LOCK_EX)  # A process's own, also after a fork; flock() would be shared by both.
            try:
                yield file
            finally:
                fcntl.lockf(file, fcntl.LOCK_UN)

    def _open(self) -> int:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        return os.open(self.path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)


_rows = cache(_Rows)  # Django makes a cache for each thread: a file is opened, and locked, once a process.


class SlotCache(BaseCache):
    """32,768 slots of 128 bytes. LOCATION is the file, 4 MiB at most.

    Each key has its row of 8 slots. A new one takes the slot whose end is nearest, so that no number of keys takes more
    room. incr() and add() are atomic across processes. A value that pickles to more than 98 bytes is not kept, which a
    cache may do. A slot torn by a power cut is an empty one. Raises OSError where the file cannot be had.
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
        return _FOR_EVER if seconds is None else time.time() + seconds

    def _change(self, key: Any, version: int | None, change: Change, ends_at: float | None = None) -> bool:
        """Put in place of a key's value, or of None, what `change` makes of it. None leaves all as it is.

        The end stays where none is given. Return whether there is a new value, too large or not.
        """
        full_key = self.make_and_validate_key(key, version=version)
        digest = blake2b(full_key.encode(), digest_size=16).digest()
        with self._rows.locked() as file:
            at = int.from_bytes(digest[:4], "little") % ROWS * ROW_BYTES
            os.lseek(file, at, os.SEEK_SET)
            row = os.read(file, ROW_BYTES).ljust(ROW_BYTES, b"\0")
            at_slot, old = _find(row, digest)
            is_there = old is not None and old.ends_at > time.time()
            new = change(old.value if old is not None and is_there else None)
            if new is not None:
                if ends_at is None:
                    ends_at = old.ends_at if old is not None else 0
                slot = _Slot(digest, ends_at, new) if len(new) <= MOST_BYTES else _Slot(digest, 0, b"")
                os.lseek(file, at + at_slot, os.SEEK_SET)
                os.write(file, slot.pack())
        return new is not None


def _load(value: bytes) -> Any:
    return pickle.loads(value)  # noqa: S301 - as Django's own caches; whoever writes in VAR_DIR owns the database too


def _find(row: bytes, digest: bytes) -> tuple[int, _Slot | None]:
    """Return where in its row a key's slot is, and the slot; or where it may be put: the slot that ends first."""
    at = row.find(digest)
    if at >= 0 and at % SLOT_BYTES == 0:
        return at, _Slot.unpack(row[at : at + SLOT_BYTES])
    ends = [ends_at for (ends_at,) in _ENDS.iter_unpack(row)]
    return ends.index(min(ends)) * SLOT_BYTES, None
