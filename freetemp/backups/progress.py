"""Shows the progress of a database copy: sentences, and a bar on stderr if that is a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tqdm import tqdm

Show = Callable[[int, int], None]  # pages that are done, and pages in all


class Progress:
    """Says sentences through `write`, and shows a bar for each copy."""

    def __init__(self, write: Callable[[str], object]) -> None:
        self._write = write

    def say(self, sentence: str) -> None:
        self._write(sentence)

    @contextmanager
    def pages(self, sentence: str) -> Iterator[Show]:
        """Yield a function that moves a bar."""
        with tqdm(desc=sentence, unit=" pages", file=sys.stderr, disable=None) as bar:

            def show(done: int, total: int) -> None:
                bar.total = total
                bar.update(done - bar.n)

            yield show
