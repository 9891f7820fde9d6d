"""Imports all modules of the apps while Django has no models: `python -m tests.imports`. It prints those that fail.

Django loads all models before anything else, which hides a circle of imports until a program starts elsewhere. A circle
shows in `imported_by_each()`: where there is none, all modules can be imported first, and one process shows the rest.
"""

from __future__ import annotations

import ast
import importlib
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path

from django.apps import AppConfig, apps
from django.conf import settings

ROOT = Path(__file__).parent.parent
APPS = ("freetemp", "audit", "stations", "accounts", "readings", "firmware", "outages", "alerts", "uploads")
# Programs of the board and its simulator run in MicroPython. The module that gunicorn loads sets Django up itself.
ELSEWHERE = ("firmware/device/", "firmware/simulator/hardware/", "freetemp/wsgi.py")


def modules() -> dict[str, Path]:
    """Return the files of all modules of the apps by their dotted names."""
    paths = sorted(path.relative_to(ROOT) for app in APPS for path in (ROOT / app).rglob("*.py"))
    ours = [path for path in paths if not path.as_posix().startswith(ELSEWHERE)]
    return {".".join(path.with_suffix("").parts).removesuffix(".__init__"): ROOT / path for path in ours}


def imported_by_each() -> dict[str, set[str]]:
    """Map each module of the apps to those that Python loads, by its statements, before this one is complete.

    To load `a.b.c`, Python loads `a` and `a.b` too. Those that the module itself is in came before it.
    """
    ours = modules()
    return {name: set(_imported(name, path, ours.keys())) for name, path in ours.items()}


def _imported(importer: str, path: Path, ours: set[str]) -> Iterator[str]:
    for name in _names(ast.parse(path.read_text("utf-8"))):
        module = name if name in ours else name.rpartition(".")[0]  # Without the function that is imported from it.
        packages = (module[:at] for at, letter in enumerate(module) if letter == ".")
        yield from {module, *(each for each in packages if not f"{importer}.".startswith(f"{each}."))} & ours


def _names(node: ast.AST) -> Iterator[str]:
    """Yield the dotted names that are imported while a module is loaded: not for type hints, nor in functions."""
    if isinstance(node, ast.Import):
        yield from (each.name for each in node.names)
    elif isinstance(node, ast.ImportFrom):
        yield from (f"{node.module}.{each.name}" for each in node.names)
    elif isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
        yield from (name for each in node.orelse for name in _names(each))
    elif not isinstance(node, ast.FunctionDef | ast.Lambda):
        yield from (name for each in ast.iter_child_nodes(node) for name in _names(each))


def register_apps() -> None:
    """Do the first third of django.setup(): the apps are known, but no model is loaded."""
    for entry in settings.INSTALLED_APPS:
        config = AppConfig.create(entry)
        apps.app_configs[config.label] = config
        config.apps = apps
    apps.apps_ready = True


def is_importable(name: str) -> bool:
    try:
        importlib.import_module(name)
    except BaseException:  # noqa: BLE001 - whatever it is, it is shown, and counts as a failure
        traceback.print_exc()
        return False
    return True


def main() -> None:
    register_apps()
    failed = [name for name in modules() if not is_importable(name)]
    sys.exit("\n".join(failed) or 0)


if __name__ == "__main__":
    main()
