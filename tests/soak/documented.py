"""The answers that docs/http-api.md and docs/nothing-lost.md promise to boards and programs."""

from __future__ import annotations

import re

from tests.crash.client import LOST, NOT_SENT, Answer
from tests.nothing_lost.tables import quotes
from tests.server import ROOT

_ROW = re.compile(r"^\| (\d{3}) \| (`.+?`(?:, `.+?`)*) \|", re.MULTILINE)
_PAGE = (ROOT / "docs/http-api.md").read_text()
LATER = {429, 503}  # They say when to come again.
# Of pages, files, pictures, the JSON API and the admin.
OF_PAGES = {200, 302, 304, 400, 403, 404, 413, 429, 503}


def _lines() -> list[re.Pattern[str]]:
    rows = [f"{status} {line}" for status, cell in _ROW.findall(_PAGE) for line in re.findall("`(.+?)`", cell)]
    return [_pattern(line) for line in [*rows, *quotes("board")] if line[:3].isdigit()]


def _pattern(line: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\d+", r"\\d+", re.escape(line).replace(r"\.\.\.", ".*")))


_LINES = _lines()


def complaint(answer: Answer, *, is_batch: bool = False) -> str:
    """Return what is wrong with an answer to a board, or an empty text."""
    is_head = answer.outcome == 405 and not answer.body
    if answer.outcome in (LOST, NOT_SENT) or (answer.outcome == 200 and is_batch) or is_head:
        return ""
    line = answer.body.decode("ascii", "backslashreplace")
    said = f"{answer.outcome} {line}"
    if not any(pattern.match(said) for pattern in _LINES):
        return f"no document has the answer {said[:200]!r}"
    return _of_waiting(answer, said)


def complaint_of_page(answer: Answer, path: str) -> str:
    """Return what is wrong with an answer to a person or a program, or an empty text."""
    if answer.outcome in (LOST, NOT_SENT):
        return ""
    said = f"{path} was answered {answer.outcome}"
    return _of_waiting(answer, said) if answer.outcome in OF_PAGES else said


def _of_waiting(answer: Answer, said: str) -> str:
    is_told = answer.headers.get("retry-after", "").isdecimal()
    return f"{said[:200]}, without Retry-After" if answer.outcome in LATER and not is_told else ""
