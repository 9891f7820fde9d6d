"""glibc's malloc, set so that a process of many threads stays small."""

from __future__ import annotations

import ctypes
import sys

# The names and numbers of mallopt(3).
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
BLOCK_BYTES = 128 * 1024


def give_back_memory() -> None:
    """Have all threads share one heap, and large blocks go back to the system. Call it before any thread starts.

    glibc has up to eight heaps for each core, and each keeps what its threads once needed. It also takes ever larger
    blocks from them, up to 32 MB, once one of that size has been freed. Other libraries of C are left as they are.
    """
    if not sys.platform.startswith("linux"):
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        for parameter, value in ((_ARENA_MAX, 1), (_MMAP_THRESHOLD, BLOCK_BYTES), (_TRIM_THRESHOLD, BLOCK_BYTES)):
            mallopt(parameter, value)
