"""The disk of the server under test: small, so that it can be filled, and its own, so that it can turn read-only."""

from __future__ import annotations

import contextlib
import errno
import os
import resource
import subprocess
from collections.abc import Iterable
from pathlib import Path

SIZE_BYTES = 1_500_000_000  # A sparse file: it takes what is written to it.
BLOCK = 4096


class Disk:
    """An ext4 file system in a file, if this process may mount one. `is_own` tells whether it is."""

    def __init__(self, folder: Path) -> None:
        self.image, self.folder = folder / "disk.ext4", folder / "disk"
        self.ballast = self.folder / "ballast"
        self.folder.mkdir()
        self.is_read_only = False
        self.is_own = os.geteuid() == 0 and self._make() and self._mount()

    def _make(self) -> bool:
        with self.image.open("wb") as image:
            image.truncate(SIZE_BYTES)
        return _succeeds("mkfs.ext4", "-q", "-F", "-m", "0", str(self.image))

    def _mount(self) -> bool:
        return _succeeds("mount", "-o", "loop", str(self.image), str(self.folder))

    def fill(self, pids: Iterable[int], left: int = 0) -> None:
        """Leave no room, or some bytes. Where the disk is not our own, these processes may extend no file instead."""
        if not self.is_own:
            _limit(pids, 0)
            return
        with self.ballast.open("wb") as ballast:
            step, size = SIZE_BYTES, 0
            while step >= BLOCK:
                try:
                    os.posix_fallocate(ballast.fileno(), size, step)
                    size += step
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise
                    step //= 2
            ballast.truncate(size - left)

    def empty(self, pids: Iterable[int]) -> None:
        self.ballast.unlink(missing_ok=True)
        if not self.is_own:
            _limit(pids, resource.RLIM_INFINITY)

    def turn_read_only(self) -> None:
        """Do as ext4 does after an error of its disk: writing fails from now on, also to files that are open."""
        _run("mount", "-o", "remount,abort", str(self.folder))
        self.is_read_only = True

    def repair(self) -> bool:
        """Check it and mount it again. Return False while a process has a file open on it."""
        if not _succeeds("umount", str(self.folder)):
            return False
        checked = subprocess.run(["e2fsck", "-p", str(self.image)], capture_output=True, text=True, check=False)
        assert checked.returncode in (0, 1), checked.stdout + checked.stderr
        assert self._mount()
        self.is_read_only = False
        return True

    def close(self) -> None:
        if self.is_own:
            _run("umount", "--lazy", str(self.folder))  # After a failure, a program may still have a file open.
            self.image.unlink()


def _limit(pids: Iterable[int], size: int) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def _succeeds(*command: str) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}"
