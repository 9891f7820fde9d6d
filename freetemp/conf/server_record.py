"""The addresses of the servers that run with one VAR_DIR, for the commands of the same folder.

`bootstrap.py serve --lan` finds out its address when it starts, and no file of settings has it. So each server process
writes its address into a file, and holds a lock for as long as it lives. The lock tells whether the address is true: it
ends with its process, however that ends, and no number of a process can be mistaken for another's.
"""

from __future__ import annotations

import secrets
import sys
from pathlib import Path
from typing import IO

from django.core.exceptions import ImproperlyConfigured

from freetemp.conf.environment import server_url
from freetemp.conf.loopback import is_loopback

_held: list[IO[bytes]] = []  # Open until the process ends: closing a file gives its lock back.


def address(given: str, var_dir: Path, is_final: bool) -> str:
    """Return the server's address: a running server's if only this machine can reach the given one, else the given one.

    A server is started with its own address, which is final.
    """
    if is_final or not is_loopback(given):
        return given
    return running_server(var_dir) or given


def announce(var_dir: Path, url: str) -> None:
    """Record the address of this process's server until the process ends. Without room on the disk, nothing happens.

    The lock is held before the address appears, so that nobody can find an address without its lock.
    """
    folder = _folder(var_dir)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _forget_the_ended(folder)
        lock = folder / f"{secrets.token_hex(8)}.lock"
        file = lock.open("xb")
        _hold(file)
        _held.append(file)
        beside = lock.with_suffix(".new")
        beside.write_text(url, "utf-8")
        beside.replace(lock.with_suffix(".url"))
    except OSError:  # The server answers all the same, and a command then asks for its address.
        return


def running_server(var_dir: Path) -> str | None:
    """Return the address of a server that runs now, or None. Addresses in the network come first, then the newest."""
    addresses = [(not is_loopback(url), changed, url) for changed, url in _alive(_folder(var_dir))]
    return max(addresses)[2] if addresses else None


def _folder(var_dir: Path) -> Path:
    return var_dir / "servers"


def _alive(folder: Path) -> list[tuple[float, str]]:
    """Return the moment and the address of each server that runs."""
    found = []
    for path in folder.glob("*.url"):
        try:
            if _is_held(path.with_suffix(".lock")):
                found.append((path.stat().st_mtime, server_url(path.read_text("utf-8"))))
        except (OSError, ValueError, ImproperlyConfigured):  # Another user's, or just gone.
            continue
    return found


def _forget_the_ended(folder: Path) -> None:
    """Remove the files of servers that have ended."""
    for path in folder.glob("*.url"):
        lock = path.with_suffix(".lock")
        if not _is_held(lock):
            path.unlink(missing_ok=True)
            lock.unlink(missing_ok=True)


if sys.platform == "win32":
    import msvcrt

    def _hold(file: IO[bytes]) -> None:
        """Lock a file's first byte. Windows then lets no other process read it."""
        file.write(b"\0")
        file.flush()
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

    def _is_held(path: Path) -> bool:
        """Tell whether another process holds the lock: it cannot be read then."""
        try:
            path.read_bytes()
        except FileNotFoundError:
            return False
        except PermissionError:
            return True
        return False

else:
    import fcntl

    def _hold(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _is_held(path: Path) -> bool:
        """Tell whether another process holds the lock. Two that ask at once do not take each other for a server."""
        try:
            with path.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True
        return False
