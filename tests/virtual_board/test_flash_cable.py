"""The cable is pulled while a station is flashed, at moments spread over every step, with a fixed seed.

FREETEMP_CABLE_CUTS sets the number of moments in each step, and makes a successful flash follow each of them.
"""

import os
import random
import re
import shutil

import pytest

from firmware.flash import board as esptool
from firmware.flash import console, filesystem
from stations.models import Key
from tests.firmware.flash.flashing import Printing, flash
from tests.virtual_board import MAC, VirtualBoard

pytestmark = pytest.mark.sqlite_only

THOROUGH = "FREETEMP_CABLE_CUTS" in os.environ
CUTS = int(os.environ.get("FREETEMP_CABLE_CUTS", "3"))
STEPS = ("look", "write", "copy", "start")


@pytest.fixture
def board():
    with VirtualBoard() as board:
        yield board


class Cutting:
    """Pulls the cable a number of bytes after a step has begun, and records how many bytes each step takes."""

    def __init__(self, monkeypatch, board):
        self.board, self.began, self._step, self._after = board, {}, None, 0
        for step, owner, name in (
            ("look", esptool, "look"),
            ("write", esptool, "write"),
            ("copy", filesystem, "copy"),
            ("start", console, "started"),
        ):
            monkeypatch.setattr(owner, name, self._watched(step, getattr(owner, name)))

    def _watched(self, step, call):
        def watched(*args, **options):
            self.began[step] = self.board.cable.carried
            if step == self._step:
                self.board.pull_after(self._after)
                self._step = None
            return call(*args, **options)

        return watched

    def length(self, step):
        """Return the bytes of a step in the last flash, which succeeded."""
        later = [carried for carried in self.began.values() if carried > self.began[step]]
        return min([*later, self.board.cable.carried]) - self.began[step]

    def cut(self, step, after):
        self._step, self._after = step, after


def says_where(said, step):
    """Tell whether the sentence names the step. A step's last bytes may be the next step's first: boards chatter."""
    named = re.match("The board went away during “(.+)”: check its cable, then run this again. The key", said)
    return named and named[1] in STEPS[STEPS.index(step) :][:2]


@pytest.mark.parametrize("step", STEPS)
def test_wherever_the_cable_is_pulled_the_next_flash_succeeds(ready, key, board, image, monkeypatch, step):
    cutting, printing, draw = Cutting(monkeypatch, board), Printing(monkeypatch, board), random.Random(step)
    board.install_micropython()
    how = (image,) if step == "write" else (None, "--files-only")

    def succeeds():
        assert flash(ready, board.port, *how).endswith("Done.\n")
        assert Key.objects.authenticate(MAC, printing.secrets[-1])
        return printing.secrets[-1]

    working = succeeds()
    length = cutting.length(step)
    for number in range(CUTS):
        shutil.rmtree(board.files / "lib", ignore_errors=True)  # So that there are files to copy.
        cutting.cut(step, max(1, round(length * (number + draw.random()) / CUTS)))
        said = flash(ready, board.port, *how)
        if said.endswith("Done.\n"):  # The cut came after the line that shows the new key.
            assert step == "start"
            working = printing.secrets[-1]
        else:
            assert says_where(said, step) or said.startswith(f"There is no port {board.port}: "), said
        assert Key.objects.authenticate(MAC, working)
        if not board.cable.plugged:
            board.plug()
        if THOROUGH or number == CUTS - 1:  # Otherwise the next cut runs it again.
            working = succeeds()
