"""The power fails at any write to flash: every completely written record arrives, in order, and once.

FREETEMP_POWER_CUTS=1500 runs that many lives with random cuts, 7 or 8 in each, instead of 40.
"""

import json
import os
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.device.in_vm import ON_BOARD, said, start

LIVES = int(os.environ.get("FREETEMP_POWER_CUTS", "40"))
SEED = 20261123

pytestmark = pytest.mark.sqlite_only


def live(folder, kind, number, seed):
    """Return the number of cuts and the faults after them."""
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


TAKE = st.tuples(st.just("take"), st.integers(1, 25))
CUT = st.tuples(st.just("cut"), st.integers(0, 40), st.integers(0, 255))
ORDERS = st.lists(
    st.one_of(st.tuples(st.just("append"), st.integers(1, 60)), TAKE, st.just(["open"]), CUT), min_size=5, max_size=30
)


@settings(
    max_examples=2 * LIVES, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(orders=ORDERS)
def test_the_outbox_is_a_queue_for_any_orders(tmp_path, orders):
    """Records that are being read at a power cut come again or not; all other written ones come once, in order."""
    (tmp_path / "orders").write_text(json.dumps(orders))
    done = start(tmp_path, str(ON_BOARD / "model.py"))
    assert done.returncode == 0, done.stdout + done.stderr
    written, taken, may_be_gone, newest = set(), [], set(), 0
    *told, end = said(done)
    for at, (name, how, seqs, now_newest) in enumerate(told):
        if how == "done":
            written |= set(range(newest + 1, now_newest + 1))
            taken += seqs or []
        elif name == "take":
            waiting = [seq for seq in range(1, newest + 1) if seq > max(taken, default=0) and seq not in may_be_gone]
            may_be_gone |= set(waiting[: orders[at][1]])
        newest = now_newest
    assert end == ["end", 0, 0, newest]
    assert taken == sorted(set(taken))
    assert written - set(taken) <= may_be_gone


class Server:
    """The server's readings from the killed boards, by its rule for repeats."""

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
    """Run a life once and kill it. Return the printed lines, and whether it was killed."""
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
