"""A board to plug in: it lives in its own thread as long as the context lasts."""

import os
import queue
import select
import shutil
import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Self

from firmware.simulator.vm import VirtualMachine
from tests.programs import PATIENCE_S
from tests.virtual_board.board import Board
from tests.virtual_board.pseudo_terminal import PseudoTerminal
from tests.virtual_board.remote_port import RemotePort

TICK_S = 0.02  # How often it checks events without a file descriptor: deep sleep, and the end of the VM.


class VirtualBoard(Board):
    """A board at `port`, with faults by the names of Board's attributes.

    `modem_lines` puts it behind RFC 2217 instead of a pseudo-terminal, so that DTR and RTS reset it.
    """

    def __init__(self, *, modem_lines: bool = False, **facts: Any) -> None:
        home = Path(tempfile.mkdtemp(prefix="board-"))
        cable = RemotePort() if modem_lines else PseudoTerminal(home / "ttyUSB0")
        super().__init__(home, cable, **facts)
        self._commands: queue.SimpleQueue[tuple[Callable[[], None], Future[None]]] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="virtual board", daemon=True)
        self._ended = False

    def __enter__(self) -> Self:
        self._wake_reader, self._wake_writer = os.pipe()
        self._thread.start()
        self.plug()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended = True
        self._thread.join()
        os.close(self._wake_reader)
        os.close(self._wake_writer)
        shutil.rmtree(self.home)

    @property
    def port(self) -> str:
        return self.cable.port

    def around(self, **facts: Any) -> None:
        """Change the board's surroundings: keys of world.json, see firmware/simulator."""
        VirtualMachine(self.files, self.world).set(**facts)

    def plug(self) -> None:
        """Plug the cable in if it is out, which starts the board."""
        self._do(self._plug)

    def unplug(self) -> None:
        """Pull the cable, which is the board's power too: programs get EIO or the end of the file."""
        self._do(self._unplug)

    def pull_after(self, count: int) -> None:
        """Pull the cable after that many more bytes; cable.carried counts the bytes so far."""
        self._do(lambda: self.cable.pull_after(count))

    def press_reset(self) -> None:
        self._do(self.reset)

    def install_micropython(self) -> None:
        """Install MicroPython as esptool would, with an empty file system, and start it."""
        self._do(self._install)

    def busy(self) -> AbstractContextManager[None]:
        """Hold the port, as another program would, as long as the context lasts."""
        return self.cable.held()

    def _do(self, command: Callable[[], None]) -> None:
        """Run a command in the board's thread, and raise its exception here."""
        if not self._thread.is_alive():
            raise RuntimeError("the board's thread has ended: its traceback says why")
        done: Future[None] = Future()
        self._commands.put((command, done))
        os.write(self._wake_writer, b"!")
        done.result(PATIENCE_S)

    def _run(self) -> None:
        try:
            while not self._ended:
                if self._wake_reader in select.select([self._wake_reader, *self.filenos], [], [], TICK_S)[0]:
                    os.read(self._wake_reader, 1)
                    self._obey()
                self.live()
        finally:
            self.power_off()
            self._unplug()

    def _obey(self) -> None:
        command, done = self._commands.get()
        try:
            done.set_result(command())
        except Exception as error:  # noqa: BLE001  It belongs to the caller.
            done.set_exception(error)

    def _plug(self) -> None:
        if not self.cable.plugged:
            self.cable.plug()
            self.power_on()

    def _unplug(self) -> None:
        if self.cable.plugged:
            self.cable.unplug()

    def _install(self) -> None:
        self.memory.erase()
        self.memory.content[0] = 0xE9
        self.power_on()
