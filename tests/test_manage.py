"""`python manage.py` with any Python: the .venv beside it takes over, with folder, terminal and exit code."""

import os
import signal
import subprocess
import sys
import venv
from pathlib import Path

import pytest

import manage
from tests.bootstrap.program import ROOT, copy_project, environment
from tests.programs import waited

pytestmark = pytest.mark.sqlite_only

STRONG = "an example that is long enough: 0123456789abcdefghijklmnopqrstuvwxyz"


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    """A Python without a single package."""
    folder = tmp_path_factory.mktemp("bare")
    venv.create(folder)
    return folder / manage.PYTHON.relative_to(manage.VENV)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A copy of the project in a folder with a difficult name, with this Python's packages in its .venv."""
    folder = copy_project(tmp_path_factory.mktemp("home") / "my C# folder's [copy]")
    (folder / ".venv").symlink_to(sys.prefix, target_is_directory=True)
    return folder


@pytest.fixture
def run(bare, project, tmp_path):
    def run(*arguments, python=bare, flags=(), of=project, **options):
        command = [str(python), *flags, str(of / "manage.py"), *arguments]
        settings = environment(SECRET_KEY=STRONG, VAR_DIR=str(tmp_path))
        done = subprocess.run(
            command, cwd=tmp_path, env=settings, capture_output=True, text=True, timeout=240, check=False, **options
        )
        assert "Traceback" not in done.stderr
        return done

    return run


def test_a_python_without_django_hands_over_and_stays_in_its_folder(run, project, tmp_path):
    code = "import os, sys; from freetemp import settings; print(settings.BASE_DIR, os.getcwd(), sys.flags.utf8_mode)"
    done = run("shell", "-v0", "-c", code, flags=["-X", "utf8"])
    assert done.stdout == f"{project} {tmp_path} 1\n", done.stderr


def test_it_takes_the_input_and_gives_the_exit_code(run):
    assert run("shell", "-v0", input="import sys; print(6 * 7); sys.exit(7)").stdout == "42\n"
    assert run("shell", "-v0", input="import sys; sys.exit(7)").returncode == 7
    assert run("add_station").returncode == 2


def test_ctrl_c_reaches_the_command_and_its_code_comes_back(bare, project, tmp_path):
    code = "print('ready', flush=True); import signal; signal.pause()"
    command = [str(bare), str(project / "manage.py"), "shell", "-v0", "-c", code]
    settings = environment(SECRET_KEY=STRONG, VAR_DIR=str(tmp_path))
    with subprocess.Popen(command, env=settings, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGINT)
        assert waited(process) == 130


def test_the_python_that_has_the_packages_does_not_look_for_another(run):
    done = run("shell", "-v0", "-c", "import sys; print(sys.executable)", python=sys.executable)
    assert done.stdout == f"{sys.executable}\n"


def copy_of_manage(folder):
    folder.mkdir()
    (folder / "manage.py").write_text((ROOT / "manage.py").read_text())
    return folder


def test_without_a_venv_it_says_what_to_do(run, tmp_path):
    alone = copy_of_manage(tmp_path / "alone")
    done = run("version", of=alone)
    assert done.returncode == 1
    assert done.stderr == (
        "This Python lacks Django or another package, and there is no .venv: run `python3 bootstrap.py serve` in "
        f"{alone}, which sets everything up.\n"
    )


def test_a_venv_that_lacks_django_too_ends_with_a_sentence_and_not_in_a_circle(run, bare, tmp_path):
    folder = copy_of_manage(tmp_path / "half")
    (folder / ".venv").symlink_to(bare.parent.parent, target_is_directory=True)
    for python in (bare, folder / ".venv" / "bin" / "python"):
        done = run("version", of=folder, python=python)
        assert done.returncode == 1
        assert done.stderr.startswith("The .venv lacks Django or another package: run `python3 bootstrap.py serve`")


def test_a_venv_s_python_that_is_no_program_ends_with_a_sentence(run, tmp_path):
    folder = copy_of_manage(tmp_path / "broken")
    python = folder / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text("not a program")
    assert run("version", of=folder).stderr.startswith("The .venv does not work (")


def test_on_windows_it_waits_for_the_other_python(monkeypatch):
    """There, exec() would give the terminal back while the program goes on."""
    monkeypatch.setattr(manage, "PYTHON", Path(sys.executable))
    monkeypatch.setattr(
        sys, "orig_argv", ["python", "-c", "import os, sys; sys.exit(len(os.environ['FREETEMP_TAKEN_OVER']))"]
    )
    monkeypatch.setattr(os, "name", "nt")
    with pytest.raises(SystemExit) as ended:
        manage.hand_over()
    monkeypatch.undo()
    assert ended.value.code == len(sys.executable)


def test_on_windows_ctrl_c_ends_the_program_and_not_the_wait_for_it():
    class Process:
        answers = iter([KeyboardInterrupt, KeyboardInterrupt, 130])

        def wait(self):
            answer = next(self.answers)
            if answer is KeyboardInterrupt:
                raise answer
            return answer

    assert manage.waited(Process()) == 130
