from collections.abc import Iterator

import pytest

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
