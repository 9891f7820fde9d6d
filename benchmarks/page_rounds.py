"""The rounds of pages.py, in a process of its own, with the code of any build: a round for each line of its input.

A round is a new reading of each field, and then visits: of a viewer, of another one, and of one whose browser has the
page. Its output is a line of JSON with the milliseconds of processor time of each, by the name of the period.
"""

from __future__ import annotations

import json
import sys
from time import process_time, time
from typing import Any, NamedTuple

from benchmarks.history import fill
from benchmarks.in_process import environ
from benchmarks.storage import database

YEARS, FIELDS = 2, (1, 2)
PERIODS = ("day", "month", "year")


class Answer(NamedTuple):
    """The status of an answer, its ETag or an empty text, and the processor's time for it."""

    status: str
    etag: str
    processor_ms: float


def main() -> None:
    with database() as connection:
        from django.core.management import call_command

        from freetemp.wsgi import application

        call_command("collectstatic", interactive=False, verbosity=0)  # The page refers to these files.
        station, _ = fill(connection, YEARS, FIELDS)
        for turn, _ in enumerate(sys.stdin):
            print(json.dumps({name: _round(application, station, name, turn) for name in PERIODS}), flush=True)


def _round(application: Any, station: Any, name: str, turn: int) -> dict[str, float]:
    from readings import ingest
    from readings.ingest.reports import Measurement

    now_ms = round(time() * 1000)
    ingest.store(station, [Measurement(number, now_ms, 20.0 + turn % 10) for number in FIELDS])
    first, second = (_visit(application, station, name) for _ in range(2))
    known = _visit(application, station, name, first.etag)
    assert (first.status, second.status) == ("200 OK", "200 OK"), (first, second)
    return {"first": first.processor_ms, "second": second.processor_ms} | (
        {"known": known.processor_ms} if known.status.startswith("304") else {}
    )


def _visit(application: Any, station: Any, name: str, etag: str = "") -> Answer:
    """Act as a WSGI server for a browser's request."""
    request = environ(f"/stations/{station.pk}/") | {"QUERY_STRING": f"period={name}", "HTTP_ACCEPT_ENCODING": "gzip"}
    request |= {"HTTP_IF_NONE_MATCH": etag} if etag else {}
    told: list[Any] = []
    worked = process_time()
    chunks = application(request, lambda status, headers, *_: told.extend((status, dict(headers))))
    b"".join(chunks)
    chunks.close()
    return Answer(told[0], told[1].get("ETag", ""), (process_time() - worked) * 1000)


if __name__ == "__main__":
    main()
