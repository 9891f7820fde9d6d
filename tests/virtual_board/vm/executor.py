"""Runs in the MicroPython VM: the board's file system at "/", and code that the host sends over stdin.

The host sends a line "raw NAME SIZE" or "plain NAME SIZE" and SIZE bytes of source. The code's output and its traceback
go to stdout, for "raw" between two EOTs. stderr reports to the host: "d" for done, "w" for a watchdog that is on, "k"
for a noticed interrupt: the host's line "interrupt", which each sleep looks for.
"""

import builtins
import io
import os
import select
import sys
from collections import namedtuple

import utime
import vfs

HOST = "/.host"  # Prefix of a host path: the stand-in hardware and its world are not files of the board.
BLOCK = 4096
ENOSPC = 28  # The VM's errno has no name for it.
FOLDER = 0x4000  # os.stat's mode of a folder
Implementation = namedtuple("Implementation", ("name", "version", "_machine", "_mpy"))  # noqa: PYI024


class Os:
    """The os module of a board: its root is a folder on the host, with at most `size` bytes in use."""

    def __init__(self, real, size):
        self._real, self.size = real, size

    def ilistdir(self, path=""):
        """Return entries with a size, like the board's file system."""
        for name, kind, *_ in self._real.ilistdir(path):
            if name != HOST[1:]:
                yield name, kind, 0, 0 if kind == FOLDER else self._real.stat((path + "/" if path else "") + name)[6]

    def listdir(self, path=""):
        return [entry[0] for entry in self.ilistdir(path)]

    def statvfs(self, path):
        free = max(0, self.size - self.used()) // BLOCK
        return (BLOCK, BLOCK, self.size // BLOCK, free, free, 0, 0, 0, 0, 255)

    def used(self, folder="/"):
        """Return the bytes of all files, each rounded up to blocks as on the board."""
        total = 0
        for name, kind, _, size in self.ilistdir(folder):
            total += self.used(folder + name + "/") if kind == FOLDER else -(-size // BLOCK) * BLOCK
        return total

    def open(self, path, mode="r", **options):
        file = io.open(path, mode, **options)  # noqa: SIM115, UP020
        writes = any(letter in mode for letter in "wa+")
        return Quota(self, file) if writes and not path.startswith(HOST) else file

    def __getattr__(self, name):
        return getattr(self._real, name)


class Quota(io.IOBase):
    """A file that is open for writing; a write beyond the flash's end fails with ENOSPC."""

    def __init__(self, board, file):
        self._board, self._file = board, file

    def write(self, data):
        if self._board.used() + len(data) > self._board.size:
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
    """The sys module of a board with a chosen version: .mpy version 6 came with MicroPython 1.19."""

    platform = "esp8266"

    def __init__(self, real, version):
        mpy = 6 if version >= (1, 19, 0) else 5
        self.implementation = Implementation("micropython", version, "ESP module with ESP8266", mpy)
        self._real = real

    def __getattr__(self, name):
        return getattr(self._real, name)


class Time:
    """The utime module. The stand-in hardware waits by it, and its sleeps end with an interrupt."""

    def __init__(self, real):
        self._real = real
        self._host = select.poll()
        self._host.register(sys.stdin, select.POLLIN)

    def sleep_us(self, duration_us):
        if self._host.poll(duration_us // 1000):
            notice(sys.stdin.buffer.readline())
            raise KeyboardInterrupt
        self._real.sleep_us(duration_us % 1000)

    def sleep_ms(self, duration_ms):
        self.sleep_us(duration_ms * 1000)

    def sleep(self, duration_s):
        self.sleep_us(int(duration_s * 1_000_000))

    def __getattr__(self, name):
        return getattr(self._real, name)


def notice(line):
    """Report a noticed interrupt. Without a line, the host is gone."""
    if not line:
        sys.exit()
    sys.stderr.write("k")


def become_a_board():
    vfs.umount("/")
    vfs.mount(vfs.VfsPosix(os.getenv("FREETEMP_FLASH")), "/")
    vfs.mount(vfs.VfsPosix(), HOST)
    os.chdir("/")
    sys.path[:] = ["", ".frozen", "/lib", os.getenv("FREETEMP_HARDWARE")]
    sys.modules["sys"] = Sys(sys, tuple(map(int, os.getenv("FREETEMP_VERSION").split())))
    sys.modules["os"] = Os(os, int(os.getenv("FREETEMP_FLASH_BYTES")))
    sys.modules["utime"] = Time(utime)
    builtins.open = sys.modules["os"].open


def serve():
    """Run all incoming code with the same names, until the host hangs up."""
    names = {"__name__": "__main__"}
    while True:
        line = sys.stdin.buffer.readline()
        if line in (b"interrupt\n", b""):  # It came when the code had just ended.
            notice(line)
            continue
        how, name, size = line.split()
        run(how == b"raw", name.decode(), sys.stdin.buffer.read(int(size)), names)


def run(raw, name, source, names):
    failure = ""
    try:
        exec(compile(source, name, "single" if name == "<stdin>" and not raw else "exec"), names)  # noqa: S102
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001
        failure = traceback(error)
    sys.stdout.write("\x04" + failure + "\x04" if raw else failure)
    sys.stderr.write("wd" if watched() else "d")


def watched():
    """Return whether the stand-in hardware has a watchdog that needs feeding."""
    interrupts = sys.modules.get("interrupts")
    return interrupts is not None and interrupts._watchdog is not None


def traceback(error):
    """Return the traceback without this file, which no board has."""
    text = io.StringIO()
    sys.print_exception(error, text)
    return "".join(line + "\n" for line in text.getvalue().splitlines() if __file__ not in line)


become_a_board()
serve()
