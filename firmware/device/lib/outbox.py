"""Readings on flash until the server has them: append-only files of records. docs/outbox.md has the format.

Power may fail during any write. So nothing is rewritten in place, and the read position may lag but never lead. The
server recognizes records that are then sent again by their boot and seq.
"""

import os
import struct

from micropython import const
from records import RECORD, checksum, is_whole, unpack

AT_MOST = const(25)  # the most records that peek() reads at once

# 16 blocks of LittleFS: a file's first block holds 4,096 of its bytes, the next ones 4 to 16 fewer, 65,432 in all. Few
# files, since LittleFS lists many slowly: 64 of them would take the board seconds at each start.
_SEGMENT_BYTES = const(2726 * 24)
_SEGMENTS = const(16)  # 43,616 records: 30 days at one a minute
_FREE_BLOCKS = const(16)  # left to other files, and to LittleFS, which copies before it frees
_STARTS = const(4)  # power-ups with a remembered start time
_ENOENT = const(2)
_ENOMEM = const(12)
_EEXIST = const(17)
_ENOSPC = const(28)
_ENAMETOOLONG = const(36)  # LittleFS says so when there is no room for a new file's name


class Outbox:
    """A queue of records in a folder. len() says how many wait, including records that will turn out damaged.

    `dropped` counts the records lost to the limit, `damaged` those that differ from the ones written. The caller resets
    both to 0 after reporting them. Only append() raises OSError, and peek() when there is no memory for a file.
    """

    def __init__(self, folder, segments=_SEGMENTS):
        self._folder = folder
        self._limit = segments
        self.buffer = bytearray(AT_MOST * RECORD)
        self.dropped = 0
        self.damaged = 0
        self._peeked = -1  # the last peek's segment: it may be gone when its records are dropped
        self._starts = []  # (boot, run, Unix time)
        self._starts_are_new = False
        self._open()

    def __len__(self):
        return max(0, sum(size // RECORD for _, size in self._segments) - self._offset // RECORD)

    def append(self, records):
        """Append whole records, a bytes-like object: one commit on flash, however many there are.

        The oldest records go if the flash is full. A segment that cannot be written is left for a new one. Raises
        OSError if the flash still refuses.
        """
        left = False
        while True:
            try:
                return self._append(records)
            except OSError as error:
                self._measure_tail()
                full = error.args[0] in (_ENOSPC, _ENAMETOOLONG)
                if full and len(self):
                    self._lose_oldest()
                elif full or left or error.args[0] == _ENOMEM:
                    raise
                else:
                    left = True
                    self._leave_tail()

    def peek(self, most=AT_MOST):
        """Read the oldest records of one boot into `buffer`, at most `most`, and return their number.

        0 while len() is not 0 means that the next records were damaged and have been skipped: call again.
        """
        if not self._segments:
            return 0
        self._peeked = self._segments[0][0]
        count = self._read(min(most, AT_MOST))
        if count == 0:  # The segment ends, or cannot be read.
            self.damaged += self._unread()
            self._remove_oldest()
            return 0
        whole = self._whole_of_one_boot(count)
        if whole == 0:
            self._skip_damaged(count)
        return whole

    def drop(self, count):
        """Drop the first `count` records of the last peek: they were delivered, or never can be."""
        if self._segments and self._segments[0][0] == self._peeked:
            self._advance(count)

    def remember_start(self, boot, run, unix_s):
        """Remember a power-up's start time. It dates records made without a clock; the next drop() saves it."""
        if (boot, run, unix_s) not in self._starts:
            self._starts = [start for start in self._starts if start[:2] != (boot, run)][1 - _STARTS :]
            self._starts.append((boot, run, unix_s))
            self._starts_are_new = True

    def start_of(self, boot, run):
        """Return the Unix time of a power-up's start, or None."""
        for start in self._starts:
            if start[0] == boot and start[1] == run:
                return start[2]
        return None

    # Segments

    def _open(self):
        first = self._load_position()
        self._segments = self._list()  # [number, bytes]
        self._next = max(first, self._segments[-1][0] if self._segments else 0) + 1
        offset, self._offset = self._offset, 0
        while self._segments and self._segments[0][0] < first:  # The power failed before these could be removed.
            self._remove_oldest()
        if self._segments and self._segments[0][0] == first:
            self._offset = offset

    def _list(self):
        try:
            self._make_folder()
        except OSError:  # A full flash: append() tries again.
            pass
        found = []
        try:
            for entry in os.ilistdir(self._folder):
                number = _number(entry[0])
                if number >= 0:  # LittleFS lists the sizes too; asking for each would take three times as long.
                    found.append([number, entry[3] if len(entry) > 3 else self._size(number)])
        except OSError:  # A worn flash: readings continue without it, and append() reports it.
            pass
        return sorted(found)

    def _make_folder(self):
        try:
            os.mkdir(self._folder)
        except OSError as error:
            if error.args[0] != _EEXIST:
                raise

    def _append(self, records):
        size = self._segments[-1][1] if self._segments else _SEGMENT_BYTES
        if size % RECORD or size + len(records) > _SEGMENT_BYTES:  # The segment ends in a torn record, or is full.
            self._begin_segment()
        tail = self._segments[-1]
        with open(self._path(tail[0]), "ab") as file:
            if file.write(records) != len(records):
                raise OSError(_ENOSPC)
        tail[1] += len(records)

    def _begin_segment(self):
        """Begin a segment with a new number. With a reused one, an old read position could lead in the new segment."""
        while self._segments and (len(self._segments) >= self._limit or not self._has_room()):
            self._lose_oldest()
        self._segments.append([self._next, 0])
        self._next += 1

    def _has_room(self):
        """Tell whether enough blocks are free. MicroPython counts a folder's twice: a number below 0 looks enormous."""
        try:
            _, _, blocks, free = os.statvfs(self._folder)[:4]
        except OSError:  # A file of others is damaged: the write will tell.
            return True
        return _FREE_BLOCKS <= free <= blocks

    def _leave_tail(self):
        """Go on in another file. There is no folder yet if the flash was full when the board started."""
        self._make_folder()
        if self._segments and not self._segments[-1][1]:  # Never written: nothing to keep.
            self._segments.pop()
        self._begin_segment()

    def _measure_tail(self):
        """Measure the newest segment after a failed write. If records are gone, the flash has lost its newest changes."""
        if self._segments:
            before, tail = len(self), self._segments[-1]
            tail[1] = self._size(tail[0], tail[1])
            self.damaged += max(0, before - len(self))

    def _lose_oldest(self):
        self.dropped += self._unread()
        self._remove_oldest()

    def _unread(self):
        """Return how many records of the oldest segment have not been read."""
        return max(0, self._segments[0][1] - self._offset) // RECORD

    def _remove_oldest(self):
        number, _ = self._segments.pop(0)
        self._offset = 0
        if self._starts_are_new and self._segments:
            self._save_position()
        try:
            os.remove(self._path(number))
        except OSError:  # Never written, or the flash refuses: then the server recognizes the repeated records.
            pass

    def _size(self, number, known=0):
        """Return a segment's bytes: as they were `known` if its file is damaged, so that peek() counts them."""
        try:
            return os.stat(self._path(number))[6]
        except OSError as error:
            return 0 if error.args[0] == _ENOENT else known  # It was never written.

    def _path(self, number):
        return "%s/%08x.seg" % (self._folder, number)

    # Reading

    def _read(self, most):
        """Return how many whole records were read, 0 if the segment cannot be read."""
        try:
            with open(self._path(self._segments[0][0]), "rb") as file:
                file.seek(self._offset)
                return file.readinto(memoryview(self.buffer)[: most * RECORD]) // RECORD
        except OSError as error:
            if error.args[0] == _ENOMEM:  # Out of memory: nothing is wrong with the flash.
                raise
            return 0

    def _whole_of_one_boot(self, count):
        boot = unpack(self.buffer, 0)[0]
        for index in range(count):
            if not is_whole(self.buffer, index) or unpack(self.buffer, index)[0] != boot:
                return index
        return count

    def _skip_damaged(self, count):
        damaged = 1
        while damaged < count and not is_whole(self.buffer, damaged):
            damaged += 1
        self.damaged += damaged
        self._advance(damaged)

    def _advance(self, count):
        self._offset += count * RECORD
        if self._unread():
            self._save_position()
        else:
            self._remove_oldest()

    # The read position and the start times: a file small enough for LittleFS to keep it within its folder.

    def _save_position(self):
        words = [self._segments[0][0], self._offset]
        for start in self._starts:
            words.extend(start)
        data = struct.pack("<%dI" % len(words), *words)
        try:
            with open(self._folder + "/position.new", "wb") as file:
                file.write(data + checksum(data))
            os.rename(self._folder + "/position.new", self._folder + "/position")
            self._starts_are_new = False
        except OSError:  # A full flash: the position lags, and the server recognizes repeated records.
            pass

    def _load_position(self):
        """Return the segment of the read position and set its offset: 0 and 0 if there is none."""
        self._offset = 0
        try:
            with open(self._folder + "/position", "rb") as file:
                data = file.read(8 + _STARTS * 12 + 4)
        except OSError:  # Nothing has been read yet.
            return 0
        if len(data) % 12 or checksum(data[:-4]) != data[-4:]:
            return 0
        words = struct.unpack("<%dI" % (len(data) // 4 - 1), data)
        self._starts = [words[at : at + 3] for at in range(2, len(words), 3)]
        self._offset = words[1]
        return words[0]


def _number(name):
    """Return a segment's number from its file name, -1 for other files."""
    try:
        return int(name[:8], 16) if name[8:] == ".seg" else -1
    except ValueError:
        return -1
