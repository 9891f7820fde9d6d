"""The loader refuses the same packets as the chip's, and its flash holds the sent bytes."""

import hashlib
import struct
import zlib

import pytest

from tests.virtual_board import loader as protocol
from tests.virtual_board.flash_memory import SECTOR, SIZE, FlashMemory
from tests.virtual_board.loader import Loader, Reset, checksum
from tests.virtual_board.terminal import packet

pytestmark = pytest.mark.sqlite_only

MAC = "6c:ef:7f:3b:9d:e8"
IMAGE = b"\xe9" + bytes(range(256)) * 40


@pytest.fixture
def memory() -> FlashMemory:
    return FlashMemory()


@pytest.fixture
def rom(memory: FlashMemory) -> Loader:
    return Loader(memory, MAC)


@pytest.fixture
def stub(rom: Loader) -> Loader:
    """The loader with esptool's stub running."""
    assert send(rom, protocol.MEM_BEGIN, words(4, 1, 4, 0x4010E000)) == b"\0\0"
    assert send(rom, protocol.MEM_DATA, block(0, b"stub"), checksum(b"stub")) == b"\0\0"
    assert rom.answer(packet(protocol.MEM_END, words(0, 0x4010E004)))[1] == b"OHAI"
    return rom


def words(*values: int) -> bytes:
    return struct.pack(f"<{len(values)}I", *values)


def block(number: int, data: bytes) -> bytes:
    return words(len(data), number, 0, 0) + data


def send(loader: Loader, command: int, data: bytes = b"", check: int = 0) -> bytes:
    """Return the only answer without its header."""
    (answer,) = loader.answer(packet(command, data, check))
    assert answer[:2] == bytes([1, command])
    return answer[8:]


def register(loader: Loader, address: int) -> int:
    (answer,) = loader.answer(packet(protocol.READ_REG, words(address)))
    return int.from_bytes(answer[4:8], "little")


def write(loader: Loader, data: bytes, announced: int | None = None, start: int = 0) -> bytes:
    """Send data deflated in one block; return the status of that block."""
    deflated = zlib.compress(data)
    size = len(data) if announced is None else announced
    assert send(loader, protocol.DEFLATE_BEGIN, words(size, 1, len(deflated), start, 0)) == b"\0\0"
    return send(loader, protocol.DEFLATE_DATA, block(0, deflated), checksum(deflated))


def test_a_sync_is_answered_eight_times_and_tells_rom_from_stub(rom: Loader, stub: Loader) -> None:
    fresh = Loader(FlashMemory(), MAC)
    values = [[answer[4:8] for answer in a.answer(packet(protocol.SYNC, protocol.SYNC_DATA))] for a in (fresh, stub)]
    assert values[0] == [b"\x07\x07\x12\x20"] * 8
    assert values[1] == [bytes(4)] * 8


@pytest.mark.parametrize("command", [0x14, 0xD2, 0xFF, protocol.ERASE_FLASH, protocol.DEFLATE_BEGIN, protocol.MD5])
def test_the_rom_refuses_a_command_that_it_does_not_know_with_01_05(rom: Loader, command: int) -> None:
    assert send(rom, command, words(0, 0, 0, 0)) == b"\x01\x05"


def test_a_packet_that_is_shorter_than_it_says_is_refused_with_01_05(rom: Loader) -> None:
    whole = packet(protocol.MEM_BEGIN, words(4, 1, 4, 0x4010E000))
    assert rom.answer(whole[:-1])[0][8:] == b"\x01\x05"
    assert rom.answer(packet(protocol.READ_REG, b"\0"))[0][8:] == b"\x01\x05"


def test_noise_is_not_answered(rom: Loader) -> None:
    assert rom.answer(b"short") == []
    assert rom.answer(b"\x01\x08" + bytes(20)) == []


def test_a_block_with_a_bad_checksum_is_refused_and_may_come_again(rom: Loader) -> None:
    send(rom, protocol.MEM_BEGIN, words(4, 1, 4, 0x4010E000))
    assert send(rom, protocol.MEM_DATA, block(0, b"stub"), 1) == b"\x01\x07"
    assert send(rom, protocol.MEM_DATA, block(0, b"stub"), checksum(b"stub")) == b"\0\0"


def test_the_stub_names_a_bad_checksum_and_a_bad_length(stub: Loader) -> None:
    send(stub, protocol.FLASH_BEGIN, words(4, 1, 4, 0))
    assert send(stub, protocol.FLASH_DATA, block(0, b"data"), 1) == b"\xc1\0"
    assert send(stub, protocol.FLASH_DATA, words(5, 0, 0, 0) + b"data", checksum(b"data")) == b"\xc0\0"


def test_a_block_out_of_turn_is_refused(stub: Loader, memory: FlashMemory) -> None:
    send(stub, protocol.FLASH_BEGIN, words(8, 2, 4, 0))
    assert send(stub, protocol.FLASH_DATA, block(1, b"late"), checksum(b"late")) == b"\x01\x05"
    assert [send(stub, protocol.FLASH_DATA, block(n, b"data"), checksum(b"data")) for n in (0, 1)] == [b"\0\0"] * 2
    assert send(stub, protocol.FLASH_DATA, block(2, b"more"), checksum(b"more")) == b"\x01\x05"
    assert memory.content[:9] == b"datadata\xff"


def test_data_without_a_beginning_is_refused(stub: Loader) -> None:
    assert send(stub, protocol.FLASH_DATA, block(0, b"data"), checksum(b"data")) == b"\xc6\0"


