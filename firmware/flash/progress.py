"""Progress of a flash: a bar for each of its steps, or a line for each without a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tqdm import tqdm

STEPS = 4
FORMAT = "{desc} {percentage:3.0f}% |{bar:30}| {elapsed}{postfix}"


class Step:
    """One step in progress."""

    def __init__(self, bar: tqdm[Any]) -> None:
        self._bar = bar
        self.result = "done"

    def percent(self, percent: float) -> None:
        """Show how far it is. It never goes back."""
        if percent > self._bar.n:
            self._bar.update(min(percent, 100.0) - self._bar.n)

    def part(self, start: float, end: float) -> Callable[[float], None]:
        """Return a callback for the progress of a part, shown between two percentages of the whole."""
        return lambda percent: self.percent(start + (end - start) * percent / 100)


class Progress:
    """Shows steps on stderr, and as lines through `write` if stderr is not a terminal."""

    def __init__(self, write: Callable[[str], object]) -> None:
        self._write = write
        self._number = 0

    @contextmanager
    def step(self, title: str) -> Iterator[Step]:
        self._number += 1
        name, began_s = f"{self._number}/{STEPS} {title:<6}", time.monotonic()
        bar: tqdm[Any] = tqdm(total=100, desc=name, bar_format=FORMAT, file=sys.stderr, disable=None)
        is_shown = not bar.disable  # Read first, since closing the bar changes it.
        with bar:
            step = Step(bar)
            yield step
            step.percent(100)
            bar.set_postfix_str(step.result)
        if not is_shown:
            self._write(f"{name} {step.result} ({time.monotonic() - began_s:.1f} s)")

    def say(self, sentence: str) -> None:
        """Print an instruction for the person at the board, above the bars."""
        with tqdm.external_write_mode(file=sys.stderr):
            self._write(sentence)
