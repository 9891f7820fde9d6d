"""Runs in the VM: a board's life with outages and resets, LittleFS as its flash, and a power cut at a chosen write.

A life follows from its seed. It runs again and again with the power cut elsewhere; in the end the server must have all
completely written records. Arguments: "each" and the steps of the life, or "random" and the number of lives; a seed.
"""

import random
import struct
import sys

import littlefs
from life import NOON, Board, Server, World, say
from records import RECORD

BLOCKS = 48
SEGMENTS = 2  # of 682 records: a life does not reach the limit


class Life:
    """`kept` holds (boot, seq) of all completely written records: append() returned."""

    def __init__(self, flash, seed):
        self.flash = flash
        random.seed(seed)
        self.world = World()
        self.server = Server(self.world)
        self.server.post = littlefs.with_power(self.server.post)
        self.kept = []

    def start(self, cause=World.PWRON_RESET):
        littlefs.mount(self.flash)
        self.board = Board(self.world, self.server, cause, SEGMENTS)
        # Without a clock a power cut would leave undatable records, which are dropped.
        self.board.clock.set(self.server.now())
        self._note(self.board.outbox)

    def _note(self, outbox):
        append = outbox.append

        def noting(records):
            append(records)
            self.kept.extend(struct.unpack_from("<II", records, at) for at in range(0, len(records), RECORD))

        outbox.append = noting

    def live(self, steps):
        """Measure, deliver or not, reset now and then."""
        for _ in range(steps):
            self.world.seconds += 60
            for field in range(1 + random.getrandbits(2)):
                self.board.reporter.add(1 + field, random.getrandbits(16))
            self.server.fail = (None, 200, 200, "lost", 500, 503)[random.getrandbits(8) % 6]
            self.board.reporter.deliver()
            self.world.seconds += 1000 * random.getrandbits(1)  # Sometimes longer than the reporter waits.
            if random.getrandbits(5) == 0:
                littlefs.power()
                littlefs.unmount()
                self.start(World.SOFT_RESET)

    def end(self):
        """Mend the server, deliver waiting records, and return what is wrong with the server's readings."""
        self.server.fail = 200
        done = self.board.deliver_all(self.world)
        stored = [reading[:2] for reading in self.server.stored]
        order = [each for each in stored if each in self.kept]
        said = [
            (not done, "never done"),
            (self.server.wrong, "sent behind a later one"),
            ([each for each in self.kept if each not in stored], "lost"),
            (len(set(stored)) != len(stored), "stored twice"),
            (order != sorted(order, key=self.kept.index), "out of order"),
            (self.board.outbox.damaged or self.board.outbox.dropped, "said to be damaged or dropped"),
            (any(at > NOON + self.world.seconds for _, _, at, _ in self.server.stored), "dated wrongly"),
        ]
        return [what for is_so, what in said if is_so]


class Lives:
    """Lives on one flash, which is blank at the start of each. Counts the power cuts."""

    def __init__(self):
        self._blank = bytes(littlefs.fresh(BLOCKS).data)
        self._data = bytearray(self._blank)
        self.cuts = 0

    def live(self, seed, steps, cuts):
        """Live until the power was cut at each of the given (writes done, 256ths of the next). Return what is wrong."""
        self._data[:] = self._blank
        life = Life(littlefs.Flash(self._data), seed)
        for left, torn in cuts:
            life.flash.left, life.flash.torn = left, torn
            try:
                life.start()
                life.live(steps)
                littlefs.power()
            except littlefs.PowerCut:
                self.cuts += 1
            littlefs.unmount()
            life.flash = littlefs.Flash(self._data)
        life.start()
        wrong = life.end()
        littlefs.unmount()
        if wrong:
            say("wrong", wrong, "seed", seed, "cuts", cuts)


def each(lives, steps, seed):
    """Cut at each write of one life in turn, with none, half and nearly all of the write done."""
    for torn in (0, 128, 255):
        left, cuts = 0, -1
        while cuts != lives.cuts:
            cuts = lives.cuts
            lives.live(seed, steps, [(left, torn)])
            left += 1


def at_random(lives, number, seed):
    """Cut several times in each life, also soon after its start, during the recovery from the last cut."""
    for life in range(number):
        random.seed(1000 * seed + life)
        cuts = [
            (random.getrandbits(16) % (400 if random.getrandbits(1) else 12), random.getrandbits(8)) for _ in range(8)
        ]
        lives.live(1000 * seed + life, 40, cuts)


kind, number, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
lives = Lives()
(each if kind == "each" else at_random)(lives, number, seed)
say("cuts", lives.cuts)