def test_the_efuses_carry_the_mac_as_the_chip_has_it(rom: Loader) -> None:
    """esptool reads the maker's three bytes from the last word, the others from the first two."""
    first, second, third, last = (register(rom, 0x3FF00050 + 4 * n) for n in range(4))
    assert (last, second & 0xFFFF, first >> 24) == (0x6CEF7F, 0x3B9D, 0xE8)
    assert third == 0


@pytest.mark.parametrize(("chip", "magic"), [("ESP8266", 0xFFF0C101), ("ESP32", 0x00F01D83)])
def test_a_register_tells_which_chip_it_is(memory: FlashMemory, chip: str, magic: int) -> None:
    assert register(Loader(memory, MAC, chip), 0x40001000) == magic


def test_the_flash_tells_its_id_when_the_spi_command_runs(rom: Loader) -> None:
    send(rom, protocol.WRITE_REG, words(protocol.SPI_USER2, 7 << 28 | 0x9F, 0xFFFFFFFF, 0))
    assert register(rom, protocol.SPI_WORD0) == 0
    send(rom, protocol.WRITE_REG, words(protocol.SPI_COMMAND, 1 << 18, 0xFFFFFFFF, 0))
    assert register(rom, protocol.SPI_WORD0) == protocol.FLASH_ID
    assert register(rom, protocol.SPI_COMMAND) == 0


def test_what_was_sent_deflated_is_in_flash_and_its_md5_is_taken_there(stub: Loader, memory: FlashMemory) -> None:
    assert write(stub, IMAGE) == b"\0\0"
    assert memory.content[: len(IMAGE)] == IMAGE
    digest = send(stub, protocol.MD5, words(0, len(IMAGE), 0, 0))
    assert digest == hashlib.md5(IMAGE, usedforsecurity=False).digest() + b"\0\0"
    memory.content[100] ^= 1
    assert send(stub, protocol.MD5, words(0, len(IMAGE), 0, 0)) != digest


def test_an_image_boots_only_when_all_of_it_was_written(stub: Loader, memory: FlashMemory) -> None:
    write(stub, IMAGE, announced=len(IMAGE) + 1)
    assert not memory.bootable
    write(stub, IMAGE)
    assert memory.bootable


def test_an_image_that_was_cut_off_does_not_boot_for_what_is_written_elsewhere(
    stub: Loader, memory: FlashMemory
) -> None:
    write(stub, IMAGE, announced=len(IMAGE) + 1)
    write(stub, b"elsewhere", start=0x10000)
    assert not memory.bootable


def test_what_does_not_begin_like_an_image_does_not_boot(stub: Loader, memory: FlashMemory) -> None:
    write(stub, b"\0" + IMAGE)
    assert not memory.bootable


def test_more_than_announced_is_refused(stub: Loader) -> None:
    assert write(stub, IMAGE, announced=len(IMAGE) - 1) == b"\xc9\0"


def test_what_cannot_be_inflated_is_refused(stub: Loader) -> None:
    send(stub, protocol.DEFLATE_BEGIN, words(100, 1, 7, 0, 0))
    assert send(stub, protocol.DEFLATE_DATA, block(0, b"garbage"), checksum(b"garbage")) == b"\xc7\0"


def test_a_write_over_the_end_of_flash_is_refused(stub: Loader) -> None:
    assert send(stub, protocol.FLASH_BEGIN, words(8192, 1, 8192, SIZE - SECTOR, 0)) == b"\x01\x05"


def test_a_write_erases_the_sectors_it_comes_to_and_no_others(stub: Loader, memory: FlashMemory) -> None:
    memory.content[: 3 * SECTOR] = bytes(3 * SECTOR)
    write(stub, b"x" * 10, start=SECTOR)
    assert memory.content[:SECTOR] == bytes(SECTOR)
    assert memory.content[SECTOR : 2 * SECTOR] == b"x" * 10 + b"\xff" * (SECTOR - 10)
    assert memory.content[2 * SECTOR : 3 * SECTOR] == bytes(SECTOR)


def test_erasing_the_flash_erases_the_file_system_with_it(stub: Loader, memory: FlashMemory) -> None:
    write(stub, IMAGE)
    assert not memory.file_system_erased
    assert send(stub, protocol.ERASE_FLASH) == b"\0\0"
    assert memory.content == b"\xff" * SIZE
    assert memory.file_system_erased
    assert not memory.bootable


def test_the_rate_changes_after_the_answer(stub: Loader) -> None:
    assert send(stub, protocol.CHANGE_BAUD, words(460_800, 115_200)) == b"\0\0"
    assert stub.baud == 115_200
    stub.change_baud()
    assert stub.baud == 460_800


@pytest.mark.parametrize(("stay", "in_stub"), [(0, True), (1, False), (0, False)])
def test_the_end_of_a_write_may_reset_the_chip(memory: FlashMemory, stay: int, in_stub: bool) -> None:
    loader = Loader(memory, MAC)
    loader.in_stub = in_stub
    with pytest.raises(Reset) as reset:
        loader.answer(packet(protocol.FLASH_END, words(stay)))
    assert reset.value.into_loader == (stay == 0)


def test_the_stub_stays_where_the_end_of_a_write_says_so(stub: Loader) -> None:
    assert send(stub, protocol.DEFLATE_END, words(1)) == b"\0\0"
    assert stub.in_stub
