"""What boards get while clients guess passwords of the admin, on a server as `bootstrap.py serve` starts it.

    .venv/bin/python -m benchmarks.logins [--clients 64] [--seconds 15] [--root FOLDER]

16 boards send a value a second each, on a fresh connection. Meanwhile so many clients post wrong logins, each at once
after its last answer: first none, then from one address, then from as many addresses as there are logins. The server
has all cores, and the load too, in processes of its own. `--root` serves another checkout of freetemp. TMPDIR chooses
the disk.
"""

from __future__ import annotations

import argparse
import re
import socket
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import UTC, datetime
from http.client import HTTPConnection
from itertools import count
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from benchmarks import machine
from benchmarks.load import drive, get, post
from benchmarks.peers import ROOT, freetemp, scratch, serving
from benchmarks.peers.freetemp import Board
from tests.server import free_port

BOARDS = 16
PATIENCE_S = 30
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')
STORMS = {"nothing": 0, "one address": 1, "many addresses": 1_000_000}


def main() -> None:
    parser = argparse.ArgumentParser(description="What boards get beside wrong logins.")
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--seconds", type=int, default=15)
    parser.add_argument("--root", type=Path, default=ROOT, help="the checkout of freetemp that serves")
    options = parser.parse_args()
    with scratch() as directory:
        boards = freetemp.prepare(directory)[:BOARDS]
        from django.core.management import call_command

        call_command("collectstatic", interactive=False, verbosity=0)
        print(f"{datetime.now(UTC):%Y-%m-%d}, {machine(directory)}\n")
        print("| wrong logins from | answers to boards | half | 95 % | slowest, ms | logins answered |")
        print("|---|---:|---:|---:|---:|---|")
        for name, addresses in STORMS.items():
            print(row(name, addresses, boards, directory, options), flush=True)


def row(name: str, addresses: int, boards: list[Board], directory: Path, options: Any) -> str:
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "--bind", f"127.0.0.1:{port}"]
    (directory / "cache.slots").unlink(missing_ok=True)
    environment = {"TRUSTED_PROXIES": "127.0.0.1"}
    with (
        serving([*command, freetemp.APP], port, directory / "log", environment, options.root, cores="0-63") as server,
        ProcessPoolExecutor(1, get_context("spawn")) as others,
    ):
        clients = options.clients if addresses else 0
        storm = others.submit(guess, server.port, clients, addresses, options.seconds + 2)
        time.sleep(2)
        waits = sorted(ask_boards(server.port, boards, options.seconds))
        statuses = storm.result()
    right = [each for each in waits if each < PATIENCE_S]
    figures = " | ".join(f"{waits[len(waits) * part // 100] * 1000:,.0f}" for part in (50, 95)) if waits else "- | -"
    told = ", ".join(f"{number} x {status}" for status, number in sorted(statuses.items()))
    return (
        f"| {name} | {len(right)} of {len(boards) * options.seconds} | {figures} | {waits[-1] * 1000:,.0f} | {told} |"
    )


def guess(port: int, clients: int, addresses: int, seconds: float) -> Counter[int]:
    """Post wrong logins for some seconds, and return how many answers there were by status."""
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
    connection.request("GET", "/account/login/")
    answer = connection.getresponse()
    cookie = str(answer.headers["Set-Cookie"]).partition(";")[0]
    token = TOKEN.findall(answer.read().decode())[0]
    connection.close()

    def requests() -> Iterator[bytes]:
        for number in count():
            form = {"csrfmiddlewaretoken": token, "username": "admin", "password": f"guess {number}"}
            at = number % addresses
            claimed = f"X-Forwarded-For: 10.{at >> 16 & 255}.{at >> 8 & 255}.{at & 255}"
            kind = "Content-Type: application/x-www-form-urlencoded"
            yield post("/account/login/", urlencode(form).encode(), f"Cookie: {cookie}", kind, claimed)

    return drive(port, requests(), seconds=seconds, at_once=clients).statuses if clients else Counter()


def ask_boards(port: int, boards: list[Board], seconds: int) -> Iterator[float]:
    """Have each board send a value a second. Yield the seconds that each took, PATIENCE_S for one without its OK."""
    with ThreadPoolExecutor(len(boards)) as pool:
        for waits in pool.map(lambda each: report(port, each, seconds), boards):
            yield from waits


def report(port: int, board: Board, seconds: int) -> list[float]:
    waits, begun = [], time.perf_counter() + boards_apart(board)
    for second in range(seconds):
        time.sleep(max(0, begun + second - time.perf_counter()))
        if time.perf_counter() > begun + second + PATIENCE_S:
            break
        started = time.perf_counter()
        waits.append(time.perf_counter() - started if is_stored(port, board) else PATIENCE_S)
    return waits


def boards_apart(board: Board) -> float:
    return board.station % BOARDS / BOARDS


def is_stored(port: int, board: Board) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as connection:
            connection.sendall(get(freetemp.path(board, 1)))
            return connection.makefile("rb").read().endswith(b"OK")
    except OSError:
        return False


if __name__ == "__main__":
    main()
