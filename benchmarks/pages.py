"""A station's page in this build beside an earlier one: the processor's time for a visit, in process, on SQLite.

    .venv/bin/python -m benchmarks.pages ddcbe54 [--rounds 30]

The station has two years of a reading a minute of two fields (history.py). Each build has a database and a process of
its own, see page_rounds.py, and they take turns. The best of all rounds is reported: other work of the machine only
adds to it. TMPDIR chooses the disk.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, NamedTuple, cast

from benchmarks import machine
from benchmarks.earlier_build import worktree
from benchmarks.page_rounds import PERIODS
from benchmarks.peers import ROOT, scratch

Costs = dict[str, dict[str, float]]  # milliseconds, by period and kind of visit


class Build(NamedTuple):
    """A running page_rounds.py."""

    asked: IO[str]
    told: IO[str]

    def play(self) -> Costs:
        self.asked.write("\n")
        self.asked.flush()
        return cast(Costs, json.loads(self.told.readline()))


def main() -> None:
    parser = argparse.ArgumentParser(description="What a visit to a station's page costs, beside an earlier build.")
    parser.add_argument("commit", help="the earlier build")
    parser.add_argument("--rounds", type=int, default=30)
    options = parser.parse_args()
    with (
        scratch() as directory,
        worktree(options.commit, directory / "code") as earlier,
        build(earlier, directory / "earlier") as before,
        build(ROOT, directory / "now") as now,
    ):
        print(f"{datetime.now(UTC):%Y-%m-%d}, {machine(directory)} Best of {options.rounds} rounds.\n", flush=True)
        played = [(before.play(), now.play()) for _ in range(options.rounds + 1)][1:]  # The first compiles templates.
    print(*report([each for each, _ in played], [each for _, each in played]), sep="\n")


@contextmanager
def build(root: Path, directory: Path) -> Iterator[Build]:
    """Yield a build whose code is in a folder, with a database in another one."""
    (directory / "static").mkdir(parents=True)
    env = os.environ | {
        "DATABASE_URL": f"sqlite:///{directory / 'freetemp_benchmark'}",
        "SECRET_KEY": secrets.token_hex(32),
        "SERVER_URL": "http://127.0.0.1:8000",
        "VAR_DIR": str(directory),
        "DEBUG": "off",
        "PYTHONPATH": str(root),
    }
    modules = root / "node_modules"
    if not modules.exists():
        modules.symlink_to(ROOT / "node_modules")
    command = [sys.executable, str(Path(__file__).with_name("page_rounds.py"))]
    process = subprocess.Popen(command, cwd=root, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield Build(process.stdin, process.stdout)
    finally:
        process.stdin.close()
        process.wait()


def report(before: list[Costs], now: list[Costs]) -> Iterator[str]:
    """Yield the rows of a table."""
    yield "| period | before, ms | now, after a new reading | ratio | for another viewer | ratio | 304 |"
    yield "|---|---:|---:|---:|---:|---:|---:|"
    for name in PERIODS:
        earlier = best(before, name, "first")
        first, second, known = (best(now, name, kind) for kind in ("first", "second", "known"))
        yield (
            f"| {name} | {earlier:.1f} | {first:.1f} | {first / earlier:.2f} | {second:.1f} | {second / earlier:.2f}"
            f" | {known:.1f} |"
        )


def best(rounds: list[Costs], name: str, kind: str) -> float:
    return min(each[name][kind] for each in rounds if kind in each[name])


if __name__ == "__main__":
    main()
