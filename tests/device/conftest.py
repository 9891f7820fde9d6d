"""Boards in the VM, and the server for their reports."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from firmware.simulator.vm import VirtualMachine
from tests.device.machine_board import Board, bench
from tests.device.machine_server import Server


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Callable[..., VirtualMachine]]:
    """Return a function that runs a program beside the station's modules until it ends. A second takes 2 ms."""
    with ExitStack() as stack:

        def run(program: str, *, ends: bool = True, **world: Any) -> VirtualMachine:
            vm = bench(tmp_path, program, **{"speed": 500} | world)
            stack.callback(vm.stop)
            vm.run(lambda: not (ends and vm.running))
            return vm

        yield run


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    (tmp_path / "world").mkdir(exist_ok=True)
    with Server(tmp_path / "world") as server:
        yield server


@pytest.fixture
def make_board(tmp_path: Path, server: Server) -> Iterator[Callable[..., Board]]:
    """Return a function that makes a board that reports to `server`, at 200 times the real speed."""
    with ExitStack() as stack:

        def make(speed: int = 200, **settings: Any) -> Board:
            board = stack.enter_context(Board(tmp_path, settings.pop("server_url", server.url), **settings))
            board.vm.set(speed=speed)
            return board

        yield make
