"""What runs in the MicroPython VM: the board's file system at "/", and the code that the host sends over stdin.

The host sends a line "raw NAME SIZE" or "plain NAME SIZE" and SIZE bytes of source. The code prints to stdout, and so
does its traceback, for "raw" between two EOTs. stderr tells the host how it goes: "b" for begun, "d" for done, "k" for
an interrupt that was noticed, "w" for a watchdog that is on.
"""

import io
import os
import sys
from collections import namedtuple

import vfs

HOST = "/.host"  # In front of a path of the host's: the stand-in hardware and its world are no files of the board.
BLOCK = 4096
ENOSPC = 28  # The VM's errno has no name for it.
FOLDER = 0x4000  # os.stat's mode of a folder
Implementation = namedtuple("Implementation", ("name", "version", "_machine", "_mpy"))  # noqa: PYI024


class Flash:
    """The board's file system: a folder of the host's of which no more than `size` bytes may be used."""

    def __init__(self, folder, size):
        self.size = size
        self._board, self._host = vfs.VfsPosix(folder), vfs.VfsPosix()

    def _find(self, path):
        if path.startswith(HOST):
            return self._host, path[len(HOST) :]
        return self._board, path

    def open(self, path, mode):
        files, path = self._find(path)
        file = files.open(path, mode)
        writes = files is self._board and ("w" in mode or "a" in mode or "+" in mode)
        return Quota(self, file) if writes else file

    def ilistdir(self, path):
        """Return entries with a size, as the board's file system has it."""
        for name, kind, _ in self._board.ilistdir(path):
            size = 0 if kind == FOLDER else self._board.stat((path + "/" if path else "") + name)[6]
            yield name, kind, 0, size

    def stat(self, path):
        files, path = self._find(path)
        return files.stat(path)

    def rename(self, old, new):
        files, old = self._find(old)
        files.rename(old, self._find(new)[1])

    def remove(self, path):
        files, path = self._find(path)
        files.remove(path)

    def statvfs(self, path):
        free = max(0, self.size - self.used()) // BLOCK
        return (BLOCK, BLOCK, self.size // BLOCK, free, free, 0, 0, 0, 0, 255)

    def used(self, folder="/"):
        """Return the bytes of all files, each rounded up to blocks as on the board."""
        total = 0
        for name, kind, _, size in self.ilistdir(folder):
            total += self.used(folder + name + "/") if kind == FOLDER else -(-size // BLOCK) * BLOCK
        return total

    def __getattr__(self, name):
        return getattr(self._board, name)


class Quota(io.IOBase):
    """A file that is open for writing; a write that would go over the flash's end fails with ENOSPC."""

    def __init__(self, flash, file):
        self._flash, self._file = flash, file

    def write(self, data):
        if self._flash.used() + len(data) > self._flash.size:
            raise OSError(ENOSPC)
        count = self._file.write(data)
        self._file.flush()  # used() asks the host.
        return count

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def __getattr__(self, name):
        return getattr(self._file, name)


class Sys:
    """The sys module of a board with the version that it is to have: .mpy version 6 came with MicroPython 1.19."""

    platform = "esp8266"

    def __init__(self, real, version):
        mpy = 6 if version >= (1, 19, 0) else 5
        self.implementation = Implementation("micropython", version, "ESP module with ESP8266", mpy)
        self._real = real

    def __getattr__(self, name):
        return getattr(self._real, name)


def mount():
    vfs.umount("/")
    vfs.mount(Flash(os.getenv("FREETEMP_FLASH"), int(os.getenv("FREETEMP_FLASH_BYTES"))), "/")
    os.chdir("/")
    sys.path[:] = ["", ".frozen", "/lib", os.getenv("FREETEMP_HARDWARE")]
    sys.modules["sys"] = Sys(sys, tuple(map(int, os.getenv("FREETEMP_VERSION").split())))


def serve():
    """Run what comes, all of it with the same names, until the host hangs up."""
    names = {"__name__": "__main__"}
    while True:
        try:
            header = sys.stdin.buffer.readline().split()
            if not header:
                return
            how, name, size = header
            run(how == b"raw", name.decode(), sys.stdin.buffer.read(int(size)), names)
        except KeyboardInterrupt:  # It came when the code had just ended.
            sys.stderr.write("k")


def run(raw, name, source, names):
    failure = ""
    try:
        sys.stderr.write("b")
        exec(compile(source, name, "single" if name == "<stdin>" and not raw else "exec"), names)  # noqa: S102
    except KeyboardInterrupt as error:
        sys.stderr.write("k")
        failure = traceback(error)
    except Exception as error:  # noqa: BLE001
        failure = traceback(error)
    sys.stdout.write("\x04" + failure + "\x04" if raw else failure)
    sys.stderr.write("wd" if watched() else "d")


def watched():
    """Return whether the stand-in hardware has a watchdog that waits for food."""
    interrupts = sys.modules.get("interrupts")
    return interrupts is not None and interrupts._watchdog is not None


def traceback(error):
    """Return it without this file, which no board has."""
    text = io.StringIO()
    sys.print_exception(error, text)
    return "".join(line + "\n" for line in text.getvalue().splitlines() if __file__ not in line)


mount()
serve()
