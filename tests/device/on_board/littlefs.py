"""Runs in the VM: MicroPython's own LittleFS on flash in RAM, with a power cut at a chosen write."""

import builtins
import os

import outbox

BLOCK = 4096
COUNT, SIZE, ERASE = 4, 5, 6  # ioctl of a block device
EIO = -5
ERASED = b"\xff" * BLOCK


class PowerCut(BaseException):
    """Not an Exception, so that nothing on the board catches it."""


class Flash:
    """A block device like that of ports/esp8266/modules/flashbdev.py. It counts its wear.

    `left` writes and erases succeed, then `torn` 256ths of the next one are done and the power is `gone`. From then on
    the file system gets errors, since no exception may cross its C code. The program ends at its next use of a file.
    """

    def __init__(self, data):
        """`data`, a bytearray, is the flash itself."""
        self.data = data
        self.blocks = len(data) // BLOCK
        self.erases = [0] * self.blocks
        self.writes = 0
        self.left = None
        self.torn = 0
        self.gone = False

    def readblocks(self, block, buffer, offset=0):
        if self.gone:
            return EIO
        start = block * BLOCK + offset
        buffer[:] = memoryview(self.data)[start : start + len(buffer)]
        return 0

    def writeblocks(self, block, buffer, offset=0):
        if self.gone:
            return EIO
        start = block * BLOCK + offset
        assert self.data[start : start + len(buffer)] == ERASED[: len(buffer)], "written without an erase"
        return self._change(start, buffer)

    def ioctl(self, op, arg):
        if op != ERASE:
            return self.blocks if op == COUNT else BLOCK if op == SIZE else 0
        if self.gone:
            return EIO
        self.erases[arg] += 1
        return self._change(arg * BLOCK, ERASED)

    def _change(self, start, data):
        size = len(data)
        if self.left == 0:
            size = size * self.torn // 256
            self.gone = True
        self.data[start : start + size] = memoryview(data)[:size]
        self.writes += 1
        if self.left is not None:
            self.left -= 1
        return EIO if self.gone else 0


class Files:
    """Stands in for the module os: a program that uses files ends at a power cut."""

    def __getattr__(self, name):
        return with_power(getattr(os, name))


def with_power(function):
    def call(*arguments):
        power()
        try:
            return function(*arguments)
        finally:
            power()

    return call


def power():
    if _mounted and _mounted.gone:
        raise PowerCut


_mounted = None
builtins.open = with_power(builtins.open)
outbox.os = Files()


def fresh(blocks):
    flash = Flash(bytearray(ERASED * blocks))
    os.VfsLfs2.mkfs(flash)
    return flash


def mount(flash):
    """Mount the flash as the folder /flash and make it the working directory."""
    global _mounted
    _mounted = flash
    os.mount(os.VfsLfs2(flash), "/flash")
    os.chdir("/flash")


def unmount():
    """Unmount the flash, even after a power cut."""
    os.chdir("/")
    os.umount("/flash")
