"""Keeps the last unexpected exceptions in a small file, to be read when the board is connected to a computer."""

import io
import os
import sys
from micropython import const

FILE = "faults.txt"
_LIMIT = const(1024)
_ONE = const(400)
_WRITES = const(10)  # in one run: a fault with many variants must not wear out the flash

_left = _WRITES


def record(error):
    """Print the exception, and record it unless the file has it already."""
    global _left
    text = _traceback(error)
    print(text)
    known = recorded()
    if text in known or not _left:
        return
    _left -= 1
    try:
        _write((text + known)[:_LIMIT])
    except OSError as unwritten:  # A full or worn flash: readings continue without the record.
        print(FILE, unwritten)


def recorded():
    """Return the recorded exceptions, the newest first."""
    try:
        with open(FILE) as file:
            return file.read(_LIMIT)
    except (OSError, UnicodeError):
        return ""


def _traceback(error):
    text = io.StringIO()
    sys.print_exception(error, text)
    return text.getvalue()[-_ONE:]


def _write(text):
    with open(FILE + ".new", "w") as file:
        file.write(text)
    os.rename(FILE + ".new", FILE)
