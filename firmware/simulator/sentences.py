"""A simulated board's output as sentences: a board prints for its maker, and has no memory for more."""

from __future__ import annotations

import ast
import json
import re

_ANSWER = re.compile(r"\((\d+), (None|\d+), (b['\"].*)\)$")


def sentence(line: str, server: str) -> str:
    """Return what a printed line means; "" for an empty one. `server` is the address that the board reports to."""
    if answer := _ANSWER.match(line):
        return _answered(int(answer[1]), answer[2], answer[3], server)
    if line.startswith("no answer: "):
        reason = line.removeprefix("no answer: ")
        return f"{server} does not answer ({reason}): the readings wait on the board, which tries again."
    if line == "no WiFi":
        return "The board finds no WiFi: its readings wait, and it tries again."
    return line and f"The board prints: {line}"


def _answered(status: int, retry_after: str, printed: str, server: str) -> str:
    try:
        text = ast.literal_eval(printed).decode(errors="replace")
    except (SyntaxError, ValueError):  # The line was cut.
        text = printed
    if status == 200 and (counted := _counted(text)):
        return f"{server} has stored {counted}."
    later = "" if retry_after == "None" else f" It is asked again in {retry_after} s."
    return f"{server} answers {status}: {text.strip().rstrip('.')}.{later}"


def _counted(text: str) -> str:
    """Return a receipt's numbers in words, "" if it is none."""
    try:
        receipt = json.loads(text)
        stored, others = receipt["stored"], {"known already": receipt["duplicate"], "refused": len(receipt["rejected"])}
    except (KeyError, TypeError, ValueError):
        return ""
    words = [f"{stored} {'reading' if stored == 1 else 'readings'}"]
    return ", ".join([*words, *(f"{count} {what}" for what, count in others.items() if count)])
