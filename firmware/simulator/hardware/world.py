"""The board's surroundings: files in the directory FREETEMP_WORLD, which the program that plays the world may change."""

import json
import os

import utime

FOLDER = os.getenv("FREETEMP_WORLD") or "."
FRESH_MS = 20  # Read again this often: a change is seen soon, and asking in a loop costs little.

_facts = {}
_read_ms = None


def fact(name, default=None):
    """Return the value of a key in world.json, or the default."""
    global _facts, _read_ms
    now_ms = utime.ticks_ms()
    if _read_ms is None or utime.ticks_diff(now_ms, _read_ms) >= FRESH_MS:
        _facts = _read()
        _read_ms = now_ms
    return _facts.get(name, default)


def _read():
    try:
        with open(path("world.json")) as file:
            return json.load(file)
    except (OSError, ValueError):  # Absent: everything around the board is fine.
        return {}


def path(name):
    return FOLDER + "/" + name


def load(name):
    """Return a small file's bytes, b"" if there is none."""
    try:
        with open(path(name), "rb") as file:
            return file.read()
    except OSError:
        return b""


def save(name, data):
    with open(path(name) + ".new", "wb") as file:
        file.write(data)
    os.rename(path(name) + ".new", path(name))
