"""VictoriaMetrics from Debian's package: HTTP on a free port of this machine, data in a directory of its own.

Unlike the default, it keeps data older than a month, and shows data younger than 30 seconds.
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

PROGRAM = "victoria-metrics"
METRIC = "reading"
POINTS_AT_ONCE = 10_000


def is_installed() -> bool:
    return shutil.which(PROGRAM) is not None


@contextmanager
def victoriametrics(directory: Path) -> Iterator[Running]:
    port = free_port()
    options = [f"-storageDataPath={directory / 'victoriametrics'}", f"-httpListenAddr=127.0.0.1:{port}"]
    options += ["-retentionPeriod=100y", "-search.latencyOffset=0s", "-loggerLevel=ERROR"]
    with serving([PROGRAM, *options], port, directory / "victoriametrics.log") as running:
        yield running


def store(server: Running, raw: Raw) -> None:
    """Store a field's readings, and make them visible to queries."""
    for at in range(0, len(raw.times), POINTS_AT_ONCE):
        part = slice(at, at + POINTS_AT_ONCE)
        line = {"metric": {"__name__": METRIC}, "timestamps": list(raw.times[part]), "values": list(raw.values[part])}
        urlopen(f"http://127.0.0.1:{server.port}/api/v1/import", json.dumps(line).encode(), timeout=60).close()
    urlopen(f"http://127.0.0.1:{server.port}/internal/force_flush", timeout=60).close()


def request(start_ms: int, end_ms: int, step_s: int) -> bytes:
    """Ask for mean, smallest and largest of each step of UTC, from the one that holds start to the one before end.

    Its answer for a moment covers the readings after the moment one step before, up to and including the moment itself.
    A millisecond before a bucket's end, that is the bucket. Without its cache, it does not move the buckets either.
    """
    step_ms = step_s * 1000
    first_ms, last_ms = start_ms - start_ms % step_ms, (end_ms - 1) // step_ms * step_ms
    asked = {
        "query": f"rollup({METRIC}[{step_s}s])",
        "start": f"{(first_ms + step_ms - 1) / 1000:.3f}",
        "end": f"{(last_ms + step_ms - 1) / 1000:.3f}",
        "step": f"{step_s}s",
        "nocache": 1,
    }
    return get(f"/api/v1/query_range?{urlencode(asked)}", "Accept-Encoding: gzip")


def points(body: bytes, step_s: int) -> list[Point]:
    """Return the points of an answer, each bucket by its start."""
    columns = {series["metric"]["rollup"]: series["values"] for series in json.loads(body)["data"]["result"]}
    rows = zip(columns["avg"], columns["min"], columns["max"], strict=True)
    return [
        (round(at * 1000) + 1 - step_s * 1000, float(mean), float(low), float(high))
        for (at, mean), (_, low), (_, high) in rows
    ]
