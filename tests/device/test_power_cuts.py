"""The power goes at any write to flash: no record that was written whole is lost, in order, and once.

FREETEMP_POWER_CUTS=2000 lives so many lives with random cuts, about 7 in each, instead of 40.
"""

import os
import random

import pytest

from tests.device.in_vm import ON_BOARD, said, start

LIVES = int(os.environ.get("FREETEMP_POWER_CUTS", "40"))
SEED = 20261123

pytestmark = pytest.mark.sqlite_only


def live(folder, kind, number, seed):
    """Return how many cuts there were and what was wrong after them."""
    done = start(folder, str(ON_BOARD / "cuts.py"), kind, str(number), str(seed))
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    *wrong, (_, cuts) = said(done)
    return cuts, wrong


def test_the_power_goes_at_each_write_to_littlefs_in_turn(tmp_path):
    cuts, wrong = live(tmp_path, "each", 20, SEED)
    assert wrong == []
    assert cuts > 200


def test_the_power_goes_again_and_again_at_random_writes_to_littlefs(tmp_path):
    cuts, wrong = live(tmp_path, "random", LIVES, SEED)
    assert wrong == []
    assert cuts >= 5 * LIVES


class Server:
    """What the server has of what the killed boards told, by its rule for repeats."""

    def __init__(self):
        self.stored, self.kept, self.highest, self.skipped = [], [], {}, []

    def hear(self, lines):
        for what, *told in lines:
            if what == "kept":
                self.kept.append(tuple(told))
            elif what == "report":
                self._store(told[0])

    def _store(self, report):
        for each in report["readings"]:
            name = report["boot"], each["seq"]
            if each["seq"] > self.highest.get(report["boot"], 0):
                self.stored.append(name)
                self.highest[report["boot"]] = each["seq"]
            elif name not in self.stored:
                self.skipped.append(name)

    def wrong(self):
        known = [name for name in self.stored if name in self.kept]
        return {
            "lost": [name for name in self.kept if name not in self.stored],
            "sent behind a later one": self.skipped,
            "out of order": known != sorted(known, key=self.kept.index),
            "twice": len(set(self.stored)) != len(self.stored),
        }


GOOD = {"lost": [], "sent behind a later one": [], "out of order": False, "twice": False}
FAR = 10**6  # changes of files: more than there are


def kill_at(folder, left, torn):
    """Live once and be killed; return the told lines, and whether it came to that."""
    done = start(folder, str(ON_BOARD / "killed.py"), str(left), str(torn))
    assert done.returncode in (0, -9), done.stdout + done.stderr
    return said(done), done.returncode == -9


@pytest.mark.parametrize("torn", [0, 100, 250])
def test_the_process_is_killed_at_each_change_of_a_file_in_turn(tmp_path, torn):
    """On this computer's file system, where half a write stays half written."""
    for left in range(FAR):
        folder = tmp_path / str(left)
        folder.mkdir()
        server = Server()
        lines, killed = kill_at(folder, left, torn)
        server.hear(lines)
        lines, again = kill_at(folder, FAR, 0)
        server.hear(lines)
        assert (server.wrong(), again, lines[-1]) == (GOOD, False, ["ended", 0, 0]), left
        if not killed:
            break
    assert left >= 20


def test_the_process_is_killed_again_and_again_at_random_changes(tmp_path):
    chosen = random.Random(SEED)
    for life in range(LIVES // 8):
        folder = tmp_path / str(life)
        folder.mkdir()
        server = Server()
        for _ in range(6):
            server.hear(kill_at(folder, chosen.randrange(50), chosen.randrange(256))[0])
        server.hear(kill_at(folder, FAR, 0)[0])
        assert server.wrong() == GOOD, life
