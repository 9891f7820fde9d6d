"""Runs a program that sends one message, and ends: what it loads never is in the process that keeps the watch."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from django.conf import settings
from django.views.decorators.debug import sensitive_variables

MOST_S = 40  # A program itself waits less.
NO_ANSWER = "The service did not answer in time. It may have the message all the same."
FAILED = "The program that sends messages has failed: is a package missing? pip install -r requirements/base.txt"


@sensitive_variables()
def run(module: str, given: dict[str, Any]) -> dict[str, Any]:
    """Return what a program of alerts.sending answers, or {"error": ...}. No list of processes shows what is given."""
    command = [sys.executable, "-m", f"alerts.sending.{module}"]
    try:
        done = subprocess.run(
            command,
            cwd=settings.BASE_DIR,
            input=json.dumps(given),
            capture_output=True,
            text=True,
            timeout=MOST_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {"error": NO_ANSWER}
    return {"error": FAILED} if done.returncode else dict(json.loads(done.stdout))
