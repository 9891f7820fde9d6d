"""A standby for which commits wait hangs: boards and people are answered all the same, and nothing is lost."""

import json
import shutil
import subprocess
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from urllib.error import HTTPError

import pytest
from django.db import connection

from readings.ingest.board_view import IN_DOUBT
from tests.crash.client import Board
from tests.nodes.standby import Pair
from tests.preloaded import output_of
from tests.programs import comes_true, environment_of_tests
from tests.server import Server

MAC = "02:00:00:00:00:01"


@pytest.fixture
def pair(transactional_db):
    """A pair whose database is a copy of the tests' own, which is empty."""
    with Pair() as pair:
        own = connection.settings_dict
        dump = ["pg_dump", "-h", own["HOST"], "-U", own["USER"], own["NAME"]]
        load = ["psql", "-q", "-h", pair.directory, "-U", "freetemp", "postgres"]
        text = subprocess.run(dump, check=True, capture_output=True).stdout
        subprocess.run(load, input=text, check=True, stdout=subprocess.DEVNULL)
        yield pair


def board_of(pair):
    own = {"DJANGO_SETTINGS_MODULE": "freetemp.settings", "DATABASE_URL": pair.url}
    said = output_of(["manage.py", "add_station", "Garden", "--mac", MAC], environment_of_tests() | own)
    return Board(pair.ask("SELECT max(id) FROM stations_station"), MAC, said.split()[-1])


def report(board, boot):
    return board.post({"boot": boot, "readings": [{"seq": 1, "field": 1, "value": 20 + boot, "age": boot}]})


def page(server, path, **form):
    data = "&".join(f"{name}={value}" for name, value in form.items()).encode() or None
    try:
        with urllib.request.urlopen(server.url + path, data) as answer:
            return answer.status
    except HTTPError as error:
        return error.code


def told(server, request):
    status, headers, body = server.send(request)
    return status, int(headers.get("retry-after", 0)), body


@pytest.mark.django_db(transaction=True)
def test_reports_are_answered_in_doubt_pages_are_shown_and_a_repeat_is_told_rightly_once_it_is_back(
    pair, collected, tmp_path
):
    board, boots = board_of(pair), range(2, 6)
    shutil.copytree(collected, tmp_path / "var" / "static")
    pair.wait_for_the_standby()
    with Server(tmp_path / "log", DATABASE_URL=pair.url, WEB_CONCURRENCY="1", VAR_DIR=str(tmp_path / "var")) as server:
        assert told(server, report(board, 1))[0] == 200
        pair.hang()
        assert told(server, report(board, 2)) == (503, 30, IN_DOUBT.encode())
        with ThreadPoolExecutor(3) as pool:
            later = list(pool.map(lambda boot: told(server, report(board, boot))[0], boots[1:]))
        assert later == [503] * 3
        paths = ("/", f"/stations/{board.station}/", "/healthz", "/readyz")
        assert [page(server, path) for path in paths] == [200] * 4
        assert pair.ask("SELECT count(*) FROM readings_reading") == 1, "no commit that no standby has is seen"
        pair.wake()
        for boot in boots:
            assert comes_true(lambda boot=boot: told(server, report(board, boot))[0] == 200)
        again = [json.loads(told(server, report(board, boot))[2]) for boot in boots]
        assert [(each["stored"], each["duplicate"]) for each in again] == [(0, 1)] * len(boots)
        assert pair.ask("SELECT count(*) FROM readings_reading") == 1 + len(boots)
        assert pair.ask("SELECT count FROM readings_quarter") <= 1 + len(boots)
