"""The board itself: flash, loader and MicroPython at the end of a cable.

DTR and RTS reset a real board, also into its loader. On a cable without them, the board decides by the first byte: the
beginning of a SLIP frame is for the loader, anything else for MicroPython. No text in UTF-8 has such a byte.
"""

import shutil
import time
from collections.abc import Callable, Collection
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import NamedTuple

from firmware.simulator.vm import DEEPSLEEP_EXIT, HARD_RESET, RESET_EXIT, VirtualMachine
from tests.virtual_board import slip
from tests.virtual_board.cable import Cable
from tests.virtual_board.flash_memory import MODES, SIZE, FlashMemory
from tests.virtual_board.loader import Loader, Reset
from tests.virtual_board.repl import MicroPython, Repl

MAC = "6c:ef:7f:3b:9d:e8"
FIRMWARE_BAUD, BOOT_BAUD = 115_200, 74_880
BOOT_TEXT = b"\r\n ets Jan  8 2013,rst cause:2, boot mode:(3,6)\r\n\r\n"
NO_IMAGE_TEXT = b"csum err\r\nets_main.c \r\n"
NO_RADIO_TEXT = b"rf_cal[0] !=0x05,is 0xFF\r\n"  # Over and over: MicroPython cannot write the calibration data there.
BOOT_PY = b"# This file is executed on every boot (including wake-boot from deepsleep)\n"
SOFT_RESET, WATCHDOG_RESET = 4, 3  # machine.reset_cause()
WATCHDOG_S = 3.2  # The port's watchdog bites after 1.6 to 3.2 s.


class Alarm(NamedTuple):
    """An event at a time of time.monotonic(): the end of a deep sleep, or the watchdog's bite."""

    at_s: float
    action: Callable[[], None]


