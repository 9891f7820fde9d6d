"""InfluxDB 1.6 as Debian packages it: HTTP on a free port of this machine, data in a directory of its own.

It is as durable as it comes: `wal-fsync-delay` is 0s, each write is forced to disk before its answer. What it would
otherwise do beside is off: usage reports, its own statistics, logs of requests and of queries.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import urlopen

from benchmarks.peers import Running, free_port, serving

DATABASE = "weather"
PROGRAM = "influxd"
CONFIG = """
reporting-disabled = true
bind-address = "127.0.0.1:{backup_port}"

[meta]
dir = "{home}/meta"

[data]
dir = "{home}/data"
wal-dir = "{home}/wal"
wal-fsync-delay = "0s"
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
def influxdb(directory: Path) -> Iterator[Running]:
    """Run influxd on the data of this directory."""
    port, home = free_port(), directory / "influxdb"
    home.mkdir(exist_ok=True)
    config = home / "influxdb.conf"
    config.write_text(CONFIG.format(home=home, port=port, backup_port=free_port()))
    with serving([PROGRAM, "-config", str(config)], port, home / "log") as running:
        query(running, f"CREATE DATABASE {DATABASE}")
        yield running


def query(server: Running, statement: str) -> list[dict[str, list[list[float]]]]:
    """Run a statement and return the series that it answers."""
    form = urlencode({"db": DATABASE, "q": statement}).encode()
    with urlopen(f"http://127.0.0.1:{server.port}/query", form, timeout=60) as answer:
        result = json.load(answer)["results"][0]
    return result.get("series", [])


def stored(server: Running) -> int:
    """Return how many points are in the database."""
    return sum(int(series["values"][0][1]) for series in query(server, "SELECT count(value) FROM reading"))
