"""Runs in the VM: MicroPython's own LittleFS on flash of RAM, whose power goes at a chosen write."""

import os

BLOCK = 4096
COUNT, SIZE, ERASE = 4, 5, 6  # ioctl of a block device
ERASED = b"\xff" * BLOCK


class PowerCut(BaseException):
    """Not an Exception: nothing on the board may catch it."""


class Flash:
    """A block device as ports/esp8266/modules/flashbdev.py makes one. Counts what wears it out.

    `left` writes and erases go well, then `torn` 256ths of the next one are done and the power is gone: whatever the
    program still tries ends in PowerCut.
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
        self.forgotten = False  # For files of before the power cut, which the garbage collector closes.

    def readblocks(self, block, buffer, offset=0):
        if self.gone:
            return self._refuse()
        start = block * BLOCK + offset
        buffer[:] = memoryview(self.data)[start : start + len(buffer)]
        return 0

    def writeblocks(self, block, buffer, offset=0):
        if self.gone:
            return self._refuse()
        start = block * BLOCK + offset
        assert self.data[start : start + len(buffer)] == ERASED[: len(buffer)], "written without an erase"
        return self._change(start, buffer)

    def ioctl(self, op, arg):
        if op != ERASE:
            return self.blocks if op == COUNT else BLOCK if op == SIZE else 0
        if self.gone:
            return self._refuse()
        self.erases[arg] += 1
        return self._change(arg * BLOCK, ERASED)

    def _refuse(self):
        if self.forgotten:
            return 0
        raise PowerCut

    def _change(self, start, data):
        size = len(data)
        if self.left == 0:
            size = size * self.torn // 256
            self.gone = True
        self.data[start : start + size] = memoryview(data)[:size]
        if self.gone:
            raise PowerCut
        self.writes += 1
        if self.left is not None:
            self.left -= 1
        return 0


def fresh(blocks):
    flash = Flash(bytearray(ERASED * blocks))
    os.VfsLfs2.mkfs(flash)
    return flash


def mount(flash):
    """Make it the folder /flash and the working directory."""
    os.mount(os.VfsLfs2(flash), "/flash")
    os.chdir("/flash")


def unmount():
    os.chdir("/")
    os.umount("/flash")


def after_power_cut(flash):
    """Return the flash as it is found when power comes back."""
    flash.forgotten = True
    unmount()
    return Flash(flash.data)
