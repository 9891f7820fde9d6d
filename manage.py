#!/usr/bin/env python
"""Django's command line for freetemp."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "freetemp.settings")
    try:
        from django.core.exceptions import ImproperlyConfigured
    except ImportError:
        sys.exit("Django is not installed for this Python: run `python3 bootstrap.py serve`, or use .venv/bin/python.")
    try:
        run(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(130)  # A shell's code for a program ended by Ctrl-C; a traceback would say nothing more.


def run(arguments: list[str]) -> None:
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
