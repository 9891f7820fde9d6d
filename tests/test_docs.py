"""Every setting and every command is in the documentation."""

import os
import re
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

from tests.imports import APPS
from tests.test_names import listed

ROOT = Path(__file__).parent.parent
READ_THE_ENVIRONMENT = [ROOT / "freetemp" / "settings.py", ROOT / "deploy" / "gunicorn.conf.py"]

SETTINGS = sorted(
    {name for path in READ_THE_ENVIRONMENT for name in re.findall(r'env\.\w+\(\s*"(\w+)"', path.read_text())}
)
COMMANDS = sorted(path.stem for app in APPS for path in (ROOT / app / "management" / "commands").glob("[!_]*.py"))

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


def pages():
    return [ROOT / name for name in listed("*.md")]


def anchors(page):
    """Return a code host's anchors for a page's headings: their letters, hyphens for spaces, and no other sign."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


def dead_links(page):
    links = re.findall(r"\]\((?![a-z]+:)([^)#\s]*)#?([^)\s]*)\)", page.read_text())
    targets = [(page.parent / path if path else page, anchor) for path, anchor in links]
    return [
        (path.name, anchor) for path, anchor in targets if not path.exists() or (anchor and anchor not in anchors(path))
    ]


def test_links_between_pages_lead_somewhere():
    found = {page.relative_to(ROOT).as_posix(): dead_links(page) for page in pages()}
    assert {"README.md", "docs/architecture.md", "docs/decisions/README.md", "findings/README.md"} <= set(found)
    assert {page: dead for page, dead in found.items() if dead} == {}


def test_a_link_that_leads_nowhere_is_found(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("# One\n[a](page.md#one) [b](gone.md) [c](#two) [d](https://freetemp.example/gone)\n")
    assert dead_links(page) == [("gone.md", ""), ("page.md", "two")]


SECURITY = (ROOT / "docs" / "security.md").read_text()
THREATS, HELD = SECURITY.split("## Where it is, and what holds it")


def named_tests(text):
    return re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", text)


def test_each_threat_has_its_place_in_the_code_and_the_tests_that_hold_it():
    rows = re.findall(r"^\| (\d+) \| (`.+) \| (.+) \|$", HELD, re.MULTILINE)
    assert [number for number, _, _ in rows] == re.findall(r"^\| (\d+) \|", THREATS, re.MULTILINE)
    assert len(rows) > 25
    for number, _, held in rows:
        assert named_tests(held) or held.startswith("none: "), number
    gone = [
        test
        for path, test in named_tests(HELD)
        if not re.search(rf"^def {test}\(", (ROOT / path).read_text(), re.MULTILINE)
    ]
    assert gone == []


def test_each_setting_of_the_security_page_is_one():
    assert set(re.findall(r"`([A-Z]+_[A-Z_]+)`", SECURITY)) <= set(SETTINGS)
