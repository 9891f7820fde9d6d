from collections.abc import Iterator

import pytest

from stations.models import Key
from tests.firmware.flash.flashing import give_network, image_file
from tests.virtual_board import VirtualBoard
from tests.virtual_board.terminal import Terminal


@pytest.fixture
def board() -> Iterator[VirtualBoard]:
    """A board with MicroPython and nothing else on it."""
    with VirtualBoard() as board:
        board.install_micropython()
        yield board


@pytest.fixture
def terminal(board: VirtualBoard) -> Iterator[Terminal]:
    with Terminal(board.port) as terminal:
        yield terminal


@pytest.fixture
def ready(station, key):
    """A station that already reports, with its first key."""
    give_network(station)
    Key.objects.get().take_over(Key.objects.get().issued_at)
    return station


@pytest.fixture
def image(tmp_path):
    return image_file(tmp_path)
