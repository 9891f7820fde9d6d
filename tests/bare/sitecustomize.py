"""Hides packages that only the tests install from the servers and commands that tests start.

Django REST framework imports whichever of them it finds. A server has none, and starts in three quarters of the time.
Python imports this module when it starts, since tests.settings puts this folder on the PYTHONPATH. psycopg is hidden
from the framework alone: its part of django.contrib.postgres is.
"""

import os
import sys

HIDDEN = {"requests", "markdown", "jinja2", "django.contrib.postgres.fields"}


class Hides:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name in HIDDEN:
            raise ModuleNotFoundError(f"tests/bare hides {name}", name=name)


if os.environ.get("DJANGO_SETTINGS_MODULE") == "freetemp.settings":  # The tests' own programs have other settings.
    sys.meta_path.insert(0, Hides)
