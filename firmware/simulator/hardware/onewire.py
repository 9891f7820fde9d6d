"""The port's frozen onewire module, with one DS18B20 on the wire (Maxim 19-7487, Rev 6).

Nonsense: its power fails during each conversion, and it restarts with 85 degC.
"""

import interrupts
import wires
from surroundings import fault, feels, noise, once, words

ROM = b"\x28\xff\x64\x1e\x0f\x5a\x3c"
POWER_ON = b"\x50\x05\x4b\x46\x7f\xff\x0c\x10"  # figure 9; alarm limits and resolution from its EEPROM
CONVERSION_MS = (94, 188, 375, 750)  # table 2, the longest, by resolution


class OneWireError(Exception):
    pass


def crc8(data):
    """Return the checksum over bytes (figure 11: x^8 + x^5 + x^4 + 1, lowest bit first)."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0x8C if crc & 1 else crc >> 1
    return crc


class DS18B20:
    """Takes bytes after a reset: a ROM command, a function command, and its data."""

    def __init__(self):
        self.scratchpad = bytearray(POWER_ON)
        self.ready_ms = 0
        self.reset()

    def reset(self):
        self.selected = False
        self.writing = 0
        self.answer = b""

    def write(self, byte):
        if self.writing:
            self.scratchpad[5 - self.writing] = byte & 0x60 | 0x1F if self.writing == 1 else byte
            self.writing -= 1
        elif not self.selected:
            self.selected = byte == 0xCC
            if byte == 0x33:
                self.answer = ROM + bytes([crc8(ROM)])
        else:
            self.function(byte)

    def function(self, command):
        if command == 0x44:
            self.convert()
        elif command == 0x4E:
            self.writing = 3
        elif command == 0xBE:
            data = bytes(self.scratchpad)
            self.answer = noise(words("answer") or data + bytes([crc8(data)]))

    def convert(self):
        if once("deaf"):
            return
        resolution = self.scratchpad[4] >> 5 & 3
        self.ready_ms = interrupts.now_ms() + CONVERSION_MS[resolution]
        if fault("nonsense") or once("blink"):
            self.scratchpad[:] = POWER_ON
            return
        sixteenths = round(feels("temperature") * 16) & 0xFFFF
        self.scratchpad[0:2] = sixteenths.to_bytes(2, "little")
        self.scratchpad[6] = 0x10 - (sixteenths & 0x0F)

    def read(self):
        if not self.answer:
            return 0xFF
        byte, self.answer = self.answer[0], self.answer[1:]
        return byte

    def busy(self):
        return interrupts.now_ms() < self.ready_ms


_chip = DS18B20()


class OneWire:
    SEARCH_ROM = 0xF0
    MATCH_ROM = 0x55
    SKIP_ROM = 0xCC

    def __init__(self, pin):
        self.pin = pin
        self.pin.init(pin.OPEN_DRAIN, pin.PULL_UP)

    def reset(self, required=False):
        present = wires.fault() != "absent"
        if required and not present:
            raise OneWireError
        _chip.reset()
        return present

    def writebyte(self, value):
        if wires.fault() not in ("absent", "bus_lost", "stuck"):
            _chip.write(value)

    def write(self, data):
        for byte in data:
            self.writebyte(byte)

    def readbit(self):
        return 0 if wires.fault() in ("bus_lost", "stuck", "hang") or _chip.busy() else 1

    def readbyte(self):
        name = wires.fault()
        if name in ("bus_lost", "stuck"):
            return 0
        return 0xFF if name == "absent" else _chip.read()

    def readinto(self, buffer):
        for i in range(len(buffer)):
            buffer[i] = self.readbyte()

    def crc8(self, data):
        return crc8(data)
