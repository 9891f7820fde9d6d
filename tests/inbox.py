"""A real mail server on this machine, and what came in."""

from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy

from aiosmtpd.controller import Controller
from django.core.mail.utils import DNS_NAME

from tests.server import free_port


class Inbox:
    """Takes mail for everybody except nobody@."""

    def __init__(self):
        self.got = []
        self.recipients = []

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if address.startswith("nobody@"):
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        self.got.append(envelope.content.decode())
        self.recipients += envelope.rcpt_tos
        return "250 OK"

    def only(self):
        """Return the one mail that came in, as its headers and its text."""
        (text,) = self.got
        mail = message_from_bytes(text.encode(), policy=policy.default)
        return mail, mail.get_content().replace("\r\n", "\n")


@contextmanager
def opened(settings, monkeypatch) -> Iterator[Inbox]:
    """Have this server send its mail by a mail server of this process."""
    inbox = Inbox()
    monkeypatch.setattr(DNS_NAME, "_fqdn", "localhost", raising=False)  # Django would ask for this machine's name.
    controller = Controller(inbox, hostname="127.0.0.1", port=free_port(), server_hostname="localhost")
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = controller.hostname, controller.port
    yield inbox
    controller.stop()
