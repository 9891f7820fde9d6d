"""A throw-away PostgreSQL: `python -m tests.postgresql -- COMMAND...` runs a command with its DATABASE_URL."""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from freetemp.installation import foreground

# No fsync, no copy of pages for a crash, nothing for a second server, no statistics: an eighth of the processor's time.
NOTHING_LASTS = (
    "-F -c full_page_writes=off -c synchronous_commit=off -c wal_level=minimal -c max_wal_senders=0 -c autovacuum=off"
)


def programs() -> Path | None:
    """Return the folder of the newest PostgreSQL's server programs: Debian keeps them off the PATH."""
    if (on_path := shutil.which("pg_ctl")) and shutil.which("initdb"):
        return Path(on_path).parent
    found = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    return max((path.parent for path in found), key=lambda folder: float(folder.parent.name), default=None)


@contextlib.contextmanager
def cluster() -> Iterator[str]:
    """Yield the DATABASE_URL of a fresh cluster, which listens only on a socket in its own folder."""
    folder = programs()
    if folder is None:
        sys.exit("There is no PostgreSQL server here: on Debian and Ubuntu, sudo apt install postgresql")
    with tempfile.TemporaryDirectory(prefix="freetemp-") as directory:
        data, owner = f"{directory}/data", give_away(directory)
        options = f"-k {directory} -c listen_addresses= {NOTHING_LASTS}"
        run(folder / "initdb", "-D", data, "-U", "freetemp", "-A", "trust", "-E", "UTF8", "--no-locale", "-N", **owner)
        run(folder / "pg_ctl", "start", "-w", "-D", data, "-l", f"{directory}/log", "-o", options, **owner)
        try:
            yield f"postgresql://freetemp@/{directory}/postgres"
        finally:
            run(folder / "pg_ctl", "stop", "-w", "-m", "immediate", "-D", data, **owner)


def give_away(directory: str) -> dict[str, Any]:
    """Return the user that runs PostgreSQL, which refuses root, after giving it the directory."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return {}
    shutil.chown(directory, "nobody")
    return {"user": "nobody", "cwd": directory}


def run(*command: str | Path, **options: Any) -> None:
    subprocess.run(list(map(str, command)), check=True, stdout=subprocess.DEVNULL, **options)


def main() -> int:
    command = sys.argv[2:] if sys.argv[1:2] == ["--"] else sys.argv[1:]
    with cluster() as url:
        return foreground(*command, env={**os.environ, "DATABASE_URL": url})


if __name__ == "__main__":
    sys.exit(main())
