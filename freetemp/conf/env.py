"""The settings of the environment and of .env, with a sentence for each value that cannot be read."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

from freetemp.conf.env_file import EnvFileError, settings_in, strange_lines_in

logger = logging.getLogger(__name__)

TRUE = environ.Env.BOOLEAN_TRUE_STRINGS
FALSE = ("false", "off", "n", "no", "0", "")


class Env(environ.Env):  # type: ignore[misc]
    """django-environ's, for one .env file. The environment takes precedence.

    The environment itself stays as it is. There, old values would outlive a reload after .env has changed, and a
    program that is started from here could not tell them from its user's.
    """

    def __init__(self, file: Path) -> None:
        super().__init__()
        try:
            self.ENVIRON = settings_in(file) | os.environ
            for number in strange_lines_in(file):
                logger.warning("Line %d of %s is ignored: it is no setting. Write it like NAME=value.", number, file)
        except (EnvFileError, OSError) as error:
            raise ImproperlyConfigured(str(error)) from None

    def get_value(self, var: str, *args: Any, **options: Any) -> Any:
        """Return a value. Django-environ reads $NAME as another setting; a $ that names none is the value itself."""
        value = self.ENVIRON.get(var, "")
        if value.startswith("$") and value.lstrip("$") not in self.ENVIRON:
            return self.parse_value(value, options.get("cast"))
        return super().get_value(var, *args, **options)

    def is_of_the_environment(self, var: str) -> bool:
        """Tell whether the environment has a setting, and not only .env."""
        return bool(os.environ.get(var))

    def on_or_off(self, var: str, default: bool) -> bool:
        """Return a yes or no. Raises ImproperlyConfigured for other words, which django-environ reads as no."""
        value = str(self.get_value(var, default=str(default))).strip().lower()
        if value not in (*TRUE, *FALSE):
            raise ImproperlyConfigured(f"{var} is {value!r}: give on or off.")
        return value in TRUE

    def number(self, var: str, default: int | None, least: int = 0) -> int | None:
        """Return a whole number, or the default if there is none."""
        value = str(self.get_value(var, default="")).strip()
        if not value:
            return default
        if not (value.isascii() and value.isdecimal() and len(value) < 10 and int(value) >= least):
            raise ImproperlyConfigured(f"{var} is {value!r}: give a whole number of at least {least}.")
        return int(value)

    def words(self, var: str) -> list[str]:
        """Return what commas separate, without the spaces around it."""
        parts = str(self.get_value(var, default="")).split(",")
        return [part.strip() for part in parts if part.strip()]
