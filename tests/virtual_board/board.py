"""The virtual board: flash, loader, MicroPython and cable together, in a thread of its own.

On a pseudo-terminal there are no DTR and RTS, by which a program resets a real board into its loader. So the board
goes by the first byte: the beginning of a SLIP frame is for the loader, anything else for MicroPython.
"""

import os
import queue
import select
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from firmware.simulator.vm import DEEPSLEEP_EXIT, RESET_EXIT
from tests.virtual_board import slip
from tests.virtual_board.cable import Pty
from tests.virtual_board.flash_memory import FILE_SYSTEM_START, SIZE, FlashMemory
from tests.virtual_board.loader import Loader, Reset
from tests.virtual_board.repl import Repl

MAC = "6c:ef:7f:3b:9d:e8"
FIRMWARE_BAUD = 115_200
BOOT_TEXT_BAUD = 74_880
BOOT_TEXT = b"\r\n ets Jan  8 2013,rst cause:%d, boot mode:(3,6)\r\n\r\n"
BOOT_NOISE = b"rl\x80l\x9c\xc6\x8e|\x82\x8cl\xe2|\x82\x8c\x8c\xf2n\xe3\x82\x8e\r\n"  # BOOT_TEXT read at 115200 baud
BOOT_PY = b"# This file is executed on every boot (including wake-boot from deepsleep)\n"
FILE_SYSTEM_BYTES = SIZE - FILE_SYSTEM_START - 5 * 4096  # The SDK keeps the last 20 KiB.
POWER_ON, SOFT_RESET, HARD_RESET = 0, 4, 6  # machine.reset_cause()
TICK_S = 0.05


