"""What a look has found is written afterwards, in one short transaction: looking holds no lock."""

from __future__ import annotations

from collections.abc import Callable

Write = Callable[[], object]
