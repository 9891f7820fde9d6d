"""Has PNG pictures drawn by another process, which ends when none has been wanted for a minute.

Pillow, its fonts and its pictures take 17 MB of a process, and few servers draw a picture each minute. What goes wrong
in a library of C ends the other process and no more.
"""

from __future__ import annotations

import subprocess
import sys
from functools import lru_cache
from threading import Lock
from typing import IO, cast

import msgspec
from django.conf import settings

from readings.charts.drawing_pipe import read, write
from readings.charts.link_preview_parts import Preview
from readings.charts.period_chart_parts import PeriodChart

_ATTEMPTS = 2  # It may end while it is asked.


class DrawingProcess:
    """The process, if there is one: a module that is run as a program. It draws one picture at a time."""

    def __init__(self, module: str) -> None:
        self._module = module
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def draw(self, content: Preview | PeriodChart) -> bytes:
        """Return a picture as a PNG. Raises OSError if it cannot be drawn."""
        asked = msgspec.msgpack.encode(content)
        with self._lock:
            for _ in range(_ATTEMPTS):
                drawn = self._answer(asked)
                if drawn is not None:
                    return drawn
                self._end()
        raise OSError(f"the process that draws pictures has failed: {self._module}")

    def _answer(self, asked: bytes) -> bytes | None:
        process = self._process = self._process or self._started()
        try:
            write(cast(IO[bytes], process.stdin), asked)
            return read(cast(IO[bytes], process.stdout))
        except OSError:
            return None

    def _end(self) -> None:
        if self._process:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def _started(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", self._module]
        return subprocess.Popen(command, cwd=settings.BASE_DIR, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


drawing_process = DrawingProcess("readings.charts.link_preview_png")
_period_process = DrawingProcess("readings.charts.period_chart_png")


@lru_cache(maxsize=16)
def png(preview: Preview) -> bytes:
    """Return a preview's picture of 1200 by 630 pixels. The last few are kept."""
    return drawing_process.draw(preview)


def period_png(chart: PeriodChart) -> bytes:
    """Return the picture of a chart. Raises OSError if it cannot be drawn."""
    return _period_process.draw(chart)
