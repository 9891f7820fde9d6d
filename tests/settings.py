"""The project's settings for tests, independent of this machine's .env and of the folder."""

import os
import tempfile
from pathlib import Path

SCRATCH = tempfile.mkdtemp(prefix="freetemp-tests-")
Path(SCRATCH, "static").mkdir()

os.environ |= {
    "SECRET_KEY": "the tests' own key, which protects nothing: 0123456789abcdef",
    "ENCRYPTION_KEYS": "dGhlIHRlc3RzJyBvd24ga2V5LCBwcm90ZWN0cyBubyE=",
    "SERVER_URL": "http://127.0.0.1:8000",
    "DEBUG": "off",
    "ALLOWED_HOSTS": "testserver",
    "TRUSTED_PROXIES": "",
    "STATION_TIME_ZONE": "UTC",
    "METRICS_TOKEN": "",
    "MAP_TILES_URL": "",
    "MAP_ATTRIBUTION": "",
    "VAR_DIR": SCRATCH,
}
os.environ.setdefault("DATABASE_URL", f"sqlite:///{SCRATCH}/freetemp.sqlite3")

from freetemp.conf.cache_url import shared_cache  # noqa: E402
from freetemp.settings import *  # noqa: E402, F403
from freetemp.settings import DATABASES, STORAGES  # noqa: E402

# A file, not memory: WAL, other threads and other processes work as in production.
if DATABASES["default"]["ENGINE"] == "freetemp.sqlite":
    DATABASES["default"]["TEST"] = {"NAME": str(Path(SCRATCH) / "test.sqlite3")}
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Also on PostgreSQL, whose table tests/nodes has: it is emptied between two tests, also of those without a database.
CACHES = {"default": shared_cache("", Path(SCRATCH))}
