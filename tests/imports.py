"""Imports each module of the apps first in a process of its own: `python -m tests.imports`. It prints those that fail.

Django loads all models before anything else, which hides a circle of imports until a program starts elsewhere. So
nothing of ours is loaded here before the module itself.
"""

from __future__ import annotations

import importlib
import os
import sys
import traceback
from pathlib import Path

from django.apps import AppConfig, apps
from django.conf import settings

ROOT = Path(__file__).parent.parent
APPS = ("freetemp", "stations", "readings", "firmware")
# Programs of the board and its simulator run in MicroPython. The module that gunicorn loads sets Django up itself.
ELSEWHERE = ("firmware/device/", "firmware/simulator/hardware/", "freetemp/wsgi.py")
# Third-party modules that load slowly: they are loaded once for all.
COMMON = ("django.contrib.admin", "django.contrib.auth.admin", "drf_spectacular.views", "rest_framework.views")


def modules() -> list[str]:
    """Return the dotted names of all modules of the apps."""
    paths = sorted(path.relative_to(ROOT) for app in APPS for path in (ROOT / app).rglob("*.py"))
    ours = [path for path in paths if not path.as_posix().startswith(ELSEWHERE)]
    return [".".join(path.with_suffix("").parts).removesuffix(".__init__") for path in ours]


def register_apps() -> None:
    """Do the first third of django.setup(): the apps are known, but no model is loaded."""
    for entry in settings.INSTALLED_APPS:
        config = AppConfig.create(entry)
        apps.app_configs[config.label] = config
        config.apps = apps
    apps.apps_ready = True


def is_importable_first(name: str) -> bool:
    """Import a module in a child of this process, which has loaded none of our modules."""
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1] == 0
    try:
        importlib.import_module(name)
    except BaseException:  # noqa: BLE001 - whatever it is, it is shown, and this process ends here
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def main() -> None:
    register_apps()
    for name in COMMON:
        importlib.import_module(name)
    failed = [name for name in modules() if not is_importable_first(name)]
    sys.exit("\n".join(failed) or 0)


if __name__ == "__main__":
    main()
