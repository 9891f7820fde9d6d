"""One command takes a fresh copy to pages that answer, on a machine without any of the project's packages."""

import signal
import socket
import stat
import sys
import urllib.request

import pytest

from freetemp.listening import ListenError, address_in_network
from tests.bootstrap.program import Serving, copy_project, run
from tests.server import free_port

pytestmark = [
    pytest.mark.sqlite_only,
    pytest.mark.skipif(sys.platform == "win32", reason="Windows sends a program no SIGINT"),
]


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return copy_project(tmp_path_factory.mktemp("freetemp"))


@pytest.fixture(scope="module")
def first(project):
    """The first run, from nothing to its pages and to its end: (lines, status of each page, exit code)."""
    return _visit(project, free_port(), signal.SIGINT)


@pytest.fixture(scope="module")
def port():
    """The port of the second run."""
    return free_port()


@pytest.fixture(scope="module")
def second(project, first, port):
    """The second run, as the first, and .env before it: its content and its file."""
    env = project / ".env"
    before = env.read_bytes(), env.stat().st_ino
    return *_visit(project, port, signal.SIGTERM), before


def _visit(project, port, stops_it):
    with Serving(project, "--bind", f"127.0.0.1:{port}") as serving:
        pages = [serving.address(name) for name in ("Pages", "Admin")]
        statuses = [urllib.request.urlopen(page).status for page in pages]
        code = serving.stop(stops_it)
    return serving, statuses, code


def test_the_first_run_installs_everything_and_serves_both_addresses(first):
    serving, statuses, _ = first
    assert statuses == [200, 200]
    for step in ("Writing .env", "Making .venv", "Installing Python packages", "Installing browser libraries"):
        assert serving.printed(step), serving.lines


def test_ctrl_c_is_a_clean_end(first):
    serving, _, code = first
    assert code == 0
    assert not serving.printed("Traceback")


def test_the_administrator_s_password_is_shown_by_the_first_run_only(first, second):
    assert first[0].printed("Administrator: admin, password: ")
    assert not second[0].printed("Administrator")


def test_a_second_run_installs_nothing_again(second):
    serving, statuses, *_ = second
    assert statuses == [200, 200]
    for step in ("Writing", "Making", "Installing", "Collecting"):
        assert not serving.printed(step), serving.lines


def test_the_secret_is_this_server_s_own_and_nobody_else_reads_it(project, first):
    env = project / ".env"
    assert len(env.read_text().partition("SECRET_KEY=")[2].splitlines()[0]) >= 50
    assert stat.S_IMODE(env.stat().st_mode) == 0o600


def test_an_env_file_that_exists_is_not_touched(project, second):
    env = project / ".env"
    assert (env.read_bytes(), env.stat().st_ino) == second[-1]


def test_sigterm_ends_the_server_too(second, port):
    _, _, code, _ = second
    assert code == 0
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_the_lan_s_pages_have_this_machine_s_address_and_name(project, first):
    try:
        address = address_in_network()
    except ListenError as error:
        pytest.skip(str(error))
    port = free_port()
    with Serving(project, "--lan", "--bind", f"127.0.0.1:{port}", MQTT_URL="mqtt://127.0.0.1:1") as serving:
        assert serving.address("Pages") == f"http://{address}:{port}/"
        request = urllib.request.Request(f"http://127.0.0.1:{port}/")
        request.add_header("Host", f"{socket.gethostname().partition('.')[0]}.local:{port}")
        assert urllib.request.urlopen(request).status == 200
        # With a broker in the settings, it listens there too, and nothing else has to be installed for that.
        assert serving.awaited(lambda line: "127.0.0.1:1 cannot be reached" in line)


def test_a_port_that_is_taken_is_told_before_anything_is_made(tmp_path):
    fresh = copy_project(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = run(fresh, "serve", "--bind", f"127.0.0.1:{port}")
    assert done.returncode == 1
    assert done.stderr.startswith(f"Port {port} is taken: ")
    assert "--bind" in done.stderr
    assert not any((fresh / name).exists() for name in (".env", ".venv", "var"))
