#!/usr/bin/env python3
"""Django's command line for freetemp.

Any Python may start it, also one without Django: the Python of the .venv beside this file then takes over. Python
compiles the whole file before that, so the syntax here is that of Python 3.6.
"""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENV = HERE / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
# Some of what requirements/base.txt installs: a Python may have one of them for another program.
NEEDED = ("django", "environ", "rest_framework", "whitenoise", "csp")
TAKEN_OVER = "FREETEMP_TAKEN_OVER"  # In the environment of the Python that has taken over, until it starts.

SETUP = f"run `python3 bootstrap.py serve` in {HERE}, which sets everything up."


def main() -> None:
    has_taken_over = os.environ.pop(TAKEN_OVER, "") == str(PYTHON)
    if is_ready():
        manage()
    elif has_taken_over or Path(sys.prefix).resolve() == VENV.resolve():
        sys.exit("The .venv lacks Django or another package: " + SETUP)
    elif PYTHON.exists():
        hand_over()
    else:
        sys.exit("This Python lacks Django or another package, and there is no .venv: " + SETUP)


def is_ready() -> bool:
    """Tell whether this Python can run freetemp."""
    return sys.version_info >= (3, 11) and all(map(find_spec, NEEDED))


def hand_over() -> None:
    """Have the .venv's Python do everything: the same arguments, folder, terminal and exit code."""
    environment = dict(os.environ, **{TAKEN_OVER: str(PYTHON)})
    environment.pop("__PYVENV_LAUNCHER__", None)  # On macOS it would make that Python take itself for this one.
    command = [str(PYTHON), *getattr(sys, "orig_argv", [sys.executable, *sys.argv])[1:]]
    try:
        if os.name == "nt":  # Its exec() gives the terminal back at once, while the program goes on.
            sys.exit(waited(subprocess.Popen(command, env=environment)))
        os.execve(command[0], command, environment)  # noqa: S606 - there is nothing for a shell to read
    except OSError as error:
        sys.exit(f"The .venv does not work ({error}): {SETUP}")


def waited(process: "subprocess.Popen[bytes]") -> int:
    """Return a program's exit code. It hears Ctrl-C itself, and decides what to do about it."""
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            pass


def manage() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "freetemp.settings")
    from django.core.exceptions import ImproperlyConfigured

    try:
        run(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(130)  # A shell's code for a program ended by Ctrl-C; a traceback would say nothing more.


def run(arguments: "list[str]") -> None:
    """Run a command. Django has a `version` of its own, which tells Django's, and lets no app have that name."""
    import django
    from django.core.management import execute_from_command_line, load_command_class

    if arguments[1:2] == ["version"] or arguments[1:] == ["--version"]:
        django.setup()
        load_command_class("freetemp", "version").run_from_argv([arguments[0], "version", *arguments[2:]])
    else:
        execute_from_command_line(arguments)


if __name__ == "__main__":
    main()
