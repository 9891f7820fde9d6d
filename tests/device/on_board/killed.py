"""Runs in the VM: a life of a few readings on the computer's own file system, ended by SIGKILL at a change of a file.

Arguments: the number of changes that succeed, and how many 256ths of the next write are done; then the process is
killed. Standard output lists the server's readings and the complete writes, since nothing else survives.
"""

import builtins
import os
import struct
import sys

import life
from life import NOON, World, say
from records import RECORD

left, torn = int(sys.argv[1]), int(sys.argv[2])


def kill():
    """Die as by a power cut: no file is closed, nothing is flushed."""
    os.system("kill -9 $PPID")  # noqa: S605
    while True:
        pass


def change():
    """Count a change, or die if it is the chosen one."""
    global left
    if left == 0:
        kill()
    left -= 1


class File:
    """A file with writes that reach the disk at once, or in part."""

    def __init__(self, path, mode):
        if "r" not in mode:
            change()  # It is created, or emptied.
        self._file = real_open(path, mode)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self._file.close()

    def __getattr__(self, name):
        return getattr(self._file, name)

    def write(self, data):
        if left == 0:
            self._file.write(bytes(data)[: len(data) * torn // 256])
            self._file.flush()
        change()
        count = self._file.write(data)
        self._file.flush()
        return count


class Files:
    """Stands in for the module os."""

    def __getattr__(self, name):
        return getattr(os, name)

    def rename(self, old, new):
        change()
        os.rename(old, new)  # noqa: PTH104

    def remove(self, path):
        change()
        os.remove(path)  # noqa: PTH107


real_open = builtins.open
builtins.open = File
sys.modules["outbox"].os = Files()

world = World()
server = life.Server(world)
post = server.post


def telling(body):
    """Tell the server of a report before the board hears the answer, since the server outlives the board."""
    if server.fail is not None:
        say("report", life.json.loads(life.whole(body)))
    return post(body)


server.post = telling
board = life.Board(world, server)
board.clock.set(NOON)
append = board.outbox.append


def noting(records):
    append(records)
    for at in range(0, len(records), RECORD):
        say("kept", *struct.unpack_from("<II", records, at))


board.outbox.append = noting
for turn in range(14):
    world.seconds += 3600
    server.fail = (200, None, None, None, "lost", 200, 200)[turn % 7]
    for field in range(1 + turn % 2):
        board.reporter.add(1 + field, turn)
    board.reporter.deliver()
server.fail = 200
board.deliver_all(world)
say("ended", len(board.outbox), board.outbox.damaged)
