"""There is one version, and every place that shows a version shows it."""

import os
import platform
import re
import tomllib
from importlib import metadata
from pathlib import Path
from pkgutil import resolve_name

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection

from freetemp import __version__, versions
from tests.imports import APPS
from tests.preloaded import output_of

ROOT = Path(__file__).parent.parent.parent


def manage(*arguments):
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"}
    return output_of(["manage.py", *arguments], environment).splitlines()


def test_it_stands_in_one_place():
    """No installed, built or served file contains a version of its own."""
    assert re.fullmatch(r"\d+\.\d+\.\d+", __version__)
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert pyproject["project"]["dynamic"] == ["version"]
    assert "version" not in pyproject["project"]
    assert resolve_name(pyproject["tool"]["setuptools"]["dynamic"]["version"]["attr"]) == __version__
    paths = [path for folder in (*APPS, "templates") for path in (ROOT / folder).rglob("*")]
    files = [path for path in paths if path.suffix in (".py", ".html")]
    assert [path for path in files if __version__ in path.read_text()] == [ROOT / "freetemp" / "__init__.py"]


def test_the_changelog_begins_with_it():
    headings = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert next(heading for heading in headings if heading != "Unreleased").split()[0] == __version__


@pytest.mark.sqlite_only
@pytest.mark.parametrize("argument", ["version", "--version"])
def test_the_command_tells_freetemp_s_version_and_not_django_s_first(argument):
    lines = manage(argument)
    assert lines[0] == f"freetemp {__version__}"
    assert {f"Python {platform.python_version()}", f"esptool {metadata.version('esptool')}"} <= set(lines)


@pytest.mark.sqlite_only
def test_other_commands_keep_their_own_options():
    assert manage("backup", "--version") == [metadata.version("django")]


@pytest.mark.django_db
def test_the_database_s_version_is_that_of_the_program_that_runs(capsys):
    statement = "SELECT sqlite_version()" if connection.vendor == "sqlite" else "SHOW server_version"
    with connection.cursor() as cursor:
        cursor.execute(statement)
        version = cursor.fetchone()[0].split()[0]
    call_command("version")
    assert f"{connection.display_name} {version}\n" in capsys.readouterr().out


@pytest.mark.django_db
def test_a_database_that_does_not_answer_hides_no_other_version(monkeypatch, capsys):
    def away():
        raise OperationalError("nobody there")

    monkeypatch.setattr(versions.connection, "vendor", "postgresql")
    monkeypatch.setattr(versions.connection, "get_database_version", away)
    call_command("version")
    assert " does not answer\nesptool " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("version", "than", "is_older"),
    [
        ("1.0.0", "1.0.0", False),
        ("1.0.0", "1.0.1", True),
        ("1.9", "1.10.0", True),
        ("1.10.0", "1.9", False),
        ("", "1.0.0", False),
        ("1.0.0-mine", "2.0.0", False),
        ("²", "3", False),
    ],
)
def test_versions_are_compared_as_numbers(version, than, is_older):
    assert versions.is_older(version, than) is is_older


@pytest.mark.django_db
def test_pages_and_the_description_for_programs_tell_it(client):
    page = client.get("/").content.decode()
    assert f"Measured by freetemp {__version__}." in page.partition("<footer")[2]
    assert f"Gemessen mit freetemp {__version__}." in client.get("/?lang=de").content.decode()
    assert f"version: {__version__}\n" in client.get("/api/v1/schema/").content.decode()
