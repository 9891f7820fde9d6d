"""Sends one message through one channel."""

from __future__ import annotations

import json
import subprocess
import sys

from django.conf import settings
from django.views.decorators.debug import sensitive_variables

from alerts.models import Channel
from alerts.sending import mail
from alerts.sending.services import MAIL
from freetemp.encryption import EncryptionError

MOST_S = 40  # for the program that sends a message; Apprise itself waits less
NO_ANSWER = "The service did not answer in time. It may have the message all the same."


@sensitive_variables()
def send(channel: Channel, subject: str, body: str, link: str, message_id: str) -> str:
    """Send a message, and return "" or a sentence that says why it was not taken. `link` is a page to open."""
    try:
        address = channel.address()
    except EncryptionError as error:
        return str(error)
    if channel.service == MAIL:
        return mail.send(address, subject, body, message_id)
    message = json.dumps({"address": address, "title": subject, "body": body, "link": link})
    command = [sys.executable, "-m", "alerts.sending.messenger"]
    try:
        done = subprocess.run(
            command, cwd=settings.BASE_DIR, input=message, capture_output=True, text=True, timeout=MOST_S, check=False
        )
    except subprocess.TimeoutExpired:
        return NO_ANSWER
    if done.returncode:
        return "The program that sends messages has failed: is apprise installed? pip install -r requirements/base.txt"
    return str(json.loads(done.stdout)["error"])
