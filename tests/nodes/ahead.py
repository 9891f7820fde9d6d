"""The application of a node whose clock is AHEAD_S seconds ahead of all others."""

import os
import time
from datetime import UTC, datetime, timedelta

from django.utils import timezone

AHEAD_S = int(os.environ["AHEAD_S"])
true_s, true_ns = time.time, time.time_ns

time.time = lambda: true_s() + AHEAD_S
time.time_ns = lambda: true_ns() + AHEAD_S * 1_000_000_000
timezone.now = lambda: datetime.now(UTC) + timedelta(seconds=AHEAD_S)

from freetemp.wsgi import application  # noqa: E402 - it may remember the time

__all__ = ["application"]
