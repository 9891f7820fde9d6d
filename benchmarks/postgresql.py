"""Storing on PostgreSQL: single values beside plain Django REST framework, or either kind beside an earlier build.

    .venv/bin/python -m benchmarks.postgresql [--rounds 5] [--seconds 6] [--at-once 32]
    .venv/bin/python -m benchmarks.postgresql --beside ddcbe54 [--batches]

The servers take turns as in single_values.py, each on a database of its own in one PostgreSQL that forces every commit
to disk. Without `--beside`, freetemp on SQLite takes part too. PostgreSQL's own processes run on any core, and its
processor time is in no column. Afterwards each database must hold exactly what was acknowledged.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any

import environ
import psycopg

from benchmarks import durable_postgresql
from benchmarks.batches import BATCH, reports
from benchmarks.batches import WARM_UP as BATCHES_TO_WARM_UP
from benchmarks.earlier_build import prepared, worktree
from benchmarks.in_process import values
from benchmarks.load import get
from benchmarks.peers import ROOT, Running, freetemp, gunicorn, scratch, serving
from benchmarks.peers.rounds import Rival, heading, options, play, report
from tests.server import free_port

PLAIN = "benchmarks.peers.plain_django"
WORKERS, THREADS = 1, 16  # As many as answer freetemp's boards.


def main() -> None:
    parser = options("How fast values are stored on PostgreSQL.", seconds=6, at_once=32)
    parser.add_argument("--beside", metavar="COMMIT", help="an earlier build instead of plain Django")
    parser.add_argument("--batches", action="store_true", help="reports of 500 readings instead of single values")
    chosen = parser.parse_args()
    with scratch() as directory, durable_postgresql(directory) as url, ExitStack() as stack:
        if url is None:
            sys.exit("There is no PostgreSQL server here: on Debian and Ubuntu, sudo apt install postgresql")
        rivals = {"now": build(ROOT, directory / "now", database(url, "now"), chosen.batches)}
        if chosen.beside:
            earlier = stack.enter_context(worktree(chosen.beside, directory / "code"))
            rivals[chosen.beside] = build(earlier, directory / chosen.beside, database(url, "earlier"), chosen.batches)
        else:
            rivals["plain Django"] = plain(directory, database(url, "plain"))
            sqlite = directory / "sqlite"
            rivals["now, SQLite"] = build(ROOT, sqlite, f"sqlite:///{sqlite / 'freetemp.sqlite3'}", chosen.batches)
        print(heading(directory, rivals, chosen), flush=True)
        rounds = play(rivals, chosen, warm_up=BATCHES_TO_WARM_UP if chosen.batches else freetemp.STATIONS)
    print(*report(rounds, rivals, "readings/s", chosen.beside or "plain Django"), sep="\n")


def database(url: str, name: str) -> str:
    """Make a database in the cluster of an address, and return its address."""
    with connect(url) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS freetemp_{name}")
        connection.execute(f"CREATE DATABASE freetemp_{name}")
    return f"{url.rpartition('/')[0]}/freetemp_{name}"


def connect(url: str) -> psycopg.Connection[Any]:
    parts = environ.Env.db_url_config(url)
    names = {"HOST": "host", "PORT": "port", "USER": "user", "PASSWORD": "password", "NAME": "dbname"}
    return psycopg.connect(autocommit=True, **{names[key]: parts[key] for key in names if parts[key]})


def build(root: Path, directory: Path, url: str, batches: bool) -> Rival:
    """Return a build of freetemp with its database."""
    directory.mkdir()
    boards = prepared(root, directory, url)
    environment = {"DATABASE_URL": url, "VAR_DIR": str(directory)}
    return Rival(
        lambda: gunicorn(freetemp.APP, directory, environment, root),
        reports(boards) if batches else map(get, values(boards)),
        lambda _: stored(url, "readings_reading"),
        BATCH if batches else 1,
    )


def plain(directory: Path, url: str) -> Rival:
    """Return plain Django under gunicorn's own worker, with as many threads as answer freetemp's boards."""
    boards = [freetemp.Board(n, f"02:00:00:00:00:{n:02x}", f"{n:032x}") for n in range(1, freetemp.STATIONS + 1)]
    environment = {"DATABASE_URL": url}
    stations = json.dumps([(board.mac, board.key) for board in boards])
    made = [sys.executable, "-m", PLAIN]
    subprocess.run(made, cwd=ROOT, env=os.environ | environment, input=stations, text=True, check=True)
    return Rival(
        lambda: _plain_server(directory, environment),
        map(get, values(boards)),
        lambda _: stored(url, "plain_reading"),
    )


def _plain_server(directory: Path, environment: dict[str, str]) -> AbstractContextManager[Running]:
    port = free_port()
    options = ["--worker-class", "gthread", "--workers", str(WORKERS), "--threads", str(THREADS)]
    command = [sys.executable, "-m", "gunicorn", *options, "--bind", f"127.0.0.1:{port}", f"{PLAIN}:application"]
    return serving(command, port, directory / "plain.log", environment)


def stored(url: str, table: str) -> int:
    """Return the number of readings in a table."""
    if url.startswith("sqlite"):
        return freetemp.stored(database=Path(url.removeprefix("sqlite:///")))
    with connect(url) as connection:
        row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(row[0]) if row else 0


if __name__ == "__main__":
    main()
