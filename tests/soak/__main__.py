"""Boards, viewers, exports, logins, kills, full disks and clock jumps together, for hours.

python -m tests.soak [--hours N | --minutes N | --events N] [--only EVENT] [--seed N] [--postgresql] [--folder PATH]
"""

from __future__ import annotations

import argparse
import contextlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.crash.client import Board
from tests.crash.postgres import Cluster
from tests.programs import PATIENCE_S, ended, hear_ctrl_c
from tests.soak import bounds
from tests.soak.boards import Outbox, SimulatedBoard, SingleBoard
from tests.soak.disk import Disk
from tests.soak.events import Events
from tests.soak.keepers import Founder, Importer, Operator
from tests.soak.ledger import Fate
from tests.soak.player import Player
from tests.soak.soak import Soak
from tests.soak.visitors import Person, Reader, Stranger, Viewer, Visitor

STATIONS = 7
FAULTS_SHOWN = 40


def main() -> int:
    options = parse(sys.argv[1:])
    hear_ctrl_c()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with contextlib.ExitStack() as stack:
        folder = Path(options.folder or stack.enter_context(tempfile.TemporaryDirectory(prefix="freetemp-soak-")))
        folder.mkdir(parents=True, exist_ok=True)
        cluster = stack.enter_context(Cluster()) if options.postgresql else None
        stack.callback((disk := Disk(folder)).close)
        soak = Soak(options, folder, disk, cluster)
        faults = run(soak)
        if faults:
            keep(soak, faults)
        return min(1, len(faults))


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__.splitlines()[0])
    parser.add_argument("--hours", type=float, default=0.0, help="How long.")
    parser.add_argument("--minutes", type=float, default=0.0, help="How long, beside the hours.")
    parser.add_argument("--events", type=int, default=0, help="End after so many events instead, as soon as possible.")
    parser.add_argument("--only", action="append", metavar="EVENT", help="Only this event, or these: 'disk full'.")
    parser.add_argument("--pause", type=float, default=20.0, help="Seconds between two events, on average.")
    parser.add_argument("--rate", type=float, default=1.0, help="How often players act: 0.5 is half as often.")
    parser.add_argument("--seed", type=int, default=None, help="What the players and the events draw from.")
    parser.add_argument("--postgresql", action="store_true", help="On a PostgreSQL of its own, killed as well.")
    parser.add_argument("--migrated", help="An empty SQLite database with all migrations, which take 5 s.")
    parser.add_argument("--folder", help="Where to work, and to leave the ledger and the log. It has to be new.")
    options = parser.parse_args(arguments)
    options.seed = random.randrange(2**32) if options.seed is None else options.seed
    options.seconds = options.hours * 3600 + options.minutes * 60 or 3600
    return options


def run(soak: Soak) -> list[str]:
    boards = soak.register(STATIONS)
    with soak.server:
        players = cast(soak, boards)
        watch, events = bounds.Watch(soak), Events(soak)
        for sentence in events.missing:
            say(f"Left out: {sentence}.")
        say(f"seed {soak.options.seed}, {soak.server.url}, in {soak.folder}")
        progress = threading.Thread(target=tell, args=(soak, events, players), daemon=True)
        for thread in (watch, progress, *players):
            thread.start()
        try:
            happen(soak, events)
        except KeyboardInterrupt:
            say("Stopped: now everything is compared.")
        except (AssertionError, OSError, subprocess.TimeoutExpired):  # The server does not start, or does not end.
            soak.complain(f"an event failed: {traceback.format_exc()}")
        events.mend()
        settle(soak, players)
        bounds.wait_until_quiet(watch)
        watch.look()
        from tests.soak.comparison import page_faults  # Django is set up by now.

        soak.complaints += page_faults(soak, Visitor(soak, "the comparison"))
        if code := ended(soak.server.process):
            soak.complain(f"the server ended with {code}")
    return report(soak, players, watch, events)


