"""Tests reach no other machine, and react to Ctrl-C wherever they were started."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request

import pytest

from tests.outside import OutsideError, unguarded
from tests.programs import ended
from tests.server import ROOT

pytestmark = pytest.mark.sqlite_only

FAR = "198.51.100.7"  # An unassigned address too (RFC 5737), in case nothing refuses.


def by_a_socket(ask):
    with socket.socket(type=socket.SOCK_DGRAM) as own:
        ask(own)


@pytest.mark.parametrize(
    "ask",
    [
        lambda: socket.create_connection((FAR, 80), timeout=1),
        lambda: socket.create_connection(("2001:db8::7", 80), timeout=1),
        lambda: by_a_socket(lambda own: own.connect_ex((FAR, 80))),
        lambda: by_a_socket(lambda own: own.sendto(b"", (FAR, 53))),
        lambda: socket.getaddrinfo("example.org", 443),
        lambda: socket.gethostbyname("example.org"),
        lambda: socket.gethostbyname_ex("example.org"),
        lambda: socket.gethostbyaddr(FAR),
        lambda: urllib.request.build_opener(urllib.request.ProxyHandler({})).open("http://example.org"),
    ],
    ids=["connect", "IPv6", "connect_ex", "sendto", "getaddrinfo", "gethostbyname", "_ex", "gethostbyaddr", "urllib"],
)
def test_who_asks_another_machine_is_refused_with_a_sentence(ask):
    with pytest.raises(OutsideError, match=r"A test asked for .+, and tests reach no other machine: have it ask 127\."):
        ask()


def test_this_machine_is_there(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        for host in ("127.0.0.1", "localhost"):
            socket.create_connection((host, server.getsockname()[1])).close()
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
        server.bind(str(tmp_path / "socket"))
        server.listen()
        client.connect(str(tmp_path / "socket"))


def test_a_program_that_installs_has_the_user_s_own_proxies_in_each_process_of_pytest():
    """A worker of pytest-xdist is guarded, and was started by a process that was."""
    program = """
import os, subprocess, sys
from tests.outside import guard, unguarded
guard()
if sys.argv[1:]:
    print({name: value for name, value in unguarded(dict(os.environ)).items() if "proxy" in name.lower()})
else:
    subprocess.run([sys.executable, "-c", sys.orig_argv[2], "worker"], check=True)
"""
    environment = unguarded(dict(os.environ)) | {"https_proxy": "http://proxy.example:3128"}
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "{'https_proxy': 'http://proxy.example:3128'}"


def test_a_program_that_tests_start_meets_a_proxy_that_is_not_there():
    program = "import urllib.request; urllib.request.urlopen('http://example.org')"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert "Connection refused" in done.stderr


def test_a_program_hears_ctrl_c():
    program = "import time; print('begun', flush=True); time.sleep(600)"
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout
    assert process.stdout.readline() == b"begun\n"
    assert ended(process, signal.SIGINT) == -signal.SIGINT
    process.communicate()


def test_it_does_so_where_the_tests_were_started_in_the_background():
    """A shell makes the programs that it starts there ignore SIGINT."""
    node = f"{__file__}::{test_a_program_hears_ctrl_c.__name__}"
    background = f'"{sys.executable}" -m pytest -q -p no:cacheprovider -p no:xdist "{node}" & wait $!'
    done = subprocess.run(["sh", "-c", background], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout
