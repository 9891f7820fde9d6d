"""A program that is started from loaded packages is what it is when Python starts anew for it."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests import preloaded
from tests.programs import comes_true, ended

# Nothing of ours is loaded; what the system knows of the program is its own.
WHAT_IT_IS = """
import json, os, signal, sys
print(json.dumps({
    "arguments": sys.argv,
    "environment": dict(os.environ),
    "folder": os.getcwd(),
    "umask": os.umask(0o077),
    "interrupt": signal.getsignal(signal.SIGINT) is signal.default_int_handler,
    "input": sys.stdin.read(),
    "ours": sorted(name for name in sys.modules if name.split(".")[0] in ("freetemp", "tests", "stations", "readings")),
}))
"""


def started_anew(arguments, environment, answer=""):
    command = [sys.executable, *arguments]
    return subprocess.run(
        command, cwd=preloaded.ROOT, env=environment, input=answer, text=True, capture_output=True, check=False
    )


def test_it_has_its_own_arguments_variables_folder_umask_and_input():
    own = os.environ | {"VAR_DIR": "/somewhere"}
    del own["HOME"]
    before = os.umask(0o027)
    try:
        told = [run(["-c", WHAT_IT_IS, "a", "b c"], own, "typed\n").stdout for run in (preloaded.run, started_anew)]
    finally:
        os.umask(before)
    fast, slow = map(json.loads, told)
    assert fast == slow
    assert (fast["umask"], fast["input"], fast["ours"]) == (0o027, "typed\n", [])


@pytest.mark.parametrize(
    "text", ["", "import sys; sys.exit(3)", "import sys; sys.exit('a sentence')", "import os; os.kill(os.getpid(), 9)"]
)
def test_it_ends_with_the_same_code_and_words(text):
    fast, slow = preloaded.run(["-c", text], os.environ), started_anew(["-c", text], os.environ)
    assert (fast.returncode, fast.stdout, fast.stderr) == (slow.returncode, slow.stdout, slow.stderr)


def test_an_error_is_a_traceback_and_what_was_registered_for_the_end_is_done():
    failed = preloaded.run(["-c", "import atexit; atexit.register(print, 'the end'); 1 / 0"], os.environ)
    assert failed.returncode == 1
    assert failed.stderr.endswith("ZeroDivisionError: division by zero\n")
    assert failed.stdout == "the end\n"


def test_a_module_and_a_file_are_run_as_such(tmp_path):
    beside = "import sys, beside; print(__name__, sys.argv[1:], beside.__name__)"
    (tmp_path / "beside.py").touch()
    (tmp_path / "program.py").write_text(beside)
    assert preloaded.run([str(tmp_path / "program.py"), "x"], os.environ).stdout == "__main__ ['x'] beside\n"
    assert preloaded.run(["-m", "json.tool", "--compact"], os.environ, '{"a": 1}').stdout == '{"a":1}\n'


def test_it_hears_signals_leads_its_group_and_its_end_is_known_once(tmp_path):
    text = (
        "import time\ntry:\n    print('up', flush=True); time.sleep(900)\nexcept KeyboardInterrupt:\n    print('heard')"
    )
    log = tmp_path / "log"
    with log.open("w") as said, Path(os.devnull).open() as nothing:
        process = preloaded.start(["-c", text], os.environ, (nothing, said, said), leads=True)
    assert isinstance(process, preloaded.Program)
    assert comes_true(lambda: log.read_text() == "up\n")
    assert (process.poll(), os.getpgid(process.pid)) == (None, process.pid)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.01)
    assert ended(process, signal.SIGINT) == 0
    assert (process.poll(), process.wait(), log.read_text()) == (0, 0, "up\nheard\n")
    process.kill()  # Of another process that has the number now, nothing is killed.


@pytest.mark.parametrize("name", ["PYTHONPATH", "LD_PRELOAD", "TZ"])
def test_python_starts_anew_with_another_variable_that_is_read_at_its_start(name, tmp_path):
    with (tmp_path / "log").open("w") as said, Path(os.devnull).open() as nothing:
        process = preloaded.start(["-c", ""], os.environ | {name: ""}, (nothing, said, said))
    assert isinstance(process, subprocess.Popen)
    assert process.wait() == 0