@dataclass(eq=False)
class Board:
    """Its properties and faults may be changed at any time. `home` is a folder for its files."""

    home: Path
    cable: Cable
    _: KW_ONLY
    mac: str = MAC
    chip: str = "ESP8266"  # or "ESP32", or "unknown"
    micropython: tuple[int, int, int] = (1, 28, 0)  # the version that it claims
    silent: bool = False  # It does not answer, as with a cable that only charges.
    md5_mismatch: bool = False  # Flash does not return the written bytes.
    full: bool = False  # The file system is full, from the next reset on, even a soft one.
    flash_id: int | None = None  # of the flash chip; None: the loader's FLASH_ID
    flash_modes: Collection[str] = tuple(MODES.values())  # in which its flash chip can be read
    slow_s: float = 0.0  # An extra delay for each answer.

    def __post_init__(self) -> None:
        self.memory = FlashMemory()
        self.files, self.world = self.home / "files", self.home / "world"
        self.files.mkdir()
        self.world.mkdir()
        self._printed = bytearray()
        self._frames = slip.Decoder()
        self._loader: Loader | None = None
        self._repl: Repl | None = None
        self._alarm: Alarm | None = None

    @property
    def filenos(self) -> list[int]:
        """The file descriptors to wait for."""
        return self.cable.filenos + ([] if self._repl is None else self._repl.filenos)

    @property
    def printed(self) -> str:
        """All of MicroPython's output, including the REPL, since the board was made."""
        return self._printed.decode(errors="replace")

    @property
    def flash_bytes(self) -> bytes:
        return bytes(self.memory.content)

    @property
    def has_micropython(self) -> bool:
        return self.memory.bootable

    def power_on(self) -> None:
        self.power_off()
        self._boot()

    def power_off(self) -> None:
        self._stop()
        for name in ("rtc.bin", "cause"):
            (self.world / name).unlink(missing_ok=True)

    def reset(self, cause: int = HARD_RESET) -> None:
        self._stop()
        (self.world / "cause").write_text(str(cause))
        self._boot()

    def enter_loader(self) -> None:
        """Start the loader in ROM, which detects the rate by itself."""
        self._stop()
        facts = {"md5_mismatch": self.md5_mismatch, "flash_id": self.flash_id}
        self._loader = Loader(self.memory, self.mac, self.chip, **facts)
        self._loader.baud = self.cable.baud

    def take(self, data: bytes) -> None:
        """Take bytes from the cable."""
        while data and not self.silent:
            loader = self._loader_for(data)
            if loader is None:
                self._take_as_firmware(data)
                return
            packet, data = self._frames.take(data)
            if packet and loader.baud == self.cable.baud:
                self._answer(loader, packet)

    def live(self) -> None:
        """Do the work that is due. The cable brings power, too."""
        if self.cable.plugged:
            data = self.cable.read()
            self._obey_lines()
            self.take(data)
        if not self.cable.plugged:
            self.power_off()
        elif self._alarm is not None and time.monotonic() >= self._alarm.at_s:
            self._alarm.action()
        elif self._repl is not None:
            self._serve(self._repl)

    def _obey_lines(self) -> None:
        into_loader = self.cable.take_reset()
        if into_loader is not None:
            self.enter_loader() if into_loader else self.reset()

    def _loader_for(self, data: bytes) -> Loader | None:
        """Return the loader if these bytes are for it."""
        if self.cable.has_modem_lines:
            return self._loader
        if not self._frames.inside and not data.startswith(slip.END):
            return None
        if self._loader is None or self._loader.baud != self.cable.baud:
            self.enter_loader()  # The program believes that it has reset the board.
        return self._loader

    def _answer(self, loader: Loader, packet: bytes) -> None:
        time.sleep(self.slow_s)
        try:
            answers = loader.answer(packet)
        except Reset as reset:
            self._send(slip.encode(reset.answer))
            self.enter_loader() if reset.into_loader else self.reset(SOFT_RESET)
        else:
            self._send(b"".join(map(slip.encode, answers)))
            loader.change_baud()

    def _take_as_firmware(self, data: bytes) -> None:
        if self._loader is not None:
            self.reset()
        if self._repl is not None and self.cable.baud == FIRMWARE_BAUD:
            self._repl.take(data)

    def _serve(self, repl: Repl) -> None:
        code = repl.exit_code  # Read first, so that no output before its end is missed.
        if said := repl.poll():
            time.sleep(self.slow_s)
            self._say(said)
        if code is not None:
            self._after(code, repl)
        elif repl.soft_reset:
            self._reset_softly(repl)

    def _reset_softly(self, repl: Repl) -> None:
        """Reset softly. The watchdog survives it, but not the timer that feeds it."""
        alarm = self._alarm
        if repl.watched:
            alarm = Alarm(time.monotonic() + WATCHDOG_S, lambda: self.reset(WATCHDOG_RESET))
        self._start(run_main=not repl.raw, raw=repl.raw)
        self._alarm = alarm

    def _after(self, code: int, ended: Repl) -> None:
        """Go on after MicroPython's end. Its own end, or an interrupt that it did not notice, leads to its REPL."""
        self._stop()
        if code == RESET_EXIT:
            self._boot()
        elif code == DEEPSLEEP_EXIT:
            self._sleep(int((self.world / "sleep_ms").read_text()))
        else:
            self._say(b"KeyboardInterrupt: \r\n")
            self._start(run_main=False)
            self._take_as_firmware(bytes(ended.waiting))

    def _sleep(self, duration_ms: int) -> None:
        """Sleep as long as deepsleep() asked; 0 means forever."""
        if duration_ms:
            speed = float(VirtualMachine(self.files, self.world).facts.get("speed", 1))
            self._alarm = Alarm(time.monotonic() + duration_ms / 1000 / speed, self._boot)

    def _stop(self) -> None:
        """Stop the running program."""
        if self._repl is not None:
            self._repl.close()
        self._repl = self._loader = self._alarm = None
        self._frames = slip.Decoder()

    def _boot(self) -> None:
        """Run the program in flash."""
        self._stop()
        self._send(BOOT_TEXT, BOOT_BAUD)
        if not self.memory.bootable or self.memory.mode not in self.flash_modes:
            self._send(NO_IMAGE_TEXT, BOOT_BAUD)
        elif self.memory.said_size > SIZE or self.memory.file_system_bytes < 0:
            self._send(NO_RADIO_TEXT, BOOT_BAUD)
        else:
            self._format()
            self._start(run_main=True)

    def _start(self, *, run_main: bool, raw: bool = False) -> None:
        self._stop()
        micropython = MicroPython(
            self.files, self.world, 0 if self.full else self.memory.file_system_bytes, self.micropython
        )
        self._repl = Repl(micropython, run_main=run_main, raw=raw)

    def _format(self) -> None:
        """Make a file system with a boot.py in it if there is none, as MicroPython does."""
        if self.memory.file_system_erased:
            shutil.rmtree(self.files)
            self.files.mkdir()
            self.memory.file_system_erased = False
        if not any(self.files.iterdir()):
            (self.files / "boot.py").write_bytes(BOOT_PY)

    def _say(self, data: bytes) -> None:
        self._printed += data
        self._send(data, FIRMWARE_BAUD)

    def _send(self, data: bytes, baud: int | None = None) -> None:
        """Send at a rate. It looks like noise when read at another."""
        if self.cable.plugged and not self.silent:
            clear = baud in (None, self.cable.baud)
            self.cable.write(data if clear else bytes(byte | 0x80 for byte in data))
