"""Runs a program that sends one message, and ends: what it loads never is in the process that keeps the watch."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from typing import IO, Any

from django.conf import settings
from django.views.decorators.debug import sensitive_variables

from alerts.sending.leave import GO, LEAVES
from alerts.sending.message import Leaves, at_once

MOST_S = 40  # A program itself waits less.
NO_ANSWER = "The service did not answer in time. It may have the message all the same."
FAILED = "The program that sends messages has failed: is a package missing? pip install -r requirements/base.txt"


@sensitive_variables()
def run(module: str, given: dict[str, Any], leaves: Leaves = at_once) -> dict[str, Any]:
    """Return what a program of alerts.sending answers, or {"error": ...}. No list of processes shows what is given.

    The program waits for `leaves` before its message leaves. If this process ends, or `leaves` raises, so does it.
    """
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    command = [sys.executable, "-m", f"alerts.sending.{module}"]
    with subprocess.Popen(command, cwd=settings.BASE_DIR, text=True, **pipes) as process:
        late = threading.Timer(MOST_S, process.kill)
        late.start()
        try:
            assert process.stdin is not None  # noqa: S101
            assert process.stdout is not None  # noqa: S101
            answer = _talk(process.stdin, process.stdout, given, leaves)
        finally:
            is_late = late.finished.is_set()
            late.cancel()
    if answer is None:
        return {"error": NO_ANSWER if is_late else FAILED}
    return answer


@sensitive_variables()
def _talk(to: IO[str], of: IO[str], given: dict[str, Any], leaves: Leaves) -> dict[str, Any] | None:
    try:
        print(json.dumps(given), file=to, flush=True)
        for line in of:
            answer = dict(json.loads(line))
            if LEAVES not in answer:
                return answer
            leaves()
            print(GO, file=to, flush=True)
    except BrokenPipeError:  # It has ended before it was asked for anything.
        return None
    return None
