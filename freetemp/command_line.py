"""Paths and names in the commands that messages advise: whoever copies one gets it whole, with its spaces and signs."""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path


def quoted(path: Path) -> str:
    """Return a path as it is typed in this system's shell. One that begins with a dash is no option then."""
    return typed(str(path if not str(path).startswith("-") else path.absolute()))


def typed(text: str) -> str:
    """Return an argument as it is typed in this system's shell."""
    return subprocess.list2cmdline([text]) if os.name == "nt" else shlex.quote(text)