def cast(soak: Soak, boards: list[Board]) -> list[Player]:
    """Return the players. Some share stations, and none but a board's own reports its batches."""
    return [
        SingleBoard(soak, "singles 1", boards[:2]),
        SingleBoard(soak, "singles 2", boards[:2]),
        SingleBoard(soak, "singles 3", boards[2:4]),
        Outbox(soak, "outbox at", boards[0], "at"),
        Outbox(soak, "outbox age", boards[1], "age"),
        Outbox(soak, "outbox moment", boards[2], "moment"),
        Outbox(soak, "outbox at 2", boards[3], "at"),
        SimulatedBoard(soak, "simulated", soak.simulated),
        *(Viewer(soak, f"viewer {number}") for number in (1, 2)),
        *(Reader(soak, f"reader {number}") for number in (1, 2)),
        Person(soak, "person"),
        Stranger(soak, "stranger", boards[:4]),
        Importer(soak, "importer", boards[4].station),
        Founder(soak, "founder", boards[5]),
        Operator(soak, "operator"),
    ]


def happen(soak: Soak, events: Events) -> None:
    """Have one event after the other happen, with pauses in which everybody gets on."""
    began_s = time.monotonic()
    while not is_over(soak, events, time.monotonic() - began_s):
        time.sleep(events.random.uniform(0.5, 1.5) * soak.options.pause)
        events.next()
    time.sleep(soak.options.pause)


def is_over(soak: Soak, events: Events, passed_s: float) -> bool:
    if soak.options.events:
        return events.happened.total() >= soak.options.events
    return passed_s >= soak.options.seconds


def tell(soak: Soak, events: Events, players: list[Player]) -> None:
    """Print a line a minute until the players are told to stop."""
    began_s = time.monotonic()
    while not soak.stopping.wait(60):
        fates = Counter(each.fate for each in list(soak.ledger.readings.values()))
        say(
            f"{(time.monotonic() - began_s) / 60:4.0f} min: {sum(player.turns for player in players)} turns, "
            f"{fates[Fate.STORED]} readings answered OK, {events.happened.total()} events, "
            f"{len(soak.complaints)} complaints"
        )


def settle(soak: Soak, players: list[Player]) -> None:
    """Let the players deliver what waits, on a server that is well."""
    soak.stopping.set()
    for player in players:
        player.join(timeout=3 * PATIENCE_S)
        if player.is_alive():
            soak.complain(f"{player.name} did not come to an end")


def report(soak: Soak, players: list[Player], watch: bounds.Watch, events: Events) -> list[str]:
    """Compare everything, print what was found, and return the faults."""
    from tests.soak.comparison import Comparison

    simulated = next(player for player in players if isinstance(player, SimulatedBoard))
    comparison = Comparison(soak)
    count = len(comparison.books.rows)
    faults = [*soak.complaints, *comparison.faults(simulated), *bounds.log_faults(soak)]
    faults += bounds.disk_faults(soak, count)
    for line in words(soak, players, watch, events, count):
        say(line)
    for fault in faults[:FAULTS_SHOWN]:
        say(f"FAULT: {fault}")
    say(f"{len(faults)} faults." if faults else "No fault.")
    return faults


def words(soak: Soak, players: list[Player], watch: bounds.Watch, events: Events, count: int) -> Iterator[str]:
    fates = Counter(each.fate for each in soak.ledger.readings.values())
    yield f"seed {soak.options.seed}: {count} readings stored and compared"
    yield "sent: " + ", ".join(f"{number} {fate.value}" for fate, number in fates.items())
    answers = sorted(soak.ledger.answers.items())
    yield "answers to boards: " + ", ".join(f"{number} x {name}" for name, number in answers)
    yield "turns: " + ", ".join(f"{player.name} {player.turns}" for player in players)
    yield "events: " + ", ".join(f"{name} {times}" for name, times in sorted(events.happened.items()))
    yield "at most: " + ", ".join(f"{name} {figure}" for name, figure in sorted(watch.most.items()))
    yield f"disk: {bounds.disk_use(soak)}; log: {len(soak.log.lines)} lines"


def keep(soak: Soak, faults: list[str]) -> None:
    """Keep what a person needs to find a fault."""
    target = Path(tempfile.mkdtemp(prefix="freetemp-soak-faults-")) if not soak.options.folder else soak.folder
    (target / "faults").write_text("\n".join(faults))
    for name in ("log", "ledger.jsonl", "simulated.log"):
        if target != soak.folder and (soak.folder / name).exists():
            shutil.copy(soak.folder / name, target)
    for database in soak.var.glob("freetemp.sqlite3*"):
        shutil.copy(database, target)
    say(f"The faults, the ledger, the log and the database are in {target}.")


def say(sentence: str) -> None:
    print(sentence, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
