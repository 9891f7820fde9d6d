"""What a server's process does without, though the packages that it uses would load it."""

import json
import os
import subprocess
import sys

import pytest

from tests.server import ROOT

pytestmark = pytest.mark.sqlite_only

# A process of its own: this one has loaded all of it.
LOADED = """
import json, sys
import django
django.setup()
from django.urls import get_resolver
get_resolver().url_patterns
loaded = [name for name in sys.argv[1:] if name in sys.modules]
from drf_spectacular.generators import SchemaGenerator
described = SchemaGenerator().get_schema(public=True)["paths"]
print(json.dumps([loaded, "/api/v1/stations/" in described]))
"""


def test_a_server_loads_no_test_framework_and_describes_its_addresses_all_the_same(tmp_path):
    parts = ["psycopg", "requests", "pygments", "rest_framework.test", "django.test", "unittest"]
    environment = os.environ | {"VAR_DIR": str(tmp_path), "DATABASE_URL": f"sqlite:///{tmp_path}/x.sqlite3"}
    printed = subprocess.run(
        [sys.executable, "-c", LOADED, *parts], env=environment, cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    assert json.loads(printed) == [[], True]
