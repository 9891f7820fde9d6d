"""The number of readings a second stored from backlogs: reports of 500, each on a connection of its own.

    .venv/bin/python -m benchmarks.batches [--rounds 5] [--seconds 6]

`POST /api/v1/readings/` of freetemp under gunicorn as shipped, and under Granian, with all that a report causes
(duplicates detected, newest values and rollups kept), beside InfluxDB's `/write` with the same readings. Servers take
turns as in single_values.py. Afterwards the database must hold exactly the acknowledged readings. TMPDIR chooses the
disk.
"""

from __future__ import annotations

import base64
import random
from collections.abc import Iterator
from itertools import count

from benchmarks.load import post
from benchmarks.peers import freetemp, granian, gunicorn, influxdb, scratch
from benchmarks.peers.rounds import Rival, heading, options, play, report

BATCH = 500
MINUTES = BATCH // freetemp.FIELDS  # All fields of a station have a reading a minute.
WARM_UP = 40
START_S = 1_577_836_800  # 2020-01-01
BOOT = 3_735_928_559


def main() -> None:
    chosen = options("How many readings a second are stored from backlogs.", seconds=6, at_once=8).parse_args()
    with scratch() as directory:
        boards = freetemp.prepare(directory)
        each = reports(boards)  # Both store into one database, so that a report is for one of them.
        rivals = {
            "freetemp": Rival(lambda: gunicorn(freetemp.APP, directory, {}), each, freetemp.stored, BATCH),
            "freetemp, Granian": Rival(lambda: granian(directory), each, freetemp.stored, BATCH),
        }
        if influxdb.is_installed():
            rivals["influxdb"] = Rival(
                lambda: influxdb.influxdb(directory), points(boards), influxdb.stored, BATCH, status=204
            )
        print(heading(directory, rivals, chosen), flush=True)
        rounds = play(rivals, chosen, warm_up=WARM_UP)
    print(*report(rounds, rivals, "readings/s", "influxdb"), sep="\n")


def backlogs(boards: list[freetemp.Board]) -> Iterator[tuple[freetemp.Board, int, list[tuple[int, int, float]]]]:
    """Yield each station's next 500 readings as (field, Unix seconds, value), with the number of the first."""
    for part in count():
        minutes = range(part * MINUTES, (part + 1) * MINUTES)
        for board in boards:
            yield board, part * BATCH + 1, [row for minute in minutes for row in at_minute(minute)]


def at_minute(minute: int) -> list[tuple[int, int, float]]:
    at = START_S + minute * 60 + random.randrange(50)  # Not on the full minute, as in reality.
    return [(field, at, round(random.gauss(15, 8), 2)) for field in range(1, freetemp.FIELDS + 1)]


def reports(boards: list[freetemp.Board]) -> Iterator[bytes]:
    """Yield reports as boards send them. Those of one station are far apart, since a board waits for each answer."""
    for board, first, rows in backlogs(boards):
        readings = [
            f'{{"seq": {seq}, "field": {field}, "value": {value}, "at": {at}}}'  # json.dumps() would be slow.
            for seq, (field, at, value) in enumerate(rows, first)
        ]
        user = f"{board.mac.replace(':', '')}:{board.key}".encode()
        headers = ["Content-Type: application/json", f"Authorization: Basic {base64.b64encode(user).decode()}"]
        body = f'{{"boot": {BOOT}, "readings": [{", ".join(readings)}]}}'
        yield post("/api/v1/readings/", body.encode(), *headers)


def points(boards: list[freetemp.Board]) -> Iterator[bytes]:
    """Yield the same readings in InfluxDB's form."""
    for board, _, rows in backlogs(boards):
        lines = [f"reading,station={board.station},field={field} value={value} {at}" for field, at, value in rows]
        yield post(f"/write?db={influxdb.DATABASE}&precision=s", "\n".join(lines).encode())


if __name__ == "__main__":
    main()
