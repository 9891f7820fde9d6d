"""What a program that sends one message says to the process that has started it: before the message leaves, it asks."""

from __future__ import annotations

import json
import sys
from typing import Any

LEAVES, GO = "leaves", "go"


def given() -> dict[str, Any]:
    """Return what the program is to send: a line of JSON."""
    return dict(json.loads(sys.stdin.readline()))


def may_leave() -> None:
    """Say that the message is about to leave, and end if nobody is there any more to note that."""
    print(json.dumps({LEAVES: True}), flush=True)  # noqa: T201 - its question
    if sys.stdin.readline().strip() != GO:
        sys.exit(1)
