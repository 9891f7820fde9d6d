"""The ESP8266's loader in ROM, and the stub that esptool puts into its RAM.

The protocol is in esptool's documentation ("Serial Protocol"): packets consist of direction, command, size, checksum or
value, and data. An answer ends with a status of two bytes, 00 00 or a failure and its reason.
"""

import struct
import zlib
from collections.abc import Callable
from functools import reduce
from operator import xor

from tests.virtual_board.flash_memory import FlashMemory, Writing

MAGICS = {"ESP8266": 0xFFF0C101, "ESP32": 0x00F01D83, "unknown": 0x12345678}
MAGIC_ADDRESS = 0x40001000
UART_DIVIDER_ADDRESS = 0x60000014
UART_CLOCK_HZ = 52_000_000  # twice the crystal's 26 MHz
EFUSE_ADDRESS = 0x3FF00050
SPI_COMMAND, SPI_USER2, SPI_WORD0 = 0x60000200, 0x60000224, 0x60000240
SPI_RUN = 1 << 18
READ_FLASH_ID = 0x9F
FLASH_ID = 0x1640EF  # Winbond, 4 MB
SYNC_DATA = b"\x07\x07\x12\x20" + b"\x55" * 32
SYNC_ANSWERS = 8
CHECKSUM_SEED = 0xEF
ROM_BAUD = 115_200

SYNC, READ_REG, WRITE_REG = 0x08, 0x0A, 0x09
MEM_BEGIN, MEM_END, MEM_DATA = 0x05, 0x06, 0x07
FLASH_BEGIN, FLASH_DATA, FLASH_END = 0x02, 0x03, 0x04
DEFLATE_BEGIN, DEFLATE_DATA, DEFLATE_END = 0x10, 0x11, 0x12
SET_PARAMETERS, ATTACH, CHANGE_BAUD, MD5 = 0x0B, 0x0D, 0x0F, 0x13
ERASE_FLASH, ERASE_REGION, RUN_USER_CODE = 0xD0, 0xD1, 0xD3

OK = b"\0\0"
INVALID, BAD_CHECKSUM = b"\x01\x05", b"\x01\x07"
STUB_BAD_SIZE, STUB_BAD_CHECKSUM, NOT_WRITING, INFLATE_FAILED, TOO_MUCH = (
    bytes([n, 0]) for n in (0xC0, 0xC1, 0xC6, 0xC7, 0xC9)
)


class RefusedError(Exception):
    """A packet that is answered with a failure: args[0] is its status."""


class Reset(Exception):  # noqa: N818
    """The packet restarts the board, into its loader or its firmware, after this last answer."""

    def __init__(self, answer: bytes, *, into_loader: bool) -> None:
        super().__init__()
        self.answer, self.into_loader = answer, into_loader


def checksum(data: bytes) -> int:
    return reduce(xor, data, CHECKSUM_SEED)


class Transfer:
    """A sequence of numbered blocks into RAM or flash."""

    def __init__(self, blocks: int, write: Callable[[bytes], None]) -> None:
        self._blocks, self._write = blocks, write
        self._next = 0

    def take(self, number: int, block: bytes) -> None:
        """Take a block. One out of turn is refused; a refused one may come again."""
        if number != self._next or number >= self._blocks:
            raise RefusedError(INVALID)
        self._write(block)
        self._next += 1


