"""Sends one message through one channel."""

from __future__ import annotations

from django.views.decorators.debug import sensitive_variables

from alerts.models import Channel
from alerts.sending import mail, program, push
from alerts.sending.message import Leaves, Message, Outcome, at_once
from alerts.sending.services import MAIL, PHONE
from freetemp.encryption import EncryptionError


@sensitive_variables()
def send(channel: Channel, message: Message, leaves: Leaves = at_once) -> Outcome:
    """Send a message, and return what came of it. `leaves` is called as late as can be before it may come."""
    try:
        address = channel.address()
        if channel.service == PHONE:
            return push.send(address, message, leaves)
    except EncryptionError as error:
        return Outcome(str(error))
    if channel.service == MAIL:
        return Outcome(mail.send(address, message, leaves))
    return _by_apprise(address, message, leaves)


@sensitive_variables()
def _by_apprise(address: str, message: Message, leaves: Leaves) -> Outcome:
    given = {"address": address, "title": message.subject, "body": message.body, "link": message.link}
    return Outcome(str(program.run("messenger", given, leaves)["error"]))
