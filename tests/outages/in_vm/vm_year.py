"""A year of stations whose boards run the project's firmware in the MicroPython VM: was it told what happened to them?

python -m tests.outages.in_vm.vm_year [--days 365] [--seed N] [--kind KIND]

The clocks of the boards, of the server and of the watch are moved together. Reports go by HTTP through the real views.
Boards run from some minutes before an event to the arrival of what they have kept.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.outages import year
from tests.outages.in_vm.gate import Gate
from tests.outages.result import lines
from tests.outages.year import MINUTE, Year

SITES = {
    "A": [("board", 60)] * 4 + [("single", 60)],
    "B": [("board", 60)] * 3 + [("battery", 300), ("foreign", 60)],
    "C": [("board", 300), ("battery", 300), ("board", 60), ("battery", 60)],
}
# How often each kind is drawn.
KINDS = {
    "power of a site": 6, "power of one": 10, "router of a site": 6, "wifi of one": 10, "server off": 3,
    "server not reached": 3, "hang": 8, "crash": 8, "no names": 6, "sensor": 8, "battery": 8, "brown-out": 8,
    "weak signal": 6,
}  # fmt: skip
TRUE = year.TRUE | {"no names": {"network"}, "brown-out": {"battery"}}


class VmYear(Year):
    """Breaks things around boards in the VM."""

    kinds, true = KINDS, TRUE

    def _affected(self, kind: str) -> list:
        devices = self.world.devices
        if kind in ("battery", "brown-out"):
            return [self.random.choice([each for each in devices if each.kind == "battery"])]
        if kind in ("hang", "no names"):
            return [self.random.choice([each for each in devices if each.kind == "board"])]
        if kind in ("crash", "sensor", "weak signal", "power of one", "wifi of one"):
            return [self.random.choice([each for each in devices if each.kind in ("board", "battery")])]
        return super()._affected(kind)

    def _begin(self, kind: str, affected: list) -> Callable[[], None]:
        if kind == "crash":
            return self._set(affected, "hangs", True)
        if kind == "no names":
            return self._set(affected, "knows_names", False)
        if kind == "hang":
            for each in affected:
                each.freeze()
            return lambda: [each.press_reset(self.world.now) for each in affected] and None
        if kind == "brown-out":
            self._flicker(affected[0])
            kind = "battery"
        return super()._begin(kind, affected)

    def _wait_for_outboxes(self, affected: list) -> None:
        """Boards try again after some minutes, and an end is told some minutes after it."""
        super()._wait_for_outboxes(affected)
        self.world.pass_by(5 * MINUTE)

    def _flicker(self, device) -> None:
        """Let a board lose its power and start again some times, before it stays off."""
        self._fall(device)
        for _ in range(3):
            device.lose_power()
            self.world.pass_by(MINUTE)
            device.get_power(self.world.now)
            self.world.pass_by(device.interval + MINUTE)


@contextmanager
def vm_world(seed: int, folder: Path, sites=None) -> Iterator:
    from tests.outages.in_vm.vm_world import VmWorld  # Django has to be set up before.

    with Gate() as gate:
        world = year.make_world(seed, sites or SITES, lambda *given: VmWorld(*given, folder, gate))
        try:
            with world.clock():
                yield world
        finally:
            world.close()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.outages.in_vm.vm_year", description=__doc__.splitlines()[0])
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kind", help="an event of this kind alone")
    parser.add_argument("--minutes", type=int, default=14, help="how long that one lasts")
    options = parser.parse_args()
    with year.database() as folder, vm_world(options.seed, folder) as world:
        played = VmYear(world)
        if options.kind:
            played.event(options.kind, options.minutes * MINUTE)
        else:
            played.play(options.days)
        print("\n".join(lines(played.result)))  # noqa: T201
        return played.result.faults


if __name__ == "__main__":
    sys.exit(main())
