"""Runs in the VM: a board on blank flash with a working server, and short functions for the tests' actions."""

import life
import littlefs
from life import NOON, World, say  # noqa: F401

world = World()
server = life.Server(world)
flash = None
board = None


def blank(blocks=64):
    global flash
    if flash:
        littlefs.unmount()
    flash = littlefs.fresh(blocks)
    littlefs.mount(flash)


def start(cause=World.PWRON_RESET, segments=16):
    """Start the board: after power-on, unless another cause is given."""
    global board
    board = life.Board(world, server, cause, segments)
    return board


def sleep(seconds):
    """Put the board to deep sleep, and wake it."""
    board.clock.save(board.identity, seconds)
    world.seconds += seconds
    return start(World.DEEPSLEEP_RESET)


def measure(values, every_s=60):
    """Measure the values in turn, try to deliver each, and return the last result of deliver()."""
    for value in values:
        world.seconds += every_s
        board.reporter.add(1, value)
        wait_s = board.reporter.deliver()
    return wait_s


def waits(number):
    """Call deliver() whenever it is due, and return the seconds that it asked for each time."""
    asked = []
    for _ in range(number):
        asked.append(board.reporter.deliver())
        world.seconds += asked[-1] or 0
    return asked


def deliver_all():
    return board.deliver_all(world)


def values():
    """Return the server's values, in thousandths, in the order of arrival."""
    return [int(value * 1000 + (0.5 if value >= 0 else -0.5)) for _, _, _, value in server.stored]


def moments():
    """Return the times of the server's readings, in seconds since the world began."""
    return [at - NOON for _, _, at, _ in server.stored]


def sizes():
    """Return the number of readings in each report."""
    return [len(report["readings"]) for report in server.reports]


blank()
start()
