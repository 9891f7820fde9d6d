"""The address that `bootstrap.py serve` has told is the one that every command of the same folder goes by."""

import os
import shutil
import signal
import socket
import subprocess
import sys

import pytest

import bootstrap
from freetemp.conf.env_file import settings_in
from freetemp.conf.secret_keys import is_strong
from freetemp.listening import EVERYWHERE, Address, ListenError, address_in_network
from tests.bootstrap.program import ROOT, copy_project, environment
from tests.pages.conftest import empty_server
from tests.programs import comes_true, ended, kill
from tests.server import free_port

pytestmark = [
    pytest.mark.sqlite_only,
    pytest.mark.skipif(sys.platform == "win32", reason="Windows sends a program no SIGINT"),
]

INSTALLED = """
import sys
import bootstrap
bootstrap.make_venv = bootstrap.install = bootstrap.install_browser_libraries = lambda *_: None
sys.exit(bootstrap.main())
"""
TOLD = "from firmware.sources.address import board_address; print(board_address())"


@pytest.fixture
def project(tmp_path, tmp_path_factory):
    """A copy of the project in which everything is installed, with a database and the files of pages."""
    project = copy_project(tmp_path / "my C# folder")
    (project / ".venv").symlink_to(sys.prefix, target_is_directory=True)
    (project / "node_modules").symlink_to(ROOT / "node_modules", target_is_directory=True)
    shutil.copytree(empty_server(tmp_path_factory), project / "var")
    return project


def serve(project, *arguments):
    command = [sys.executable, "-c", INSTALLED, "serve", *arguments]
    with (project / "log").open("w") as log:
        return subprocess.Popen(command, cwd=project, env=environment(), stdout=log, stderr=log, start_new_session=True)


def told(project):
    """Return the address that a command in the folder would give a board, or the sentence that refuses it."""
    command = [sys.executable, "manage.py", "shell", "-v0", "-c", TOLD]
    done = subprocess.run(command, cwd=project, env=environment(), capture_output=True, text=True, check=False)
    return (done.stdout or done.stderr).splitlines()[-1]


def printed(process, project):
    """Wait for the addresses, and return that of the pages."""
    log = project / "log"
    assert comes_true(lambda: "Pages: " in log.read_text() or process.poll() is not None)
    return log.read_text().partition("Pages: ")[2].partition("/\n")[0]


def test_lan_s_address_is_known_while_the_server_runs_and_its_secret_is_mended(project):
    try:
        address = address_in_network()
    except ListenError as error:
        pytest.skip(str(error))
    (project / ".env").write_bytes(b"\xef\xbb\xbfSECRET_KEY=changeme\r\nSERVER_URL=http://127.0.0.1:8000\r\n")
    port = free_port()
    process = serve(project, "--lan", "--bind", f"127.0.0.1:{port}")
    try:
        assert printed(process, project) == f"http://{address}:{port}", (project / "log").read_text()
        assert told(project) == f"http://{address}:{port}"
        said = f"--lan listens on every address of this machine: only the port of --bind 127.0.0.1:{port} counts.\n"
        assert said in (project / "log").read_text()
        assert "changeme" not in (project / "log").read_text()
        assert ended(process, signal.SIGINT) == 0
    finally:
        kill(process)
    assert "SERVER_URL is http://127.0.0.1:8000, which an ESP8266 cannot reach" in told(project)
    assert is_strong(settings_in(project / ".env")["SECRET_KEY"])


@pytest.fixture
def env_file(tmp_path, monkeypatch):
    for name in ("SECRET_KEY", "ENCRYPTION_KEYS", "SERVER_URL", "ALLOWED_HOSTS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(bootstrap, "ENV_FILE", tmp_path / ".env")
    return tmp_path / ".env"


def run_of(*arguments):
    return bootstrap.settings_of_this_run(bootstrap.command_line().parse_args(["serve", *arguments]))


@pytest.mark.parametrize("arguments", [[], ["--lan"], ["--bind", "127.0.0.1:9000"]])
def test_an_address_that_others_reach_was_somebody_s_choice_and_stays(env_file, monkeypatch, arguments):
    monkeypatch.setattr(bootstrap, "address_in_network", lambda: "192.0.2.20")
    env_file.write_text("SERVER_URL=http://weather.home.arpa:8000/garden\n")
    assert run_of(*arguments)["SERVER_URL"] == "http://weather.home.arpa:8000/garden"


@pytest.mark.parametrize(
    ("arguments", "url"),
    [
        ([], "http://127.0.0.1:8000/garden"),
        (["--bind", "127.0.0.1:9000"], "http://127.0.0.1:9000/garden"),
        (["--lan"], "http://192.0.2.20:8000/garden"),
    ],
)
def test_an_address_of_this_machine_follows_the_options_and_keeps_its_path(env_file, monkeypatch, arguments, url):
    monkeypatch.setattr(bootstrap, "address_in_network", lambda: "192.0.2.20")
    env_file.write_text("SERVER_URL=http://127.0.0.1:8000/garden\n")
    options = bootstrap.command_line().parse_args(["serve", *arguments])
    if options.lan:
        options.bind = Address(EVERYWHERE, 8000)
    assert bootstrap.settings_of_this_run(options)["SERVER_URL"] == url
    hosts = run_of("--lan")["ALLOWED_HOSTS"].split(",")
    assert hosts == [name := socket.gethostname().partition(".")[0], f"{name}.local"]


def test_a_url_that_is_none_is_left_to_the_settings_to_refuse(env_file):
    env_file.write_text("SERVER_URL=http://[::1\n")
    assert run_of("--bind", "127.0.0.1:9000")["SERVER_URL"] == "http://[::1"
    assert os.environ.get("SERVER_URL") is None
