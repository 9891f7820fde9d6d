"""Sends one message through one channel."""

from __future__ import annotations

import json
import subprocess
import sys

from django.conf import settings
from django.views.decorators.debug import sensitive_variables

from alerts.models import Channel
from alerts.sending import mail
from alerts.sending.message import Message, Outcome
from alerts.sending.services import MAIL
from freetemp.encryption import EncryptionError

MOST_S = 40  # for the program that sends a message; Apprise itself waits less
NO_ANSWER = "The service did not answer in time. It may have the message all the same."


@sensitive_variables()
def send(channel: Channel, message: Message) -> Outcome:
    """Send a message, and return what came of it."""
    try:
        address = channel.address()
    except EncryptionError as error:
        return Outcome(str(error))
    if channel.service == MAIL:
        return Outcome(mail.send(address, message.subject, message.body, message.message_id))
    return Outcome(_by_apprise(address, message))


@sensitive_variables()
def _by_apprise(address: str, message: Message) -> str:
    told = json.dumps({"address": address, "title": message.subject, "body": message.body, "link": message.link})
    command = [sys.executable, "-m", "alerts.sending.messenger"]
    try:
        done = subprocess.run(
            command, cwd=settings.BASE_DIR, input=told, capture_output=True, text=True, timeout=MOST_S, check=False
        )
    except subprocess.TimeoutExpired:
        return NO_ANSWER
    if done.returncode:
        return "The program that sends messages has failed: is apprise installed? pip install -r requirements/base.txt"
    return str(json.loads(done.stdout)["error"])
