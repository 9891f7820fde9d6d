#!/usr/bin/env bash
# littlefs-python empties a good image that is opened with another number of blocks.
#
# One would guess: opening an image with a wrong geometry raises an error, like mounting a partition of another size.
# In fact: LittleFS(...) mounts by default, and formats if that fails. The copy of a board's flash in its buffer is then
#   empty, and looks like an empty board. Fewer blocks, more blocks and another block size all do this. With mount=False
#   and a later mount(), it raises an error. With block_count=0, it takes the number from the image.
# Met by: an inspection of a dump of a board's flash, with a guess at the end of the file system.
# Seen with: littlefs-python 0.19.0.
source "$(dirname "$0")/common.sh"

from_pypi littlefs-python==0.19.0

cat >dump.py <<'PROGRAM'
from littlefs import LittleFS, LittleFSError, UserContext

board = LittleFS(block_size=4096, block_count=64)
with board.open("outbox.txt", "w") as file:
    file.write("21.5\n")
dump = bytes(board.context.buffer)


def copy(blocks, size):
    context = UserContext(max(len(dump), blocks * size))
    context.buffer[: len(dump)] = dump
    return context


for blocks, size in ((64, 4096), (0, 4096), (63, 4096), (128, 4096), (512, 512)):
    context = copy(blocks, size)
    files = LittleFS(context=context, block_count=blocks, block_size=size).listdir("/")
    kept = "untouched" if context.buffer[: len(dump)] == dump else "overwritten"
    print(f"{blocks} blocks of {size}: {files}, the dump is {kept}")
careful = LittleFS(context=copy(63, 4096), block_count=63, block_size=4096, mount=False)
try:
    careful.mount()
except LittleFSError as error:
    print("mount=False, then mount():", type(error).__name__)
PROGRAM

prints python dump.py <<'SEEN'
64 blocks of 4096: ['outbox.txt'], the dump is untouched
0 blocks of 4096: ['outbox.txt'], the dump is untouched
63 blocks of 4096: [], the dump is overwritten
128 blocks of 4096: [], the dump is overwritten
512 blocks of 512: [], the dump is overwritten
mount=False, then mount(): LittleFSError
SEEN