class Loader:
    """Answers packets; `baud` is its rate."""

    def __init__(
        self,
        memory: FlashMemory,
        mac: str,
        chip: str = "ESP8266",
        *,
        md5_mismatch: bool = False,
        flash_id: int | None = None,
    ) -> None:
        self.memory, self.md5_mismatch = memory, md5_mismatch
        self.flash_id = FLASH_ID if flash_id is None else flash_id
        self.baud = ROM_BAUD
        self.in_stub = False
        self._next_baud = 0
        self._transfer: Transfer | None = None
        self._registers = {MAGIC_ADDRESS: MAGICS[chip], **_efuses(mac)}
        self._rom = {
            SYNC: self._sync,
            READ_REG: self._read_register,
            WRITE_REG: self._write_registers,
            MEM_BEGIN: self._begin_ram,
            MEM_DATA: self._data,
            MEM_END: self._end_ram,
            FLASH_BEGIN: self._begin_flash,
            FLASH_DATA: self._data,
            FLASH_END: self._end_flash,
        }
        self._stub = {
            SET_PARAMETERS: self._nothing,
            ATTACH: self._nothing,
            CHANGE_BAUD: self._agree_to_baud,
            DEFLATE_BEGIN: self._begin_deflated,
            DEFLATE_DATA: self._data,
            DEFLATE_END: self._end_flash,
            MD5: self._md5,
            ERASE_FLASH: self._erase_flash,
            ERASE_REGION: self._erase_region,
            RUN_USER_CODE: self._run_user_code,
        }

    def answer(self, packet: bytes) -> list[bytes]:
        """Return the answers to this packet. Raises Reset."""
        if len(packet) < 8:
            return []
        direction, command, size, check = struct.unpack("<BBHI", packet[:8])
        if direction != 0:
            return []
        try:
            return self._act(command, packet[8:], size, check)
        except RefusedError as error:
            return [_answer(command, status=error.args[0])]

    def change_baud(self) -> None:
        """Switch to the rate that the last answer agreed to."""
        self.baud, self._next_baud = self._next_baud or self.baud, 0

    def _act(self, command: int, data: bytes, size: int, check: int) -> list[bytes]:
        known = self._rom | self._stub if self.in_stub else self._rom
        if command not in known or size != len(data):
            raise RefusedError(INVALID)
        if command in (MEM_DATA, FLASH_DATA, DEFLATE_DATA):
            self._verify(data, check)
        return known[command](command, data)

    def _verify(self, data: bytes, check: int) -> None:
        if len(data) < 16 or struct.unpack("<I", data[:4])[0] != len(data) - 16:
            raise RefusedError(STUB_BAD_SIZE if self.in_stub else INVALID)
        if checksum(data[16:]) != check:
            raise RefusedError(STUB_BAD_CHECKSUM if self.in_stub else BAD_CHECKSUM)

    def _nothing(self, command: int, data: bytes) -> list[bytes]:
        return [_answer(command)]

    def _sync(self, command: int, data: bytes) -> list[bytes]:
        """Answer a SYNC. ROM and stub answer alike, except for the value, by which esptool tells them apart."""
        if data != SYNC_DATA:
            raise RefusedError(INVALID)
        return [_answer(command, value=0 if self.in_stub else 0x20120707)] * SYNC_ANSWERS

    def _read_register(self, command: int, data: bytes) -> list[bytes]:
        (address,) = _words(data, 1)
        if address == UART_DIVIDER_ADDRESS:
            return [_answer(command, value=UART_CLOCK_HZ // self.baud)]
        return [_answer(command, value=self._registers.get(address, 0))]

    def _write_registers(self, command: int, data: bytes) -> list[bytes]:
        address, value, mask, _ = _words(data, 4)
        self._registers[address] = self._registers.get(address, 0) & ~mask | value & mask
        if address == SPI_COMMAND and value & SPI_RUN:
            self._ask_flash()
        return [_answer(command)]

    def _ask_flash(self) -> None:
        asked = self._registers.get(SPI_USER2, 0) & 0xFF
        self._registers[SPI_WORD0] = self.flash_id if asked == READ_FLASH_ID else 0
        self._registers[SPI_COMMAND] = 0  # The bit falls when the command is done.

    def _begin_ram(self, command: int, data: bytes) -> list[bytes]:
        _, blocks, _, _ = _words(data, 4)
        self._transfer = Transfer(blocks, lambda _: None)
        return [_answer(command)]

    def _end_ram(self, command: int, data: bytes) -> list[bytes]:
        """Jump to the entry point: the loaded program is taken for the stub, which says OHAI."""
        stay, _ = _words(data, 2)
        self._transfer, self.in_stub = None, not stay
        return [_answer(command)] + ([] if stay else [b"OHAI"])

    def _begin_flash(self, command: int, data: bytes) -> list[bytes]:
        return self._begin(command, data, deflated=False)

    def _begin_deflated(self, command: int, data: bytes) -> list[bytes]:
        return self._begin(command, data, deflated=True)

    def _begin(self, command: int, data: bytes, *, deflated: bool) -> list[bytes]:
        size, blocks, block_size, start = _words(data, 4)
        if not self.in_stub:
            size = blocks * block_size  # esptool tells the ROM another size, because of a bug in its erasing.
        if start + size > len(self.memory.content):
            raise RefusedError(INVALID)
        self._transfer = Transfer(blocks, Writing(self.memory, start, size, deflated=deflated).take)
        return [_answer(command)]

    def _data(self, command: int, data: bytes) -> list[bytes]:
        if self._transfer is None:
            raise RefusedError(NOT_WRITING)
        _, number, _, _ = _words(data, 4)
        try:
            self._transfer.take(number, data[16:])
        except zlib.error as error:
            raise RefusedError(INFLATE_FAILED) from error
        except ValueError as error:
            raise RefusedError(TOO_MUCH) from error
        return [_answer(command)]

    def _end_flash(self, command: int, data: bytes) -> list[bytes]:
        """Restart the chip for 0, into the loader as its pins say; else the stub stays, and the ROM runs the flash."""
        (stay,) = _words(data, 1)
        self._transfer = None
        if not stay or not self.in_stub:
            raise Reset(_answer(command), into_loader=not stay)
        return [_answer(command)]

    def _agree_to_baud(self, command: int, data: bytes) -> list[bytes]:
        """Answer at the old rate: `baud` changes with the next call of change_baud."""
        self._next_baud, _ = _words(data, 2)
        return [_answer(command)]

    def _md5(self, command: int, data: bytes) -> list[bytes]:
        start, size, _, _ = _words(data, 4)
        digest = self.memory.md5(start, size)
        return [_answer(command, data=bytes(16) if self.md5_mismatch else digest)]

    def _erase_flash(self, command: int, data: bytes) -> list[bytes]:
        self.memory.erase()
        return [_answer(command)]

    def _erase_region(self, command: int, data: bytes) -> list[bytes]:
        self.memory.erase(*_words(data, 2))
        return [_answer(command)]

    def _run_user_code(self, command: int, data: bytes) -> list[bytes]:
        raise Reset(_answer(command), into_loader=False)


def _words(data: bytes, count: int) -> tuple[int, ...]:
    """Return the first words of a packet's data; more may follow, as in esptool's longer forms."""
    if len(data) < 4 * count:
        raise RefusedError(INVALID)
    return struct.unpack(f"<{count}I", data[: 4 * count])


def _answer(command: int, value: int = 0, data: bytes = b"", status: bytes = OK) -> bytes:
    return struct.pack("<BBHI", 1, command, len(data) + len(status), value) + data + status


def _efuses(mac: str) -> dict[int, int]:
    """Return the fuses with the MAC: its first three bytes in the last word, the others in the first two."""
    a, b, c, d, e, f = bytes.fromhex(mac.replace(":", ""))
    words = (f << 24, d << 8 | e, 0, a << 16 | b << 8 | c)
    return {EFUSE_ADDRESS + 4 * number: word for number, word in enumerate(words)}
