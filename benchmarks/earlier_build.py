"""The speed of storing in this build beside an earlier one: single values, or batches of 500.

    .venv/bin/python -m benchmarks.earlier_build 1baaf3b [--batches] [--rounds 5] [--seconds 6]

Both run under gunicorn as shipped, each on its own database, made by its own code. They take turns and send requests
as in single_values.py. The earlier build is a worktree of its commit in a temporary folder; it runs with the packages
that are installed here. TMPDIR chooses the disk.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.batches import BATCH, reports
from benchmarks.batches import WARM_UP as BATCHES_TO_WARM_UP
from benchmarks.in_process import values
from benchmarks.load import get
from benchmarks.peers import ROOT, freetemp, gunicorn, scratch
from benchmarks.peers.rounds import Rival, heading, options, play, report

# The build's own code makes its database, and prints the stations' keys.
PREPARE = """
import json, sys
from pathlib import Path
from benchmarks.peers import freetemp
print(json.dumps(freetemp.prepare(Path(sys.argv[1]), *sys.argv[2:])))
"""


def main() -> None:
    chosen = arguments()
    with scratch() as directory, worktree(chosen.commit, directory / "code") as earlier:
        there, here = directory / "earlier", directory / "now"
        there.mkdir()
        here.mkdir()
        boards = prepared(earlier, there)
        now = freetemp.prepare(here)
        rivals = {
            chosen.commit: rival(earlier, there, boards, chosen.batches),
            "now": rival(ROOT, here, now, chosen.batches),
        }
        print(heading(directory, rivals, chosen), flush=True)
        rounds = play(rivals, chosen, warm_up=BATCHES_TO_WARM_UP if chosen.batches else len(boards))
    print(*report(rounds, rivals, "readings/s", chosen.commit), sep="\n")


def arguments() -> argparse.Namespace:
    parser = options("How fast this build stores beside an earlier one.", seconds=6, at_once=32)
    parser.add_argument("commit", help="the earlier build")
    parser.add_argument("--batches", action="store_true", help="reports of 500 readings instead of single values")
    return parser.parse_args()


def prepared(root: Path, directory: Path, url: str = "") -> list[freetemp.Board]:
    """Have a build make its database, at an address or on SQLite in the directory, and return its boards."""
    command = [sys.executable, "-c", PREPARE, str(directory), *([url] if url else [])]
    made = subprocess.run(command, cwd=root, check=True, stdout=subprocess.PIPE, text=True)
    return [freetemp.Board(*each) for each in json.loads(made.stdout)]


@contextmanager
def worktree(commit: str, path: Path) -> Iterator[Path]:
    """Yield a folder with the files of a commit."""
    subprocess.run(["git", "worktree", "add", "--quiet", "--detach", path, commit], cwd=ROOT, check=True)
    try:
        yield path
    finally:
        subprocess.run(["git", "worktree", "remove", "--force", path], cwd=ROOT, check=True)


def rival(root: Path, directory: Path, boards: list[freetemp.Board], batches: bool) -> Rival:
    database = directory / "freetemp.sqlite3"
    environment = {"DATABASE_URL": f"sqlite:///{database}", "VAR_DIR": str(directory)}
    requests = reports(boards) if batches else map(get, values(boards))
    return Rival(
        lambda: gunicorn(freetemp.APP, directory, environment, root),
        requests,
        lambda _: readings_in(database),
        BATCH if batches else 1,
    )


def readings_in(database: Path) -> int:
    """Return the number of readings in a database."""
    return freetemp.stored(database=database)


if __name__ == "__main__":
    main()
