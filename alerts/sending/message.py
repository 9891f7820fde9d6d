"""A message on its way to a service, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import NamedTuple


class Rich(NamedTuple):
    """What a letter has beside its text: HTML that shows its PNG pictures by “cid:” and their names.

    `ends_at` is the address that ends such letters.
    """

    html: str
    pictures: Sequence[tuple[str, bytes]]
    ends_at: str


class Message(NamedTuple):
    """A notice as it is sent: `link` is the page that a touch on it opens.

    Of messages with the same topic, a phone shows the last one. A message that is urgent wakes it.
    """

    subject: str
    body: str
    link: str
    message_id: str
    language: str = "en-gb"
    topic: str = ""
    is_urgent: bool = False
    rich: Rich | None = None  # for mail


class Outcome(NamedTuple):
    """Why a message was not taken, as a sentence, or "" if it was.

    `is_gone`: the address will never take one again. `retry_after`: for how long the service wants to be left alone.
    """

    trouble: str = ""
    is_gone: bool = False
    retry_after: timedelta = timedelta()


SENT = Outcome()
# Called when a message is about to leave: from then on it may come, whatever happens to this process.
Leaves = Callable[[], None]


def at_once() -> None:
    """Note nothing of a message that leaves."""
