"""The database for settings.py: the one of DATABASE_URL, or an SQLite file in VAR_DIR."""

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

SQLITE, POSTGRESQL = "django.db.backends.sqlite3", "django.db.backends.postgresql"
_LIKE = {
    SQLITE: "give it like sqlite:////srv/weather/freetemp.sqlite3",
    POSTGRESQL: "give it like postgresql://freetemp:password@127.0.0.1:5432/freetemp",
}


def database(url: str, var_dir: Path, base_dir: Path) -> dict[str, Any]:
    """Return the database's settings. No message has a part of the address, which holds a password."""
    if not url.strip():
        return sqlite(var_dir / "freetemp.sqlite3")
    engine = environ.Env.DB_SCHEMES.get(url.strip().partition("://")[0])
    if engine not in _LIKE:
        raise ImproperlyConfigured(f"DATABASE_URL is for neither SQLite nor PostgreSQL: {_LIKE[POSTGRESQL]}.")
    if "#" in url:
        raise ImproperlyConfigured("DATABASE_URL has a #, which ends an address: write %23 instead, and %3F for a ?.")
    try:
        return _sqlite(url.strip(), base_dir) if engine == SQLITE else _postgresql(url.strip())
    except ValueError:
        raise ImproperlyConfigured(
            f"DATABASE_URL cannot be read: {_LIKE[engine]}. In a password or a path, write %40 for @, %3A for :, %2F "
            "for /, %23 for #, %3F for ? and %25 for %."
        ) from None


def sqlite(path: Path) -> dict[str, Any]:
    """Return the settings of an SQLite file. Its path is no address, so that any character may be in it."""
    return {"ENGINE": SQLITE, "NAME": str(path)}


def earlier_place(path: Path) -> Path | None:
    """Return where freetemp 1.0 kept the SQLite file of this path if that was elsewhere, and a file is there.

    It read the path as an address, which ends at # and ?, and in which %41 is A.
    """
    earlier = Path(str(environ.Env.db_url_config(f"sqlite:///{path}")["NAME"]))
    return earlier if earlier != path and earlier.is_file() else None


def _sqlite(url: str, base_dir: Path) -> dict[str, Any]:
    """Return the settings of the file in an address. A relative path is one in the project's folder.

    Django-environ would read a + as a space, as in a form.
    """
    parts = urlsplit(url)
    path = unquote(parts.path.removeprefix("/"))
    if parts.netloc or not path or "/" in parts.query:
        raise ValueError("no path after three slashes, or a question mark in it")
    options: dict[str, Any] = environ.Env.db_url_config(url)
    return options | sqlite(base_dir / path)


def _postgresql(url: str) -> dict[str, Any]:
    config: dict[str, Any] = environ.Env.db_url_config(url)
    if not config["NAME"]:
        raise ValueError("no name of a database")
    options = config.get("OPTIONS", {})
    if options.get("prepare_threshold") == "None":  # django-environ leaves it a text.
        options["prepare_threshold"] = None
    return config
