"""The mail server for settings.py: that of EMAIL_URL."""

from typing import NamedTuple

import environ
from django.core.exceptions import ImproperlyConfigured

# django-environ reads smtps:// as STARTTLS, and people mean TLS from the start: it is refused.
PORTS = {"smtp": 25, "smtp+tls": 587, "smtp+ssl": 465}


class MailServer(NamedTuple):
    """Django's settings of these names. Without a server the host is empty."""

    host: str = ""
    port: int = 25
    user: str = ""
    password: str = ""
    use_tls: bool = False
    use_ssl: bool = False


def mail_server(url: str) -> MailServer:
    """Return the server that EMAIL_URL names, or none if it is empty."""
    if not url:
        return MailServer()
    scheme = url.partition("://")[0]
    try:
        named = environ.Env.email_url_config(url) if scheme in PORTS else {}
    except (ValueError, KeyError):  # Their messages may quote a password.
        named = {}
    if not named.get("EMAIL_HOST"):
        raise ImproperlyConfigured(
            "EMAIL_URL cannot be read: give it like smtp+tls://user:password@mail.example:587, or smtp+ssl:// for "
            "port 465. In a user name or a password, write %40 for @, %2F for / and %23 for #."
        )
    user, password = named["EMAIL_HOST_USER"] or "", named["EMAIL_HOST_PASSWORD"] or ""
    port = named["EMAIL_PORT"] or PORTS[scheme]
    return MailServer(named["EMAIL_HOST"], port, user, password, scheme == "smtp+tls", scheme == "smtp+ssl")
