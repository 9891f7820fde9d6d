"""Lint, format, types, templates, migrations and the direction of imports, as tests, so that none is forgotten."""

import ast
import os
import re
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from tests.imports import imported_by_each

ROOT = Path(__file__).parent.parent
# Imports point one way: readings and firmware know stations. stations knows neither, and they do not know each other.
# outages and uploads are above readings, and alerts is above outages. audit is below them all, and above freetemp.
# accounts knows only stations, and no app knows accounts: settings and addresses name it.
FORBIDDEN = {
    "audit": {"stations", "accounts", "readings", "firmware", "outages", "alerts", "uploads"},
    "stations": {"accounts", "readings", "firmware", "outages", "alerts", "uploads"},
    "accounts": {"readings", "firmware", "outages", "alerts", "uploads"},
    "readings": {"accounts", "firmware", "outages", "alerts", "uploads"},
    "firmware": {"accounts", "readings", "outages", "alerts", "uploads"},
    "outages": {"accounts", "firmware", "alerts", "uploads"},
    "alerts": {"accounts", "firmware", "uploads"},
    "uploads": {"accounts", "firmware", "outages", "alerts"},
    "freetemp": {"audit", "stations", "accounts", "readings", "firmware", "outages", "alerts", "uploads"},
}
# The modules that put the apps together are in freetemp and above all apps.
ROOF = {"freetemp/overview/report.py", "freetemp/wsgi.py"}
# The rooms of each app, lowest floor first. A room may know those on the floors below, but none on its own floor.
FLOORS = {
    "freetemp": [
        {
            "ages",
            "background",
            "bundles",
            "command_line",
            "conf",
            "counter_cache",
            "counter_table",
            "csv_lines",
            "deeds",
            "disk_reserve",
            "damage",
            "encryption",
            "fields",
            "installation",
            "kept",
            "lean_imports",
            "listening",
            "mail_errors",
            "masking",
            "migration_state",
            "link_picture",
            "prepare_lock",
            "read_only",
            "running_code",
            "shared_counts",
            "sql",
            "translations",
            "zone_rules",
        },
        {
            "admin",
            "backups",
            "checks",
            "clock",
            "command",
            "copying",
            "first_style",
            "formatting",
            "http",
            "log_lines",
            "manifest",
            "models",
            "prepared",
            "settings",
            "sqlite",
            "staticfiles",
            "versions",
        },
        {"management", "overview", "postgresql", "serving"},
        {"logins"},
        {"apps", "templatetags", "urls", "wsgi"},
    ],
    "audit": [
        {"actor", "models", "triggers", "wording"},
        {"changes", "deeds", "middleware", "shown"},
        {"audited", "people", "retention", "templatetags"},
        {"admin"},
        {"apps"},
    ],
    "stations": [
        {
            "access",
            "devices",
            "keepers_group",
            "mac",
            "mosquitto",
            "quantities",
            "simulation",
            "troubles",
            "units",
            "zone_names",
        },
        {"admin_site", "validators"},
        {"models"},
        {"admin", "authentication", "wrong_keys"},
        {"concerns", "management"},
        {"apps"},
    ],
    "accounts": [
        {"lazy", "letters", "role_words", "rule", "secret_text"},
        {"confirmation", "models"},
        {"invitations", "links", "login", "middleware", "people", "tokens"},
        {"factors", "oidc"},
        {"admin", "admin_urls", "checks", "concerns", "management"},
        {"apps", "urls"},
    ],
    "readings": [
        {"calendar", "etags", "operations"},
        {"models"},
        {"display", "history", "rollups"},
        {"almanac", "charts", "coverage_words", "derived", "ingest", "treatment"},
        {"admin", "api", "files", "foreign", "home_assistant", "pages", "proposals"},
        {"compare", "exports", "metrics"},
        {"imports"},
        {"apps", "demo", "templatetags", "urls"},
        {"management"},
    ],
    "firmware": [
        {"micropython", "sensors", "validators"},
        {"build"},
        {"models"},
        {"sources"},
        {"flash", "readiness", "simulator"},
        {"admin", "api", "board", "concerns", "management"},
        {"apps"},
    ],
    "outages": [
        {"causes", "minded", "rhythm"},
        {"models"},
        {"board", "concerns", "running", "words"},
        {"facts", "timeline"},
        {"admin", "explanation", "strip", "views"},
        {"history", "live", "urls"},
        {"apps"},
    ],
    "alerts": [
        {"models"},
        {"rules", "sending"},
        {"news", "phones", "preview"},
        {"words"},
        {"letters", "notices"},
        {"admin", "concerns", "phone_views", "views", "watching"},
        {"apps", "management", "urls"},
    ],
    "uploads": [
        {"networks"},
        {"models", "observation", "transport"},
        {"sender", "sending"},
        {"admin", "concerns", "management"},
        {"apps"},
    ],
}
# Programs of the board, and of the MicroPython that simulates one.
IN_MICROPYTHON = ("firmware/device/", "firmware/simulator/hardware/")

