"""What can be set or run is in the documentation."""

import os
import re
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
READ_THE_ENVIRONMENT = [ROOT / "freetemp" / "settings.py", ROOT / "deploy" / "gunicorn.conf.py"]

SETTINGS = sorted(
    {name for path in READ_THE_ENVIRONMENT for name in re.findall(r'env\.\w+\(\s*"(\w+)"', path.read_text())}
)
COMMANDS = sorted(
    path.stem
    for app in ("freetemp", "stations", "readings", "firmware")
    for path in (ROOT / app / "management" / "commands").glob("[!_]*.py")
)

pytestmark = pytest.mark.sqlite_only


@pytest.fixture(scope="module")
def documentation():
    pages = [*(ROOT / "docs").glob("*.md"), *ROOT.glob("README.md")]
    return "\n".join(page.read_text() for page in pages)


def test_settings_and_commands_are_found():
    assert {"SECRET_KEY", "DATABASE_URL", "WEB_THREADS"} <= set(SETTINGS)
    assert "prepare" in COMMANDS


@pytest.mark.parametrize("name", SETTINGS)
def test_a_setting_is_documented(documentation, name):
    assert f"`{name}`" in documentation


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_documented(documentation, name):
    assert re.search(rf"manage\.py {name}\b", documentation)


@pytest.mark.parametrize("name", SETTINGS)
def test_a_setting_is_in_the_example(name):
    assert re.search(rf"^#?{name}=", (ROOT / ".env.example").read_text(), re.MULTILINE)


def test_the_example_is_valid_once_its_secret_is_replaced():
    lines = (ROOT / ".env.example").read_text().splitlines()
    values = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    environment = os.environ | values | {"SECRET_KEY": secrets.token_urlsafe(50)}
    command = [
        sys.executable,
        "-c",
        "from freetemp import settings; print(settings.SERVER_URL, settings.ALLOWED_HOSTS)",
    ]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.stdout.startswith("https://freetemp.example ['freetemp.example', 'localhost'"), done.stderr