class VirtualBoard:
    """A context manager: inside, a board is at `port`."""

    def __init__(
        self,
        mac: str = MAC,
        chip: str = "ESP8266",
        *,
        silent: bool = False,
        md5_mismatch: bool = False,
        full: bool = False,
        slow_s: float = 0.0,
    ) -> None:
        self.mac, self.chip = mac, chip
        self.silent, self.md5_mismatch, self.full, self.slow_s = silent, md5_mismatch, full, slow_s
        self.memory = FlashMemory()
        self._home = Path(tempfile.mkdtemp(prefix="board-"))
        self.files, self.world = self._home / "files", self._home / "world"
        self.files.mkdir()
        self.world.mkdir()
        self._said = bytearray()
        self._commands: queue.SimpleQueue[tuple[Callable[[], Any], Future[Any]]] = queue.SimpleQueue()
        self._wake_reader, self._wake_writer = os.pipe()
        self._limit: int | None = None
        self._loader: Loader | None = None
        self._frames = slip.Decoder()
        self._repl: Repl | None = None
        self._wakes_s: float | None = None
        self._ended = False
        self._thread = threading.Thread(target=self._live, name="virtual board", daemon=True)

    def __enter__(self) -> Self:
        self._cable = Pty(self._home / "ttyUSB0")
        self._thread.start()
        self._do(self._power_on)
        return self

    def __exit__(self, *_: object) -> None:
        self._do(self._end)
        self._thread.join()
        os.close(self._wake_reader)
        os.close(self._wake_writer)
        shutil.rmtree(self._home)

    @property
    def port(self) -> str:
        return self._cable.port

    @property
    def printed(self) -> str:
        """What MicroPython has written to the line since the board was made."""
        return self._said.decode(errors="replace")

    @property
    def flash_bytes(self) -> bytes:
        return bytes(self.memory.content)

    @property
    def has_micropython(self) -> bool:
        return self.memory.bootable

    def install_micropython(self) -> None:
        """Have MicroPython on the board as if esptool had written it, and start it."""
        self._do(self._install)

    def unplug(self) -> None:
        """Pull the cable; it is the board's power too."""
        self._do(self._pull)

    def plug(self) -> None:
        self._do(self._plug)

    def pull_after(self, count: int) -> None:
        """Pull the cable when that many more bytes have gone over it, in both directions together."""
        self._do(lambda: setattr(self, "_limit", count))

    @contextmanager
    def busy(self) -> Iterator[None]:
        """Another program has the port."""
        with self._cable.held():
            yield

    def press_reset(self) -> None:
        self._do(lambda: self._reset(HARD_RESET))

    # Everything below runs in the board's thread.

    def _do(self, command: Callable[[], Any]) -> None:
        done: Future[Any] = Future()
        self._commands.put((command, done))
        os.write(self._wake_writer, b"!")
        done.result(timeout=10)

    def _live(self) -> None:
        while not self._ended:
            self._wait()
            self._obey()
            if self._cable.plugged:
                self._listen()
            if self._repl is not None:
                self._serve_repl(self._repl)
            elif self._wakes_s is not None and time.monotonic() >= self._wakes_s:
                self._boot()

    def _wait(self) -> None:
        fds = [self._wake_reader, *self._cable.filenos, *(self._repl.filenos if self._repl else [])]
        if self._wake_reader in select.select(fds, [], [], TICK_S)[0]:
            os.read(self._wake_reader, 1024)

    def _obey(self) -> None:
        while not self._commands.empty():
            command, done = self._commands.get()
            try:
                done.set_result(command())
            except Exception as error:  # noqa: BLE001  Whoever asked gets it.
                done.set_exception(error)

    def _end(self) -> None:
        self._power_off()
        if self._cable.plugged:
            self._cable.unplug()
        self._ended = True

    def _install(self) -> None:
        self.memory.content[0] = 0xE9
        self._power_on()

    def _plug(self) -> None:
        self._cable.plug()
        self._power_on()

    def _pull(self) -> None:
        self._limit = None
        self._power_off()
        self._cable.unplug()

    def _power_off(self) -> None:
        self._stop()
        for name in ("rtc.bin", "cause"):
            (self.world / name).unlink(missing_ok=True)

    def _power_on(self) -> None:
        self._power_off()
        self._boot()

    def _reset(self, cause: int) -> None:
        self._stop()
        (self.world / "cause").write_text(str(cause))
        self._boot()

    def _stop(self) -> None:
        """Stop whatever runs."""
        if self._repl is not None:
            self._repl.close()
        self._repl = self._loader = self._wakes_s = None
        self._frames = slip.Decoder()

    def _boot(self, *, soft: bool = False, raw: bool = False) -> None:
        """Run what is in flash; main.py does not run where the raw REPL has asked for a soft reset."""
        self._stop()
        if not soft:
            self._send(BOOT_NOISE if self._cable.baud == FIRMWARE_BAUD else BOOT_TEXT % 2)
        if self.memory.bootable:
            self._format()
            size = 0 if self.full else FILE_SYSTEM_BYTES
            self._repl = Repl(self.files, self.world, size, run_main=not raw, raw=raw)

    def _format(self) -> None:
        """MicroPython makes a file system where it finds none, with a boot.py in it."""
        if self.memory.file_system_erased:
            shutil.rmtree(self.files)
            self.files.mkdir()
            self.memory.file_system_erased = False
        if not any(self.files.iterdir()):
            (self.files / "boot.py").write_bytes(BOOT_PY)

    def _listen(self) -> None:
        data = self._count(self._cable.read())
        if self.silent:
            return
        for position, byte in enumerate(data):
            if not self._for_loader(byte):
                self._to_firmware(data[position:])
                break
            self._to_loader(byte)
        if self._limit == 0:
            self._pull()

    def _count(self, data: bytes) -> bytes:
        """Return what still comes through the cable before it is pulled."""
        if self._limit is None:
            return data
        data = data[: self._limit]
        self._limit -= len(data)
        return data

    def _for_loader(self, byte: int) -> bool:
        return self._frames.inside or byte == slip.END

    def _to_loader(self, byte: int) -> None:
        if self._loader is None or self._loader.baud != self._cable.baud:
            self._start_loader()
        packet = self._frames.take(byte)
        if packet and self._loader:
            self._answer(self._loader, packet)

    def _start_loader(self) -> None:
        self._stop()
        self._loader = Loader(self.memory, self.mac, self.chip, md5_mismatch=self.md5_mismatch)
        self._loader.baud = self._cable.baud  # The ROM finds the rate by itself.

    def _answer(self, loader: Loader, packet: bytes) -> None:
        time.sleep(self.slow_s)
        try:
            answers = loader.answer(packet)
        except Reset as reset:
            self._send(slip.encode(reset.answer))
            self._start_loader() if reset.into_loader else self._reset(SOFT_RESET)
            return
        self._send(b"".join(map(slip.encode, answers)))

    def _to_firmware(self, data: bytes) -> None:
        if self._loader is not None:
            self._reset(HARD_RESET)
        if self._repl is not None and self._cable.baud == FIRMWARE_BAUD:
            self._repl.take(data)

    def _serve_repl(self, repl: Repl) -> None:
        code = repl.exit_code
        said = repl.poll()
        self._said += said
        if said:
            time.sleep(self.slow_s)
            self._send(said)
        if self._repl is not repl:
            return  # The cable was pulled while it spoke.
        if code is not None:
            self._after(code)
        elif repl.soft_reset:
            self._boot(soft=True, raw=repl.raw)

    def _after(self, code: int) -> None:
        """The VM has ended by itself."""
        if code == RESET_EXIT:
            self._boot()
        elif code == DEEPSLEEP_EXIT:
            self._stop()
            asked_ms = int((self.world / "sleep_ms").read_text())
            self._wakes_s = time.monotonic() + asked_ms / 1000 if asked_ms else None
        else:
            self._boot(soft=True, raw=True)
            self._repl.raw = False

    def _send(self, data: bytes) -> None:
        if not self._cable.plugged or self.silent:
            return
        self._cable.write(self._count(data))
        if self._limit == 0:
            self._pull()