pytestmark = pytest.mark.sqlite_only


def run(*command):
    return subprocess.run([sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "command",
    [["ruff", "check", "--no-cache"], ["ruff", "format", "--check", "--no-cache"], ["mypy"]],
    ids=["ruff check", "ruff format", "mypy"],
)
def test_the_checker_has_nothing_to_say(command):
    done = run(*command)
    assert done.returncode == 0, done.stdout + done.stderr


def test_djade_would_change_no_template():
    templates = [str(path.relative_to(ROOT)) for path in sorted((ROOT / "templates").rglob("*.html"))]
    assert templates
    djade = Path(sys.executable).with_name("djade")
    command = [djade, "--check", "--target-version", "5.2", *templates]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.django_db
def test_no_migration_is_missing():
    from django.core.management import call_command

    call_command("makemigrations", check_changes=True, dry_run=True, verbosity=0)


def imported(path):
    """Yield the dotted names that a file imports anywhere: x.y for `from x import y`. Type hints do not count."""
    tree = ast.parse(path.read_text())
    tests = [node for node in ast.walk(tree) if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"]
    for_types = {id(node) for test in tests for node in ast.walk(test)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import) and id(node) not in for_types:
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom) and id(node) not in for_types:
            yield from (f"{node.module}.{each.name}" for each in node.names)


def room_of(path):
    """Return the app's folder that a file is in, or the file's own name if it is in none."""
    return path.parts[1] if len(path.parts) > 2 else path.stem


def files_of(app):
    ours = (path.relative_to(ROOT) for path in (ROOT / app).rglob("*.py"))
    return [path for path in ours if not path.as_posix().startswith(IN_MICROPYTHON) and "migrations" not in path.parts]


@pytest.mark.parametrize("app", FORBIDDEN)
def test_apps_import_one_way(app):
    for path in files_of(app):
        found = {name.partition(".")[0] for name in imported(ROOT / path)} & FORBIDDEN[app]
        assert not found or path.as_posix() in ROOF, path


@pytest.mark.parametrize("app", FLOORS)
def test_each_room_is_on_a_floor_and_each_floor_is_there(app):
    rooms = {room_of(path) for path in files_of(app)} - {"__init__"}
    assert rooms == set().union(*FLOORS[app])


@pytest.mark.parametrize("app", FLOORS)
def test_rooms_import_only_from_the_floors_below(app):
    floor = {room: number for number, rooms in enumerate(FLOORS[app]) for room in rooms}
    for path in files_of(app):
        here = room_of(path)
        names = (name.split(".") for name in imported(ROOT / path))
        rooms = {parts[1] for parts in names if parts[0] == app and parts[1] in floor} - {here}
        assert not {room for room in rooms if floor[room] >= floor[here]}, path


def test_a_language_is_set_in_one_way():
    """Django's own would leave what freetemp.translations tells of the language as it was."""
    for app in FLOORS:
        for path in files_of(app):
            if path.as_posix() != "freetemp/translations.py":
                assert not re.search(r"translation\.(override|activate)\(", (ROOT / path).read_text()), path


def test_imports_go_in_no_circle():
    """A circle works or fails, depending on the module that a program imports first. CycleError names its modules."""
    TopologicalSorter(imported_by_each()).prepare()


def test_every_module_can_be_imported_before_the_models_are_loaded():
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"}
    command = [sys.executable, "-m", "tests.imports"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_module_never_has_the_name_of_its_only_function():
    assert not [path for app in FLOORS for path in files_of(app) if public_functions(ROOT / path) == [path.stem]]


def public_functions(path):
    names = [node.name for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef)]
    return [name for name in names if not name.startswith("_")]
