"""The number of single values a second stored durably, each in a request of its own on a connection of its own.

    .venv/bin/python -m benchmarks.single_values [--rounds 5] [--seconds 6] [--workers 2] [--threads 8]
    .venv/bin/python -m benchmarks.single_values --sweep

freetemp, a no-op WSGI app and a tutorial's Flask app run under gunicorn as freetemp ships it, and InfluxDB takes one
point a request. They run one after the other within a round, backwards in every second round, each freshly started on
one core, with the load on another. Every answer is counted. Afterwards the database must hold exactly the acknowledged
values. `--sweep` tries freetemp with several numbers of workers and threads instead. TMPDIR chooses the disk.
"""

from __future__ import annotations

import argparse
import itertools
import os
import random
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

from benchmarks.in_process import values
from benchmarks.load import get, post
from benchmarks.peers import Running, freetemp, gunicorn, influxdb, noop, scratch
from benchmarks.peers.rounds import Rival, heading, options, play, report

SWEEP = list(itertools.product((1, 2, 3), (4, 8, 16, 32)))


def main() -> None:
    chosen = arguments()
    with scratch() as directory:
        boards = freetemp.prepare(directory)
        rivals = sweep(directory, boards) if chosen.sweep else peers(directory, boards, chosen)
        print(heading(directory, rivals, chosen), flush=True)
        rounds = play(rivals, chosen, warm_up=len(boards))  # The warm-up gives each key its first use.
    print(*report(rounds, rivals, "values/s", "no-op"), sep="\n")


def arguments() -> argparse.Namespace:
    parser = options("How many single values a second are stored durably.", seconds=6, at_once=32)
    parser.add_argument("--workers", help="gunicorn's WEB_CONCURRENCY; else as shipped, or as .env says")
    parser.add_argument("--threads", help="gunicorn's WEB_THREADS")
    parser.add_argument("--sweep", action="store_true", help="freetemp alone, by workers x threads")
    return parser.parse_args()


def peers(directory: Path, boards: list[freetemp.Board], chosen: argparse.Namespace) -> dict[str, Rival]:
    """Return the rivals: Flask and InfluxDB only if they are installed."""
    given = {"WEB_CONCURRENCY": chosen.workers, "WEB_THREADS": chosen.threads}
    environment = {name: value for name, value in given.items() if value}
    rivals = {
        "no-op": under_gunicorn(noop.APP, directory, boards, None, environment),
        "freetemp": under_gunicorn(freetemp.APP, directory, boards, freetemp.stored, environment),
    }
    if find_spec("flask"):
        rivals["flask"] = flask(directory, boards, environment)
    if influxdb.is_installed():
        rivals["influxdb"] = Rival(lambda: influxdb.influxdb(directory), points(boards), influxdb.stored, status=204)
    return rivals


def sweep(directory: Path, boards: list[freetemp.Board]) -> dict[str, Rival]:
    environments = [{"WEB_CONCURRENCY": str(workers), "WEB_THREADS": str(threads)} for workers, threads in SWEEP]
    return {
        " x ".join(each.values()): under_gunicorn(freetemp.APP, directory, boards, freetemp.stored, each)
        for each in environments
    }


def under_gunicorn(
    app: str,
    directory: Path,
    boards: list[freetemp.Board],
    stored: Callable[[Running], int] | None,
    environment: dict[str, str],
) -> Rival:
    return Rival(lambda: gunicorn(app, directory, environment), map(get, values(boards)), stored)


def flask(directory: Path, boards: list[freetemp.Board], environment: dict[str, str]) -> Rival:
    os.environ["FLASK_DATABASE"] = str(directory / "flask.sqlite3")
    from benchmarks.peers import flask_app

    flask_app.create()
    own = [board._replace(key=flask_app.API_KEY) for board in boards]
    return under_gunicorn(flask_app.APP, directory, own, flask_app.stored, environment)


def points(boards: list[freetemp.Board]) -> Iterator[bytes]:
    """Yield requests with one point each. InfluxDB uses the moment of arrival."""
    for field in itertools.cycle(range(1, freetemp.FIELDS + 1)):
        for board in boards:
            line = f"reading,station={board.station},field={field} value={random.gauss(15, 8):.2f}"
            yield post(f"/write?db={influxdb.DATABASE}", line.encode())


if __name__ == "__main__":
    main()
