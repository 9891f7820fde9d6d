"""Messages to browsers by Web Push: what is said to one, and what its push service's answer means."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.views.decorators.debug import sensitive_variables

from alerts.models import PushKey
from alerts.models.notice import TRIED_FOR
from alerts.sending import program
from alerts.sending.contact import NO_CONTACT, administrators_address
from alerts.sending.message import SENT, Leaves, Message, Outcome, at_once

MOST_BYTES = 2000  # Push services take 3993, and a telephone shows much less.
TAKEN = (200, 201, 202, 204)
GONE = (404, 410)
LOST_KEY = "The key by which this browser knows this server is not here any more: have it come by a new link."
SENTENCES = {
    **dict.fromkeys(
        GONE,
        "This browser takes no messages any more: they were blocked in it, or its data were deleted. Have it come by a "
        "new link.",
    ),
    **dict.fromkeys(
        (400, 401, 403),
        "The push service does not believe that it is this server: are its clock, and the mail address of its "
        "administrator, right?",
    ),
    413: "The push service takes no message of this length.",
    429: "The push service takes no more messages for now. It is tried again.",
}


@sensitive_variables()
def send(address: str, message: Message, leaves: Leaves = at_once) -> Outcome:
    """Send a message to a browser. `address` is a subscription with our key, as JSON. Raises EncryptionError."""
    if not address:  # It has ended, and somebody has switched it on again.
        return Outcome(SENTENCES[410], is_gone=True)
    subscription = json.loads(address)
    key = PushKey.objects.filter(public_key=subscription.pop("key")).first()
    if key is None:
        return Outcome(LOST_KEY)
    if not (sub := administrators_address()):
        return Outcome(NO_CONTACT)
    given = {
        "subscription": subscription,
        "private_key": key.private_key(),
        "contact": sub,
        "text": text_of(message),
        "topic": message.topic,
        "urgency": "high" if message.is_urgent else "normal",
        "ttl_s": TRIED_FOR // timedelta(seconds=1),
    }
    return outcome_of(program.run("push_messenger", given, leaves))


def text_of(message: Message) -> str:
    """Return what the service worker shows, cut as phones do it. It has no addresses: a touch opens the page."""
    paragraphs = message.body.split("\n\n")
    body = "\n".join(each for each in paragraphs if settings.SERVER_ORIGIN not in each)
    while True:
        told = {"title": message.subject, "body": body, "url": message.link, "tag": message.topic}
        text = json.dumps(told | {"lang": message.language}, ensure_ascii=False)
        if len(text.encode()) <= MOST_BYTES or not body:
            return text
        body = body[: len(body) * 9 // 10].rstrip("…") + "…" if len(body) > 1 else ""


def outcome_of(answer: dict[str, Any]) -> Outcome:
    """Return what the answer of push_messenger means."""
    if error := answer.get("error"):
        return Outcome(error)
    status = answer["status"]
    if status in TAKEN:
        return SENT
    sentence = SENTENCES.get(status, f"The push service answered with an error: {status}. It is tried again.")
    if 300 <= status < 400:
        sentence = "The push service sends the message elsewhere, and freetemp does not follow: look at its address."
    wait = timedelta(seconds=answer.get("retry_after_s", 0))
    return Outcome(sentence, is_gone=status in GONE, retry_after=wait)
