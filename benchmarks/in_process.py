"""The cost of a single value without sockets: the WSGI application is called as a server calls it.

    .venv/bin/python -m benchmarks.in_process [--requests 5000] [--threads 1] [--profile cumulative|tottime]

Each row is a kind of request: refused before any query, and stored. If the processor's time is far below the time
passed, threads wait for the disk or for each other. `--profile` prints the functions that take longest; the profiler
slows everything down, small functions most. TMPDIR chooses the disk.
"""

from __future__ import annotations

import argparse
import cProfile
import io
import pstats
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from benchmarks import machine
from benchmarks.peers import freetemp, noop, scratch

PROFILE_LINES = 25


def main() -> None:
    parser = argparse.ArgumentParser(description="What a single value costs without sockets.")
    parser.add_argument("--requests", type=int, default=5_000)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--profile", choices=["cumulative", "tottime"])
    options = parser.parse_args()
    with scratch() as directory:
        boards = freetemp.prepare(directory)
        from freetemp.wsgi import application

        call_all(application, islice(values(boards), len(boards)))  # Imports, and each key's first use.
        if options.profile:
            profile(application, list(islice(values(boards), options.requests)), options.profile)
        else:
            compare(application, boards, directory, options)


def compare(application: Any, boards: list[freetemp.Board], directory: Path, options: argparse.Namespace) -> None:
    print(machine(directory), f"{options.requests:,} requests, {options.threads} threads.", end="\n\n")
    print("| | µs a request | of it processor | answers |\n|---|---:|---:|---|")
    stored = freetemp.stored()
    kinds = {
        "no-op app": (noop.application, values(boards)),
        "400: no report": (application, cycle(["/update/"])),
        "400: a wrong MAC": (application, cycle(["/update/API_key=1/mac=1/field=1/data=1"])),
        "200: stored": (application, values(boards)),
    }
    for name, (app, paths) in kinds.items():
        answers = timed(name, app, list(islice(paths, options.requests)), options.threads)
    assert freetemp.stored() - stored == answers[200], "the database does not hold what was answered OK"


def timed(name: str, application: Any, paths: list[str], threads: int) -> Counter[int]:
    """Call the application for each path, and print a row of the table."""
    started, worked = perf_counter(), process_time()
    with ThreadPoolExecutor(threads) as pool:
        parts = pool.map(lambda part: call_all(application, part), [paths[n::threads] for n in range(threads)])
        answers = sum(parts, Counter[int]())
    costs = (perf_counter() - started, process_time() - worked)
    elapsed, processor = (cost / len(paths) * 1e6 for cost in costs)
    print(f"| {name} | {elapsed:,.0f} | {processor:,.0f} | {dict(answers)} |")
    return answers


def profile(application: Any, paths: list[str], order: str) -> None:
    profiler = cProfile.Profile()
    answers = profiler.runcall(call_all, application, paths)
    print(dict(answers))
    pstats.Stats(profiler).strip_dirs().sort_stats(order).print_stats(PROFILE_LINES)


def values(boards: list[freetemp.Board]) -> Iterator[str]:
    """Yield the paths of single values, station by station and then field by field, for ever."""
    for field in cycle(range(1, freetemp.FIELDS + 1)):
        for board in boards:
            yield freetemp.path(board, field)


def call_all(application: Any, paths: Any) -> Counter[int]:
    return Counter(call(application, path) for path in paths)


def call(application: Callable[..., Any], path: str) -> int:
    """Act as a WSGI server for a request, and return its status."""
    statuses: list[str] = []
    body = application(environ(path), lambda status, headers, *_: statuses.append(status))
    try:
        b"".join(body)
    finally:
        getattr(body, "close", lambda: None)()  # This makes Django end the request, and close its database connection.
    return int(statuses[0][:3])


def environ(path: str) -> dict[str, Any]:
    return {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "RAW_URI": path,
        "QUERY_STRING": "",
        "SERVER_PROTOCOL": "HTTP/1.0",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "127.0.0.1:8000",
        "HTTP_CONNECTION": "close",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }


if __name__ == "__main__":
    main()
