"""The cache for settings.py: the Redis of CACHE_URL, or what all processes share without one."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

REDIS = "django.core.cache.backends.redis.RedisCache"
# Seconds. A Redis that does not answer blocks a refused board's thread for no longer.
REDIS_TIMEOUTS = {"socket_connect_timeout": 1, "socket_timeout": 1}


def shared_cache(url: str, var_dir: Path, *, has_nodes: bool = False) -> dict[str, Any]:
    """Return the cache that CACHE_URL names. If it names none: a table where several nodes may share a database, or
    else a file in VAR_DIR.
    """
    if not url and has_nodes:
        return {"BACKEND": "freetemp.counter_table.TableCache", "LOCATION": "freetemp_sharedcount"}
    if not url:
        return {"BACKEND": "freetemp.counter_cache.SlotCache", "LOCATION": str(var_dir / "cache.slots")}
    try:
        named: dict[str, Any] = environ.Env.cache_url_config(url)
    except (ValueError, KeyError, ImproperlyConfigured):  # Their messages may quote a password.
        raise ImproperlyConfigured(
            "CACHE_URL cannot be read: give it like redis://127.0.0.1:6379/0. In a password, write %40 for @, "
            "%2F for / and %23 for #."
        ) from None
    if named["BACKEND"] != REDIS:
        return named
    if find_spec("redis") is None:
        raise ImproperlyConfigured(
            "CACHE_URL names a Redis, and its Python package is missing: pip install -r requirements/redis.txt"
        )
    return named | {"OPTIONS": REDIS_TIMEOUTS | named.get("OPTIONS", {})}
