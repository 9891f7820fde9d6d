"""A message on its way to a service, and what came of it."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple


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


class Outcome(NamedTuple):
    """Why a message was not taken, as a sentence, or "" if it was.

    `is_gone`: the address will never take one again. `retry_after`: for how long the service wants to be left alone.
    """

    trouble: str = ""
    is_gone: bool = False
    retry_after: timedelta = timedelta()


SENT = Outcome()
