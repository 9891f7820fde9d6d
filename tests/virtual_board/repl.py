"""MicroPython on the board: its VM, and its REPL.

MicroPython's documentation describes the raw REPL: CTRL-A enters it, CTRL-B leaves it, CTRL-D runs the sent program, or
resets softly if none was sent, CTRL-C interrupts. Raw paste is answered with "R\\x00": understood, not supported.
"""

import contextlib
import os
import subprocess
import time
from pathlib import Path
from typing import NamedTuple

from firmware.simulator.vm import HARDWARE, micropython

EXECUTOR = Path(__file__).parent / "vm" / "executor.py"
HOST = "/.host"  # as in executor.py
BOOT, MAIN, TYPED = "boot.py", "main.py", "<stdin>"
CTRL_A, CTRL_B, CTRL_C, CTRL_D = range(1, 5)
BANNER = b'MicroPython v%d.%d.%d on 2026-01-01; ESP module with ESP8266\r\nType "help()" for more information.\r\n'
PROMPT, RAW_PROMPT = b">>> ", b">"
RAW_BANNER = b"raw REPL; CTRL-B to exit\r\n"
SOFT_REBOOT = b"MPY: soft reboot\r\n"
RAW_PASTE_ASKED, RAW_PASTE_REFUSED = b"\x05A\x01", b"R\x00"
# Code that has not noticed an interrupt by then is not waiting for anything: it is ended from outside.
INTERRUPT_S = 5.0


class MicroPython(NamedTuple):
    """The settings of a VM; no more than flash_bytes fit into its files."""

    files: Path
    world: Path
    flash_bytes: int
    version: tuple[int, int, int]


class Repl:
    """One life of the VM from reset to reset: take() takes bytes from the cable, poll() returns the answers."""

    def __init__(self, micropython: MicroPython, *, run_main: bool, raw: bool = False) -> None:
        self.raw = raw
        self.soft_reset = False  # Whether CTRL-D has asked for one.
        self.watched = False  # Whether a watchdog has been started.
        self.waiting = bytearray()  # Received bytes that are not handled yet.
        self._typed = bytearray()
        self._said = bytearray()
        self._banner = BANNER % micropython.version
        self._files = micropython.files
        self._startup = [BOOT, MAIN] if run_main else [BOOT]
        self._running: str | None = None  # The VM's current task, until it has ended.
        self._interrupted_s: float | None = None
        self._starting = True
        self._vm = _start(micropython)
        self._start_up()

    @property
    def filenos(self) -> list[int]:
        assert self._vm.stdout
        assert self._vm.stderr
        return [self._vm.stdout.fileno(), self._vm.stderr.fileno()]

    @property
    def exit_code(self) -> int | None:
        """The VM's exit code, for machine.reset() and the like; None while it lives."""
        return self._vm.poll()

    def close(self) -> None:
        self._vm.kill()
        self._vm.wait()
        for pipe in (self._vm.stdin, self._vm.stdout, self._vm.stderr):
            assert pipe
            with contextlib.suppress(BrokenPipeError):
                pipe.close()

    def take(self, data: bytes) -> None:
        self.waiting += data
        self._work()

    def poll(self) -> bytes:
        """Return the board's output since the last poll."""
        out, err = self.filenos
        status = _read(err)  # Read first: output printed before the status is then in the other pipe.
        self._said += _read(out).replace(b"\n", b"\r\n")
        for mark in status.decode(errors="replace"):
            self._note(mark)
        self._work()
        self._end_what_notices_no_interrupt()
        said, self._said = bytes(self._said), bytearray()
        return said

    def _note(self, mark: str) -> None:
        """Handle one of the executor's marks."""
        if mark == "k":
            self._interrupted_s = None
        elif mark == "w":
            self.watched = True
        elif mark == "d":
            self._running = None
            self._start_up() if self._starting else self._prompt()

    def _start_up(self) -> None:
        """Run boot.py and main.py if they exist, then print the banner of a ready board."""
        while self._startup:
            path = self._files / self._startup.pop(0)
            if path.exists():
                self._send("plain", path.name, path.read_bytes())
                return
        self._starting = False
        self._said += RAW_BANNER if self.raw else self._banner
        self._prompt()

    def _prompt(self) -> None:
        self._said += RAW_PROMPT if self.raw else PROMPT

    def _send(self, how: str, name: str, source: bytes) -> None:
        self._running = name
        self._tell(f"{how} {name} {len(source)}\n".encode() + source)

    def _tell(self, data: bytes) -> None:
        assert self._vm.stdin
        with contextlib.suppress(BrokenPipeError):  # It has ended: see exit_code.
            self._vm.stdin.write(data)
            self._vm.stdin.flush()

    def _work(self) -> None:
        """Interrupt the running code, or handle typed input."""
        if self._running in (MAIN, TYPED) and CTRL_C in self.waiting:
            self.waiting.remove(CTRL_C)
            self._interrupt()
        while self.waiting and not self._running and not self.soft_reset:
            self._key(self.waiting.pop(0))

    def _interrupt(self) -> None:
        """Interrupt in-band, not by a signal: a signal can leave this VM with its memory locked."""
        if self._interrupted_s is None:
            self._interrupted_s = time.monotonic()
            self._tell(b"interrupt\n")

    def _end_what_notices_no_interrupt(self) -> None:
        if self._running and self._interrupted_s and time.monotonic() - self._interrupted_s > INTERRUPT_S:
            self._vm.kill()

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
        self._said += b"\r\n" + (RAW_BANNER if raw else self._banner)
        self._prompt()

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
            self._said += RAW_PASTE_REFUSED

    def _end_of_raw(self) -> None:
        source = bytes(self._typed)
        self._typed.clear()
        self._said += b"OK"
        if source:
            self._send("raw", TYPED, source)
        else:
            self._reset_softly()

    def _friendly_key(self, key: int) -> None:
        """Echo typed input and run a line at its end; CTRL-D resets on an empty line."""
        if key == CTRL_C:
            self._typed.clear()
            self._said += b"\r\n" + PROMPT
        elif key == CTRL_D and not self._typed:
            self._reset_softly()
        elif key == ord("\r"):
            self._end_of_line()
        elif key >= ord(" "):
            self._typed.append(key)
            self._said.append(key)

    def _reset_softly(self) -> None:
        self._said += b"\r\n" + SOFT_REBOOT
        self.soft_reset = True

    def _end_of_line(self) -> None:
        line = bytes(self._typed).strip()
        self._typed.clear()
        self._said += b"\r\n"
        if line:
            self._send("plain", TYPED, line)
        else:
            self._prompt()


def _start(board: MicroPython) -> subprocess.Popen[bytes]:
    vm = subprocess.Popen(
        [micropython(), str(EXECUTOR)],
        cwd=board.files,
        env=os.environ
        | {
            "FREETEMP_WORLD": f"{HOST}{board.world}",
            "FREETEMP_FLASH": str(board.files),
            "FREETEMP_FLASH_BYTES": str(board.flash_bytes),
            "FREETEMP_HARDWARE": f"{HOST}{HARDWARE}",
            "FREETEMP_VERSION": " ".join(map(str, board.version)),
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert vm.stdout
    assert vm.stderr
    for pipe in (vm.stdout, vm.stderr):
        os.set_blocking(pipe.fileno(), False)
    return vm


def _read(fd: int) -> bytes:
    """Return the bytes that are there now; b"" also at the end."""
    try:
        return os.read(fd, 65_536)
    except BlockingIOError:
        return b""
