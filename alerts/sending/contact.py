"""The mail address at which a push service reaches whoever runs this server (RFC 8292, 2.1)."""

from __future__ import annotations

from email.utils import parseaddr

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

NO_CONTACT = (
    "Push services want a mail address of whoever runs this server, and Apple's takes no message without one: give an "
    "administrator a mail address (Users), or set MAIL_FROM (docs/settings.md)."
)


def administrators_address() -> str:
    """Return an administrator's mail address, or that of MAIL_FROM, or "" if there is none on the internet."""
    administrators = get_user_model().objects.filter(is_superuser=True, is_active=True).order_by("pk")
    addresses = [*administrators.values_list("email", flat=True), parseaddr(settings.MAIL_FROM)[1]]
    return next((address for address in addresses if _is_reached_from_elsewhere(address)), "")


def _is_reached_from_elsewhere(address: str) -> bool:
    """Tell whether an address has a domain with a dot. Apple refuses the others, such as root@localhost."""
    try:
        validate_email(address)
    except ValidationError:
        return False
    domain = address.rpartition("@")[2]
    return "." in domain and not domain.startswith("[")
