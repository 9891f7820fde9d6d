"""InfluxDB 1.6 from Debian's package: HTTP on a free port of this machine, data in a directory of its own.

Its durability is the default: `wal-fsync-delay` is 0s, so each write is forced to disk before its answer. Its side
jobs are off: usage reports, its own statistics, logs of requests and of queries.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import urlopen

from benchmarks.exact import Point
from benchmarks.history import Raw
from benchmarks.load import get
from benchmarks.peers import Running, free_port, serving

DATABASE = "weather"
PROGRAM = "influxd"
POINTS_AT_ONCE = 10_000
CONFIG = """
reporting-disabled = true
bind-address = "127.0.0.1:{backup_port}"

[meta]
dir = "{home}/meta"

[data]
dir = "{home}/data"
wal-dir = "{home}/wal"
wal-fsync-delay = "0s"
cache-snapshot-write-cold-duration = "{cold_s}s"
query-log-enabled = false

[monitor]
store-enabled = false

[http]
bind-address = "127.0.0.1:{port}"
log-enabled = false

[logging]
level = "error"
suppress-logo = true
"""


def is_installed() -> bool:
    return shutil.which(PROGRAM) is not None


@contextmanager
def influxdb(directory: Path, cold_s: int = 600) -> Iterator[Running]:
    """Run influxd on this directory's data. Data without a write for `cold_s` seconds moves from memory to files."""
    port, home = free_port(), directory / "influxdb"
    home.mkdir(exist_ok=True)
    config = home / "influxdb.conf"
    config.write_text(CONFIG.format(home=home, port=port, backup_port=free_port(), cold_s=cold_s))
    with serving([PROGRAM, "-config", str(config)], port, home / "log") as running:
        query(running, f"CREATE DATABASE {DATABASE}")
        yield running


def query(server: Running, statement: str) -> list[dict[str, list[list[float]]]]:
    """Run a statement and return the series of its answer."""
    form = urlencode({"db": DATABASE, "q": statement}).encode()
    with urlopen(f"http://127.0.0.1:{server.port}/query", form, timeout=60) as answer:
        result = json.load(answer)["results"][0]
    return result.get("series", [])


def stored(server: Running) -> int:
    """Return the number of points in the database."""
    return sum(int(series["values"][0][1]) for series in query(server, "SELECT count(value) FROM reading"))


def store(server: Running, raw: Raw) -> None:
    """Store a field's readings."""
    url = f"http://127.0.0.1:{server.port}/write?db={DATABASE}&precision=ms"
    for at in range(0, len(raw.times), POINTS_AT_ONCE):
        rows = zip(raw.times[at : at + POINTS_AT_ONCE], raw.values[at : at + POINTS_AT_ONCE], strict=True)
        urlopen(url, "\n".join(f"reading value={value} {at_ms}" for at_ms, value in rows).encode(), timeout=60).close()


def request(start_ms: int, end_ms: int, step_s: int) -> bytes:
    """Ask for mean, smallest and largest of each step of UTC, from the one that holds start to the one before end."""
    step_ms = step_s * 1000
    first_ms, after_ms = start_ms - start_ms % step_ms, -(-end_ms // step_ms) * step_ms
    statement = (
        f"SELECT mean(value), min(value), max(value) FROM reading WHERE time >= {first_ms}ms AND time < {after_ms}ms"
        f" GROUP BY time({step_s}s) fill(none)"
    )
    asked = urlencode({"db": DATABASE, "epoch": "ms", "q": statement})
    return get(f"/query?{asked}", "Accept-Encoding: gzip")


def points(body: bytes, step_s: int) -> list[Point]:
    """Return the points of an answer, each bucket by its start."""
    (series,) = json.loads(body)["results"][0]["series"]
    return [(at_ms, mean, low, high) for at_ms, mean, low, high in series["values"]]
