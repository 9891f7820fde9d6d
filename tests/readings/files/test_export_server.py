"""Files through the real server: slow clients, clients that go away, and pandas as in the documentation."""

import re
import socket
import textwrap
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import connection, transaction

from freetemp.fields import to_millis
from readings import ingest
from readings.files.places import OF_ONE_NETWORK
from readings.ingest.insert import insert_readings
from readings.ingest.reports import Measurement
from stations.models import Key, Station
from tests.programs import PATIENCE_S, comes_true
from tests.server import ROOT, Server

UNREAD_S = 10  # The server ends a download that nobody reads for so long.

MAC = "6c:ef:7f:3b:9d:e8"
START_MS = to_millis(datetime(2026, 10, 24, 22, tzinfo=UTC))
COUNT = 100_000  # Some 4 MB: more than sockets' buffers hold.

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.any_day]


@pytest.fixture
def key():
    station = Station.objects.create(name="Garden", mac=MAC, timezone="Europe/Berlin")
    station.fields.create(number=2, name="humidity", unit="%")
    with transaction.atomic():  # This skips the rollups, which take longer.
        insert_readings({(station.pk, 1, START_MS + n * 1_000): n / 10 for n in range(1, COUNT - 1)})
    ends = [Measurement(1, START_MS + n * 1_000, n / 10) for n in (0, COUNT - 1)]
    ingest.store(station, [*ends, Measurement(2, START_MS + 2_000, 60)])
    return Key.objects.issue(station)


@pytest.fixture
def server(key, tmp_path):
    with Server(tmp_path / "server.log") as server:
        yield server


@pytest.fixture
def address(server, key):
    return f"{server.url}/stations/{Station.objects.get().pk}"


def open_file(server, suffix="csv"):
    """Ask for all readings, and read only the beginning."""
    connection = socket.socket()
    connection.settimeout(PATIENCE_S)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)  # The rest waits in the server.
    connection.connect(("127.0.0.1", server.port))
    path = f"/stations/{Station.objects.get().pk}/readings.{suffix}?period=all"
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
    return connection, connection.recv(4_096)


def test_who_reads_slowly_keeps_no_board_waiting_and_nothing_open_in_the_database(server, key):
    reader, beginning = open_file(server)
    assert beginning.startswith(b"HTTP/1.1 200 OK")
    for n in range(10):
        path = f"/update/API_key={key}/mac={MAC}/field=2/data={n}"
        assert server.send(f"GET {path} HTTP/1.0\r\n\r\n".encode())[0] == 200
    # Until the sockets' buffers are full, and the file waits for its client.
    assert comes_true(nothing_is_open)
    reader.close()


def nothing_is_open():
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            # A reader would keep the log from starting again: busy, or with pages that are not in the database.
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return cursor.fetchone() == (0, 0, 0)
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND backend_type = 'client backend' AND (xact_start IS NOT NULL OR backend_xmin IS NOT NULL)"
        )
        return cursor.fetchone() == (0,)


@pytest.mark.parametrize("suffix", ["csv", pytest.param("xlsx", marks=pytest.mark.sqlite_only)])
def test_who_goes_away_makes_room_for_others(server, suffix):
    for _ in range(2):
        assert comes_true(lambda: is_full(server, suffix))


def is_full(server, suffix):
    """Tell whether no more have a place than should. On a slow computer, the server may end an unread download."""
    readers, began = [], time.monotonic()
    assert comes_true(lambda: len(readers) == OF_ONE_NETWORK or let_in(readers, server, suffix))
    refused, beginning = open_file(server, suffix)
    for reader in (refused, *readers):
        reader.close()
    is_refused = beginning.startswith(b"HTTP/1.1 503")
    assert is_refused or time.monotonic() - began > UNREAD_S - 2
    return is_refused


def let_in(readers, server, suffix):
    """Add a client once there is room: the server notices a client's end only with the next part of its file."""
    reader, beginning = open_file(server, suffix)
    if beginning.startswith(b"HTTP/1.1 200 OK"):
        readers.append(reader)
    else:
        reader.close()
    return len(readers) == OF_ONE_NETWORK


@pytest.mark.sqlite_only
def test_pandas_reads_both_files_as_the_documentation_says(address):
    pandas = pytest.importorskip("pandas")
    names = {}
    exec(snippet().replace("http://127.0.0.1:8000/stations/1", address), names)  # noqa: S102 - as people are told to
    for told in (names["from_csv"], names["from_json"]):
        assert list(told.columns) == ["temperature [degC]", "humidity [%]"]
        assert isinstance(told.index, pandas.DatetimeIndex)
        assert len(told) == COUNT
        assert told.index[0] == pandas.Timestamp("2026-10-24T22:00:00Z")
        assert (told["temperature [degC]"].iloc[-1], told["humidity [%]"].iloc[2]) == ((COUNT - 1) / 10, 60)
        assert told["humidity [%]"].isna().sum() == COUNT - 1


def snippet() -> str:
    """Return the lines of docs/http-api.md from the import of pandas to the end of that block."""
    text = Path(ROOT, "docs", "http-api.md").read_text()
    (block,) = re.findall(r"^    import pandas\n(?:(?: {4}.*)?\n)*", text, re.MULTILINE)
    return textwrap.dedent(block)
