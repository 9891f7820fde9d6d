"""MicroPython on the board: its VM, and the REPL that is spoken to it.

The raw REPL is described in MicroPython's documentation: CTRL-A enters it, CTRL-B leaves it, CTRL-D runs what was sent,
or with nothing sent resets softly, CTRL-C interrupts. Raw paste is answered with "R\\x00": understood, not supported.
"""

import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path

from firmware.simulator.vm import HARDWARE, micropython

EXECUTOR = Path(__file__).parent / "vm" / "executor.py"
HOST = "/.host"  # as in executor.py
CTRL_A, CTRL_B, CTRL_C, CTRL_D, CTRL_E = range(1, 6)
BANNER = b'MicroPython v1.28.0 on 2026-01-01; ESP module with ESP8266\r\nType "help()" for more information.\r\n'
PROMPT = b">>> "
RAW_BANNER = b"raw REPL; CTRL-B to exit\r\n"
SOFT_REBOOT = b"MPY: soft reboot\r\n"
RAW_PASTE_ASKED, RAW_PASTE_REFUSED = b"\x05A\x01", b"R\x00"
INTERRUPT_S = 2.0  # How long an interrupt may go unnoticed before what was typed after it is taken.


class Repl:
    """One life of the VM from reset to reset: take() is given what the cable brings, poll() returns what it answers."""

    def __init__(self, folder: Path, world: Path, flash_bytes: int, *, run_main: bool, raw: bool = False) -> None:
        self.raw = raw
        self.soft_reset = False  # Whether CTRL-D has asked for one.
        self._typed = bytearray()
        self._waiting = bytearray()
        self._out = bytearray()
        self._ready = False  # An interrupt would kill a VM that is still starting.
        self._interrupted_s: float | None = None
        self._startup = [name for name in ("boot.py", "main.py") if (run_main or name == "boot.py")]
        self._folder = folder
        self._vm = _start(folder, world, flash_bytes)
        self._busy = self._starting = True
        self._next_startup()

    @property
    def filenos(self) -> list[int]:
        assert self._vm.stdout
        assert self._vm.stderr
        return [self._vm.stdout.fileno(), self._vm.stderr.fileno()]

    @property
    def exit_code(self) -> int | None:
        """What the VM ended with: machine.reset() and the like; None while it lives."""
        return self._vm.poll()

    def close(self) -> None:
        self._vm.kill()
        self._vm.wait()
        for pipe in (self._vm.stdin, self._vm.stdout, self._vm.stderr):
            assert pipe
            with contextlib.suppress(BrokenPipeError):
                pipe.close()

    def take(self, data: bytes) -> None:
        self._waiting += data
        self._interrupt_if_asked()
        self._work()

    def poll(self) -> bytes:
        """Return what the board says since the last poll."""
        out, err = self.filenos
        status = _read(err)  # First: what was printed before the status is then in the other pipe.
        self._out += _read(out).replace(b"\n", b"\r\n")
        for mark in status:
            if mark == ord("k"):
                self._interrupted_s = None
            elif mark == ord("d"):
                self._done()
            elif mark == ord("r"):
                self._ready = True
        self._interrupt_if_asked()
        self._work()
        said, self._out = bytes(self._out), bytearray()
        return said

    def _interrupt_if_asked(self) -> None:
        if self._ready and self._busy and CTRL_C in self._waiting:
            self._waiting.remove(CTRL_C)
            if self._interrupted_s is None or time.monotonic() - self._interrupted_s > INTERRUPT_S:
                self._interrupted_s = time.monotonic()
                self._vm.send_signal(signal.SIGINT)

    def _work(self) -> None:
        """Take what was typed while nothing runs, and when an interrupt has been noticed: it could swallow the rest."""
        while self._waiting and not self._busy and not self.soft_reset and not self._interrupt_pending():
            self._key(self._waiting.pop(0))

    def _interrupt_pending(self) -> bool:
        return self._interrupted_s is not None and time.monotonic() - self._interrupted_s < INTERRUPT_S

    def _done(self) -> None:
        if self._starting:
            self._next_startup()
        else:
            self._prompt()

    def _prompt(self) -> None:
        self._busy = False
        self._out += b">" if self.raw else PROMPT

    def _next_startup(self) -> None:
        """Run boot.py and main.py where they are, then say what a board says that is ready."""
        while self._startup:
            path = self._folder / self._startup.pop(0)
            if path.exists():
                self._send("plain", path.name, path.read_bytes())
                return
        self._starting = False
        self._out += RAW_BANNER if self.raw else BANNER
        self._prompt()

    def _send(self, how: str, name: str, source: bytes) -> None:
        self._busy = True
        assert self._vm.stdin
        with contextlib.suppress(BrokenPipeError):  # It has ended: exit_code tells.
            self._vm.stdin.write(b"%s %s %d\n" % (how.encode(), name.encode(), len(source)) + source)
            self._vm.stdin.flush()

    def _key(self, key: int) -> None:
        if key == CTRL_A and self._typed != RAW_PASTE_ASKED[:2]:
            self._enter(raw=True)
        elif key == CTRL_B:
            self._enter(raw=False)
        elif self.raw:
            self._raw_key(key)
        else:
            self._friendly_key(key)

    def _enter(self, *, raw: bool) -> None:
        self.raw = raw
        self._typed.clear()
        self._out += b"\r\n" + (RAW_BANNER + b">" if raw else BANNER + PROMPT)

    def _raw_key(self, key: int) -> None:
        if key == CTRL_C:
            self._typed.clear()
        elif key == CTRL_D:
            self._end_of_raw()
        else:
            self._typed.append(key)
            self._refuse_raw_paste()

    def _refuse_raw_paste(self) -> None:
        if self._typed == RAW_PASTE_ASKED:
            self._typed.clear()
            self._out += RAW_PASTE_REFUSED

    def _end_of_raw(self) -> None:
        source = bytes(self._typed)
        self._typed.clear()
        self._out += b"OK"
        if source:
            self._send("raw", "<stdin>", source)
        else:
            self._out += b"\r\n" + SOFT_REBOOT
            self.soft_reset = True

    def _friendly_key(self, key: int) -> None:
        """Echo what is typed and run a line at its end; CTRL-D resets only on an empty line."""
        if key == CTRL_C:
            self._typed.clear()
            self._out += b"\r\n" + PROMPT
        elif key == CTRL_D and not self._typed:
            self._out += b"\r\n" + SOFT_REBOOT
            self.soft_reset = True
        elif key == ord("\r"):
            self._end_of_line()
        elif key >= ord(" "):
            self._typed.append(key)
            self._out.append(key)

    def _end_of_line(self) -> None:
        line = bytes(self._typed)
        self._typed.clear()
        self._out += b"\r\n"
        if line.strip():
            self._send("plain", "<stdin>", line)
        else:
            self._out += PROMPT


def _start(folder: Path, world: Path, flash_bytes: int) -> subprocess.Popen[bytes]:
    vm = subprocess.Popen(
        [micropython(), str(EXECUTOR)],
        cwd=folder,
        env=os.environ
        | {
            "FREETEMP_WORLD": f"{HOST}{world}",
            "FREETEMP_FLASH": str(folder),
            "FREETEMP_FLASH_BYTES": str(flash_bytes),
            "FREETEMP_HARDWARE": str(HARDWARE),
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C in the terminal of the tests is not Ctrl-C on the board.
    )
    assert vm.stdout
    assert vm.stderr
    for pipe in (vm.stdout, vm.stderr):
        os.set_blocking(pipe.fileno(), False)
    return vm


def _read(fd: int) -> bytes:
    """Return what is there now; b"" also at the end."""
    try:
        return os.read(fd, 65_536)
    except BlockingIOError:
        return b""
