"""The flash of the board: 4 MiB, 0xFF where erased."""

import hashlib
import zlib

SIZE = 4 * 1024 * 1024
SECTOR = 4096
FILE_SYSTEM_START = 0x100000  # MicroPython keeps its file system above the firmware,
SDK_BYTES = 5 * SECTOR  # and the SDK its parameters at the end.
IMAGE_MAGIC = 0xE9
MODES = {0: "qio", 1: "qout", 2: "dio", 3: "dout"}  # Byte 2 of an image's header,
SIZES = {2: 1, 3: 2, 4: 4, 8: 8, 9: 16}  # and the upper half of byte 3, in MiB.


class FlashMemory:
    """The bytes, and whether the write at 0 was cut off."""

    def __init__(self) -> None:
        self.content = bytearray(b"\xff" * SIZE)
        self.torn = False
        self.file_system_erased = False

    @property
    def bootable(self) -> bool:
        """Whether a completely written image begins at 0."""
        return self.content[0] == IMAGE_MAGIC and not self.torn

    @property
    def mode(self) -> str:
        """The mode that the image's header names."""
        return MODES.get(self.content[2], "dio")

    @property
    def said_size(self) -> int:
        """The size that the image's header names."""
        return SIZES.get(self.content[3] >> 4, 4) * 2**20

    @property
    def file_system_bytes(self) -> int:
        return self.said_size - FILE_SYSTEM_START - SDK_BYTES

    def erase(self, start: int = 0, size: int = SIZE) -> None:
        self.content[start : start + size] = b"\xff" * size
        self.file_system_erased |= start + size > FILE_SYSTEM_START
        self.torn &= start > 0

    def md5(self, start: int, size: int) -> bytes:
        return hashlib.md5(self.content[start : start + size], usedforsecurity=False).digest()


class Writing:
    """One write of `size` bytes. It erases each sector when it reaches it, as the stub does."""

    def __init__(self, memory: FlashMemory, start: int, size: int, *, deflated: bool) -> None:
        self._memory, self._at, self._end = memory, start, start + size
        self._erased_to = start - start % SECTOR
        self._inflate = zlib.decompressobj() if deflated else None
        self._is_image = start == 0 and size > 0
        memory.torn |= self._is_image

    def take(self, block: bytes) -> None:
        """Write a block. Raises zlib.error if it cannot be inflated and ValueError if it exceeds the announced size."""
        data = self._inflate.decompress(block) if self._inflate else block[: self._end - self._at]
        if self._at + len(data) > self._end:
            raise ValueError("more data than announced")
        while self._erased_to < self._at + len(data):
            self._memory.erase(self._erased_to, SECTOR)
            self._erased_to += SECTOR
        self._memory.content[self._at : self._at + len(data)] = data
        self._at += len(data)
        if self._is_image:
            self._memory.torn = self._at < self._end
