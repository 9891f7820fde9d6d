"""A station's use of the heap; docs/board.md converts the figures to a board.

The stand-in hardware shares the VM's heap, so it is loaded as bytecode here, and its memory is not counted.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from firmware.build.build import cross_compile
from firmware.simulator.vm import HARDWARE, VirtualMachine
from tests.device.machine_board import Board
from tests.device.machine_server import BEGAN_S, Server

pytestmark = pytest.mark.sqlite_only

MakeBoard = Callable[..., Board]
HEAP_BYTES = 46 * 1024  # docs/board.md converts it to a board
LIVE_BYTES = 42_900  # in use at the worst moment, while a report of 25 is answered
OUTAGE_S = 2.2 * 3600

STAND_INS = """
import machine, time, network, socket, chip_mcp9808, json, random, gc
gc.collect()
gc.collect()
print(gc.mem_alloc())
"""
# Replaces lib/http.py: it prints the memory in use when a request has been written.
TELLING = """
import gc
import http_as_built
from http_as_built import Server

_answer = http_as_built._answer

def tell(connection, end):
    gc.collect()
    print("live", gc.mem_alloc())
    return _answer(connection, end)

http_as_built._answer = tell
"""


@pytest.fixture(scope="module")
def hardware(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the stand-in hardware as bytecode: compiling it would take more memory than the station."""
    folder = tmp_path_factory.mktemp("hardware")
    for path in HARDWARE.glob("*.py"):
        (folder / path.with_suffix(".mpy").name).write_bytes(cross_compile(path.name, path.read_bytes()))
    return folder


@pytest.fixture
def stand_ins_bytes(tmp_path: Path, hardware: Path) -> int:
    folder = tmp_path / "stand-ins"
    folder.mkdir()
    (folder / "main.py").write_text(STAND_INS)
    vm = VirtualMachine(folder, folder)
    vm.hardware = hardware
    vm.run(lambda: not vm.running)
    return int(vm.lines[-1])


def after_an_outage(board: Board, server: Server) -> None:
    """Let the board send its readings from an outage: more than a hundred wait on its flash."""
    board.vm.set(wifi_down=True)
    board.until(lambda: server.now() >= BEGAN_S + OUTAGE_S)
    board.vm.set(wifi_down=None)
    board.until(lambda: len(server.readings) >= OUTAGE_S // 60 + 3)
    assert max(len(request.report["readings"]) for request in server.requests) == 25
    assert board.vm.exits == []
    member = server.requests[-1].report["board"]
    assert (member["start"], member["rssi"], "reset" in member, "voltage" in member) == (1, -67, False, False)


def test_a_station_gets_through_an_outage_in_so_much_heap(
    make_board: MakeBoard, server: Server, hardware: Path, stand_ins_bytes: int
) -> None:
    board = make_board(10_000, heap_bytes=stand_ins_bytes + HEAP_BYTES)
    board.vm.hardware = hardware
    after_an_outage(board, server)
    assert not [line for line in board.vm.lines if "memory" in line.lower()]


def test_no_more_is_in_use_at_the_worst_moment(
    make_board: MakeBoard, server: Server, hardware: Path, stand_ins_bytes: int
) -> None:
    board = make_board(10_000)
    board.vm.hardware = hardware
    (board.folder / "lib" / "http.mpy").rename(board.folder / "lib" / "http_as_built.mpy")
    (board.folder / "lib" / "http.py").write_text(TELLING)
    after_an_outage(board, server)
    live = max(int(line.split()[1]) for line in board.vm.lines if line.startswith("live "))
    assert live - stand_ins_bytes <= LIVE_BYTES
