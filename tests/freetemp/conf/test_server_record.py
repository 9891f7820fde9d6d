"""The address of a running server is known beside its database, and that of one that has ended is not believed."""

import os
import signal
import subprocess
import sys
from contextlib import ExitStack

import pytest

from freetemp.conf.server_record import address, announce, running_server
from tests.programs import kill, waited

pytestmark = pytest.mark.sqlite_only

SERVER = """
import sys
from pathlib import Path
from freetemp.conf.server_record import announce
announce(Path(sys.argv[1]), sys.argv[2])
print("announced", flush=True)
sys.stdin.read()
"""
HERE, LAN, OTHER = "http://127.0.0.1:8000", "http://192.0.2.20:8000", "http://192.0.2.20:8001"


@pytest.fixture
def serve(tmp_path):
    """Start a process that announces an address until it is ended."""
    with ExitStack() as stack:

        def serve(url):
            command = [sys.executable, "-c", SERVER, str(tmp_path), url]
            process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            stack.enter_context(process)
            stack.callback(kill, process)
            assert process.stdout.readline() == "announced\n"
            return process

        yield serve


def end(process, number):
    process.send_signal(number)
    waited(process)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_an_address_is_known_as_long_as_its_server_lives(tmp_path, serve, number):
    assert running_server(tmp_path) is None
    server = serve(LAN)
    assert [running_server(tmp_path) for _ in range(3)] == [LAN] * 3
    end(server, number)
    assert list(tmp_path.glob("servers/*.url"))
    assert running_server(tmp_path) is None


def test_of_two_servers_the_one_that_boards_reach_is_told_then_the_newest(tmp_path, serve):
    in_network = serve(LAN)
    here = serve(HERE)
    assert running_server(tmp_path) == LAN
    end(in_network, signal.SIGKILL)
    assert running_server(tmp_path) == HERE
    first, second = serve(LAN), serve(OTHER)
    for number, server in enumerate((first, second)):
        path = next(path for path in tmp_path.glob("servers/*.url") if path.read_text() == (LAN, OTHER)[number])
        os.utime(path, (1_000 + number, 1_000 + number))
        assert server.poll() is None
    assert running_server(tmp_path) == OTHER
    end(second, signal.SIGTERM)
    assert running_server(tmp_path) == LAN
    end(here, signal.SIGTERM)


def test_the_files_of_ended_servers_go_and_those_of_others_stay(tmp_path, serve):
    end(serve(LAN), signal.SIGKILL)
    lives = serve(OTHER)
    serve(HERE)
    assert sorted(path.read_text() for path in tmp_path.glob("servers/*.url")) == [HERE, OTHER]
    assert len(list(tmp_path.glob("servers/*"))) == 4
    assert lives.poll() is None
    assert running_server(tmp_path) == OTHER


def test_an_address_without_its_lock_and_what_is_no_address_are_not_believed(tmp_path, serve):
    serve("no address")
    (tmp_path / "servers" / "0123456789abcdef.url").write_text(LAN)
    assert running_server(tmp_path) is None


@pytest.mark.parametrize(
    ("given", "is_final", "told"),
    [(HERE, False, LAN), (HERE, True, HERE), (OTHER, False, OTHER), ("http://localhost:9000", False, LAN)],
)
def test_a_running_server_knows_better_only_than_an_address_of_this_machine(tmp_path, serve, given, is_final, told):
    serve(LAN)
    assert address(given, tmp_path, is_final) == told


def test_without_a_server_the_given_address_stays(tmp_path):
    assert address(HERE, tmp_path, is_final=False) == HERE


def test_a_server_without_a_folder_for_its_address_starts_all_the_same(tmp_path):
    (tmp_path / "servers").write_text("a file")
    announce(tmp_path, LAN)
    assert running_server(tmp_path) is None
