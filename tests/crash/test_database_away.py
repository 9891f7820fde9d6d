"""PostgreSQL goes away while the server runs, and comes back."""

import os

import pytest
from django.db import connection

from tests.crash.client import Board, Client
from tests.crash.postgres import Cluster
from tests.preloaded import output_of
from tests.programs import comes_true
from tests.server import Server

MAC = "02:00:00:00:00:01"


@pytest.fixture
def cluster():
    if connection.vendor != "postgresql":
        pytest.skip("SQLite cannot go away")
    with Cluster() as cluster:
        yield cluster


@pytest.fixture
def board(cluster):
    own = {"DJANGO_SETTINGS_MODULE": "freetemp.settings", "DATABASE_URL": cluster.url}
    for command in (["migrate"], ["add_station", "Garden", "--mac", MAC]):
        said = output_of(["manage.py", *command], os.environ | own)
    return Board(1, MAC, said.split()[-1])


@pytest.mark.every_database
def test_without_postgresql_boards_get_a_503_in_time_and_are_served_again_when_it_is_back(cluster, board, tmp_path):
    with Server(tmp_path / "log", DATABASE_URL=cluster.url, WEB_CONCURRENCY="2") as server:
        client = Client(1, server.port, [], [board], seed=1)
        requests = [client.get(board, 1, 21.4), client.post(board, {"boot": 1, "readings": []})]
        assert [client.exchange(request)[0] for request in requests] == [200, 200]
        cluster.stop()
        for request in requests * 3:
            status, headers, body = server.send(request)
            assert (status, body) == (503, b"the database cannot take it now")
            assert int(headers["retry-after"]) > 0
        cluster.start()
        # After an outage of less than TRUSTED_S a process may try its old connection once.
        assert comes_true(lambda: [client.exchange(request)[0] for request in requests * 8] == [200] * 16)
