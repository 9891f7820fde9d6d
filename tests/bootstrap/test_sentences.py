"""Trouble on other people's machines is reported in a sentence, with the next step."""

import ast
import errno
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import bootstrap
from freetemp import installation
from tests.bootstrap.program import ROOT, copy_project, run
from tests.server import free_port

pytestmark = pytest.mark.sqlite_only

OLD_PYTHON = "import runpy, sys; sys.version_info = (3, 9, 2, 'final', 0); runpy.run_path('bootstrap.py')"
NO_NETWORK = {
    "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
    "PIP_EXTRA_INDEX_URL": "",
    "PIP_FIND_LINKS": "",
    "PIP_CONFIG_FILE": "/dev/null",
    "PIP_NO_CACHE_DIR": "1",
    "PIP_RETRIES": "1",
}


def full_disk(*_: object) -> int:
    """Write to the always full device."""
    with Path("/dev/full").open("w") as file:
        file.write("x")
    return 0


def test_a_python_too_old_is_told_which_one_is_needed():
    done = subprocess.run([sys.executable, "-c", OLD_PYTHON], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("freetemp needs Python 3.11 or newer, and this is 3.9.")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", ["bootstrap.py", "manage.py"])
def test_an_old_python_can_read_the_file(name):
    ast.parse((ROOT / name).read_text(), feature_version=(3, 7))


IMPORTED = ["__init__", "installation", "listening", "conf/__init__", "conf/env_file", "conf/secret_keys"]


@pytest.mark.parametrize("name", ["bootstrap.py", *(f"freetemp/{name}.py" for name in IMPORTED)])
def test_nothing_has_to_be_installed_before_the_installation(name):
    tree = ast.walk(ast.parse((ROOT / name).read_text()))
    nodes = [node for node in tree if isinstance(node, ast.Import | ast.ImportFrom)]
    modules = [node.module if isinstance(node, ast.ImportFrom) else node.names[0].name for node in nodes]
    assert {str(module).partition(".")[0] for module in modules} <= {*sys.stdlib_module_names, "freetemp"}


def test_no_network_for_the_first_installation(tmp_path):
    done = run(copy_project(tmp_path), "serve", "--bind", f"127.0.0.1:{free_port()}", **NO_NETWORK)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == installation.NO_NETWORK
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(not shutil.which("npm"), reason="there is no npm")
def test_no_network_for_npm(tmp_path, monkeypatch, capsys):
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(ROOT / name, tmp_path)
    monkeypatch.setattr(installation, "BASE_DIR", tmp_path)
    monkeypatch.setattr(installation, "NODE_MODULES", tmp_path / "node_modules")
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9/")
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "cache"))
    monkeypatch.setenv("npm_config_fetch_retries", "0")
    with pytest.raises(SystemExit, match="could not be fetched"):
        installation.install_browser_libraries()
    assert "ECONNREFUSED" in capsys.readouterr().err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has /dev/full")
def test_a_full_disk_in_a_step_of_its_own(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["bootstrap.py", "serve"])
    monkeypatch.setattr(bootstrap, "serve", full_disk)
    with pytest.raises(SystemExit, match="The disk is full"):
        bootstrap.main()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has /dev/full")
def test_a_full_disk_in_a_program_that_it_runs(capsys):
    with pytest.raises(SystemExit, match="The disk is full"):
        installation.step("Filling the disk", sys.executable, "-c", "open('/dev/full', 'w').write('x' * 100_000)")
    assert "No space left" in capsys.readouterr().err


def test_a_program_that_fails_for_lack_of_room_without_saying_so(monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**9, 10**9, 1000))
    assert installation.what_to_do("Killed") == installation.DISK_IS_FULL


def test_another_error_of_the_system_names_its_file(monkeypatch):
    def denied(_: object) -> int:
        raise PermissionError(errno.EACCES, "Permission denied", ".env")

    monkeypatch.setattr(sys, "argv", ["bootstrap.py", "serve"])
    monkeypatch.setattr(bootstrap, "serve", denied)
    with pytest.raises(SystemExit, match=r"Permission denied: '\.env'\. Once that is mended"):
        bootstrap.main()


def test_a_python_without_ensurepip_names_debian_s_package(monkeypatch, tmp_path):
    monkeypatch.setattr(installation, "PYTHON", tmp_path / "python")
    monkeypatch.setattr(installation, "find_spec", lambda _: None)
    with pytest.raises(SystemExit, match="apt install python3-venv"):
        installation.make_venv()


@pytest.mark.parametrize("bind", ["8000", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:70000", "::1:x"])
def test_a_bind_that_is_no_address(bind, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["bootstrap.py", "serve", "--bind", bind])
    with pytest.raises(SystemExit):
        bootstrap.main()
    assert "give it like 127.0.0.1:8000" in capsys.readouterr().err
