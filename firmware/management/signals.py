"""Treats signals that end a command like Ctrl-C, so that the command cleans up."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def heard_as_ctrl_c(*names: str) -> Iterator[None]:
    """Raise KeyboardInterrupt within the block for signals with these names. A system may lack some of them."""
    numbers = [number for name in names if (number := getattr(signal, name, None)) is not None]
    before = {number: signal.signal(number, signal.default_int_handler) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
